// SPDX-License-Identifier: GPL-3.0-or-later
//
// keys.mjs: the main jobs by keyboard alone: a notice with a deadline taken over, a notice closed with its outcome, an
// import pasted, looked at and landed, the gap of a situation made a measure, and the leader's sheet by P. Nothing here
// clicks or sets the focus. At each stop of Tab the focus can be seen; after each act and each dialog it stands
// where one would go on, never on nothing.
//
// usage: node tests/browser/keys.mjs          TAP on stdout; needs Chromium and a built program, else skips
import { check, finish, go, missing, openPage, picture, settle, startBrowser, startServer, text, wide } from './browser.mjs'

const lack = missing()
if (lack !== undefined) {
  console.log(`ok - keys # SKIP ${lack}`)
  process.exit(0)
}
const complaints = []
const server = await startServer()
const { browser, stop } = await startBrowser()
const unseen = new Set()

async function enter(name) {
  const page = await openPage(browser, server.url, { language: 'en', size: wide }, complaints)
  await page.evaluateOnNewDocument(() => { window.printed = 0; window.print = () => { window.printed++ } })
  await page.goto(server.url + '/signin', { waitUntil: 'load' })
  await page.waitForFunction(() => document.activeElement?.id === 'name', { timeout: 10_000 })
  await page.keyboard.type(name)
  await page.keyboard.press('Tab')
  await page.keyboard.type('levee-demo-2020')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.frame', { timeout: 10_000 })
  await settle(page)
  return page
}

// What has the focus, in words; and whether one sees that it has.
const here = page => page.evaluate(() => {
  const at = document.activeElement ?? document.body
  const frames = [at, ...['.ant-select', '.ant-input-affix-wrapper', '.file'].map(wrapper => at.closest(wrapper))].filter(one => one !== null)
  const isSeen = frames.some(one => { const style = getComputedStyle(one); return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || (one.matches('.ant-input, .ant-select, .ant-input-affix-wrapper') && style.boxShadow !== 'none') || (at.matches('.area') && style.stroke !== 'none') })
  const words = [at.getAttribute('aria-label'), at.labels?.[0]?.textContent, at.textContent].find(said => said !== null && said !== undefined && said.trim() !== '') ?? ''
  const box = at.getBoundingClientRect()
  return { tag: at.tagName, type: at.getAttribute('type') ?? '', role: at.getAttribute('role') ?? '', words: words.trim().slice(0, 80), name: `${at.tagName}.${at.getAttribute('class') ?? ''} ${words.trim().slice(0, 40)}`, isSeen: isSeen && box.width > 0 && box.height > 0, isNothing: at === document.body }
})

const stands = (page, wanted) => page.evaluate(({ within, selector, words }) => {
  const at = document.activeElement ?? document.body
  const said = [at.getAttribute('aria-label'), at.labels?.[0]?.textContent, at.textContent].filter(one => one !== null && one !== undefined).join(' ')
  return at !== document.body && (within === undefined || at.closest(within) !== null) && (selector === undefined || at.matches(selector)) && (words === undefined || said.includes(words))
}, wanted)

// Tab until what is wanted has the focus.
async function tabTo(page, wanted, limit = 120) {
  for (let i = 0; i < limit; i++) {
    await page.keyboard.press('Tab')
    const at = await here(page)
    if (!at.isNothing && !at.isSeen) unseen.add(at.name)
    if (await stands(page, wanted)) return
  }
  check(`Tab reaches ${JSON.stringify(wanted)}`, false, (await here(page)).name)
}

async function press(page, key) {
  await page.keyboard.press(key)
  await settle(page)
}

// Enter leads to another page; a busy machine takes its time.
async function follow(page, wanted) {
  await page.keyboard.press('Enter')
  const isThere = await page.waitForFunction(pattern => new RegExp(pattern).test(location.pathname), { timeout: 10_000 }, wanted.source).then(() => true, () => false)
  await settle(page)
  return isThere
}

// In a choice that has the focus: down until the words stand there, then Enter.
async function choose(page, words) {
  const isOpen = wanted => page.waitForFunction(open => document.activeElement?.getAttribute('aria-expanded') === String(open), { timeout: 5000 }, wanted)
  await page.keyboard.press('ArrowDown')
  await isOpen(true)
  for (let i = 0; i < 40; i++) {
    await settle(page)
    const active = await page.$$eval('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option-active', found => found.map(one => one.textContent).join())
    if (active.includes(words)) break
    await page.keyboard.press('ArrowDown')
  }
  await page.keyboard.press('Enter')
  await isOpen(false)
}

const opened = page => page.waitForSelector('dialog[open] form', { timeout: 5000 }).then(() => true, () => false)
const closed = page => page.waitForFunction(() => document.querySelector('dialog[open]') === null, { timeout: 10_000 }).then(() => true, () => false)
const said = (page, words) => page.waitForFunction(wanted => new RegExp(wanted).test(document.querySelector('main').innerText), { timeout: 10_000 }, words).then(() => true, () => false)
// The answer of the server may take what had the focus away a moment later.
async function keeps(page, name, wanted = {}) {
  await page.waitForNetworkIdle({ idleTime: 300, timeout: 10_000 }).catch(() => {})
  await settle(page)
  check(`the focus stays: ${name}`, await stands(page, wanted), (await here(page)).name)
}

async function nextMorning(page, wanted) {
  await page.keyboard.press('n')
  await page.waitForFunction(day => document.querySelector('.band-replay time')?.getAttribute('datetime').startsWith(day) && document.querySelector('.band-replay')?.getAttribute('aria-busy') !== 'true', { timeout: 60_000 }, wanted)
  await settle(page)
}

// ---- A notice is closed with its outcome ------------------------------------------------------------------------------
const lindi = await enter('lindi')
await tabTo(lindi, { within: '.menu', words: 'Notices' })
await follow(lindi, /\/notices$/)
await tabTo(lindi, { within: '.list td.first', selector: 'a' })
await press(lindi, 'ArrowDown')
await press(lindi, 'ArrowUp')
check('close: Enter opens the notice', await follow(lindi, /\/notices\/21-\d+/), lindi.url())
await keeps(lindi, 'a list has led to a page')
await tabTo(lindi, { within: '.acts', words: 'Close' })
await lindi.keyboard.press('Enter')
check('close: its form opens at its first question', (await opened(lindi)) && (await stands(lindi, { selector: 'dialog [type=radio]' })), (await here(lindi)).name)
await lindi.keyboard.press('ArrowDown')
check('close: arrows choose the outcome', /did not happen/i.test((await here(lindi)).words), (await here(lindi)).words)
await tabTo(lindi, { selector: 'dialog textarea' }, 6)
await lindi.keyboard.type('Every wage was paid by the 21st.')
await picture(lindi, 'keys-close.en.1440')
await tabTo(lindi, { selector: 'dialog [type=submit]' }, 6)
await lindi.keyboard.press('Enter')
check('close: closed, with its outcome and its reason', (await closed(lindi)) && (await said(lindi, 'did not happen[\\s\\S]*Every wage was paid by the 21st')), await text(lindi))
await keeps(lindi, 'a closed notice has no acts', { within: 'main' })
await picture(lindi, 'keys-closed.en.1440')

// ---- An import: pasted, looked at, landed -----------------------------------------------------------------------------
await lindi.browserContext().overridePermissions(server.url, ['clipboard-read', 'clipboard-write', 'clipboard-sanitized-write'])
await lindi.evaluate(() => navigator.clipboard.writeText('division\tperiod\tvalue\n219901\t2020-07-20\t3\n219902\t2020-07-20\t4\n'))
await tabTo(lindi, { within: '.menu', words: 'Data import' })
await follow(lindi, /\/import$/)
await tabTo(lindi, { selector: '[role=combobox]', words: 'Indicator' })
await choose(lindi, 'Messages about unpaid wages')
await tabTo(lindi, { within: 'form', selector: '[role=combobox]' }, 1)
await choose(lindi, 'imulated')
await tabTo(lindi, { selector: '#source' }, 1)
await lindi.keyboard.type('by keyboard')
await tabTo(lindi, { selector: '[type=file]' }, 3)
await tabTo(lindi, { selector: '#body' }, 1)
await lindi.keyboard.down('Control')
await lindi.keyboard.press('KeyV', { commands: ['paste'] })
await lindi.keyboard.up('Control')
check('import: what was copied is pasted', (await lindi.$eval('#body', area => area.value)).startsWith('division\tperiod'), await lindi.$eval('#body', area => area.value))
await tabTo(lindi, { within: 'form', selector: '[type=submit]' }, 2)
await lindi.keyboard.press('Enter')
check('import: looked at before it lands', await said(lindi, '219902'), await text(lindi))
await tabTo(lindi, { within: 'form', words: 'Land' }, 4)
await picture(lindi, 'keys-import.en.1440')
await lindi.keyboard.press('Enter')
check('import: landed', await lindi.waitForSelector('section a[href*="/series"]', { timeout: 15_000 }).then(() => true, () => false), await text(lindi))
await keeps(lindi, 'a form has given way to its outcome', { selector: 'main' })
await tabTo(lindi, { within: 'main', words: 'Import' }, 4)
await press(lindi, 'Enter')
await keeps(lindi, 'the form is there again', { selector: 'main' })
await tabTo(lindi, { selector: '[role=combobox]', words: 'Indicator' }, 4)

// ---- A notice with a deadline is taken over ---------------------------------------------------------------------------
const province = await enter('province')
await nextMorning(province, '2020-07-23')
const dalian = await enter('dalian')
await tabTo(dalian, { within: '.menu', words: 'Today' })
await follow(dalian, /\/today$/)
await tabTo(dalian, { selector: '[data-line]', words: 'Dalian' })
await follow(dalian, /\/notices\/21-\d+/)
check('take over: the notice says until when', (await dalian.$$eval('.facts .deadline time', times => times.map(time => time.getAttribute('datetime')).join())).startsWith('2020-07-2'), await text(dalian))
await tabTo(dalian, { within: '.acts', words: 'Take over' })
await dalian.keyboard.press('Enter')
await opened(dalian)
await dalian.keyboard.press('Escape')
await closed(dalian)
await keeps(dalian, 'Escape gives it back to the button', { within: '.acts', words: 'Take over' })
await dalian.keyboard.press('Enter')
await opened(dalian)
check('take over: nothing is asked, so its form opens at its button', await stands(dalian, { selector: 'dialog [type=submit]' }), (await here(dalian)).name)
await dalian.keyboard.press('Enter')
check('take over: taken over', (await closed(dalian)) && (await said(dalian, 'taken over')), await text(dalian))
await keeps(dalian, 'the next act stands where the one that is done stood', { within: '.acts', words: 'Judge' })
await picture(dalian, 'keys-taken-over.en.1440')

// ---- The gap becomes a measure ----------------------------------------------------------------------------------------
for (const day of ['24', '25', '26', '27', '28', '29']) await nextMorning(province, `2020-07-${day}`)
await go(dalian, server.url, '/situations')
await tabTo(dalian, { within: '.list td.first', words: 'Dalian' })
await press(dalian, 'Enter')
await tabTo(dalian, { within: '.earlier', selector: 'button' })
await dalian.keyboard.press('Enter')
check('measure: its form opens at its first question', (await opened(dalian)) && (await stands(dalian, { selector: 'dialog textarea' })), (await here(dalian)).name)
await dalian.keyboard.down('Control')
await dalian.keyboard.press('KeyA', { commands: ['selectAll'] })
await dalian.keyboard.up('Control')
await dalian.keyboard.type('Cold-chain plants report absence every morning.')
await tabTo(dalian, { selector: 'dialog [role=combobox]' }, 2)
await choose(dalian, 'health')
await picture(dalian, 'keys-measure.en.1440')
await tabTo(dalian, { selector: 'dialog [type=submit]' }, 8)
await dalian.keyboard.press('Enter')
check('measure: it stands in the situation with its office', (await closed(dalian)) && (await said(dalian, 'Cold-chain plants report absence every morning\\.\\s*\\S[^\\n]*health')), await text(dalian))
await keeps(dalian, 'a dialog gives it back', { within: '.earlier', selector: 'button' })

// ---- P: the leader's sheet on the overview, the page itself elsewhere ---------------------------------------------------
const leader = await enter('leader')
const printed = page => page.evaluate(() => window.printed)
await tabTo(leader, { within: '.foot-line', selector: 'a' })
await leader.keyboard.press('p')
check('P prints', (await printed(leader)) === 1)
await leader.emulateMediaType('print')
const sheet = await leader.evaluate(() => ({ sheet: document.querySelector('.sheet')?.innerText ?? '', isShown: getComputedStyle(document.querySelector('.sheet')).display !== 'none', isPageHidden: getComputedStyle(document.querySelector('.menu')).display === 'none' }))
check('P prints the leader\'s sheet: the matters, who answers, what slipped, the minutes asked', sheet.isShown && sheet.isPageHidden && /Dalian/.test(sheet.sheet) && /health office/.test(sheet.sheet) && /slipped/i.test(sheet.sheet) && /minutes/i.test(sheet.sheet), sheet.sheet)
await leader.emulateMediaType(null)
await leader.keyboard.press('/')
await leader.keyboard.type('p')
check('P typed into a field is a letter', (await printed(leader)) === 1 && (await stands(leader, { selector: '[type=search]' })))
await leader.keyboard.press('Escape')
await tabTo(leader, { within: '.menu', words: 'Situations' })
await follow(leader, /\/situations$/)
await leader.keyboard.press('p')
check('P prints the page elsewhere', (await printed(leader)) === 2)

check('the focus can be seen wherever Tab has been', unseen.size === 0, [...unseen].join('\n'))
check('no console complains', complaints.length === 0, complaints.join('\n'))
await stop()
await server.stop()
finish()
