// SPDX-License-Identifier: GPL-3.0-or-later
//
// walk.mjs: the story's script in a real browser, morning by morning, in both languages and both widths. On each page that
// is opened: axe finds nothing, nothing is wider than the screen, and at the end no console has complained. The pictures in
// BUILD/pictures are there to be looked at.
//
// usage: node tests/browser/walk.mjs          TAP on stdout; needs Chromium and a built program, else skips
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { axe, check, finish, go, isTooWide, missing, openPage, phone, picture, pictures, program, settle, startBrowser, startServer, text, wide } from './browser.mjs'

const lack = missing()
if (lack !== undefined) {
  console.log(`ok - browser # SKIP ${lack}`)
  process.exit(0)
}

const password = 'levee-demo-2020'
const faces = ['zh-CN', 'en'].flatMap(language => [{ language, size: wide }, { language, size: phone }])
const nameOf = face => `${face.language} ${face.size.width}`
const complaints = []
const server = await startServer()
const { browser, stop } = await startBrowser()

async function signIn(page, name) {
  await page.goto(server.url + '/signin', { waitUntil: 'load' })
  await page.waitForSelector('#name')
  await page.type('#name', name)
  await page.keyboard.press('Tab')
  await page.keyboard.type(password)
  await page.keyboard.press('Enter')
  await page.waitForSelector('.frame', { timeout: 10_000 })
  await settle(page)
}

// Nobody has typed anything yet on the pages that are looked at: an English page has no Chinese character, a Chinese page no
// three English words on end. The frame is left out (REPLAY 回放 stands there in both), and so are commands and entries.
function wordsOfTheOtherLanguage(language) {
  const foreign = language === 'en' ? /\p{Script=Han}/u : /[A-Za-z]{2,}[ ,]+[A-Za-z]{2,}[ ,]+[A-Za-z]{2,}/
  return [...document.querySelectorAll('main *')].filter(one => one.closest('pre, code, .sheet, .band, [lang]') === null).flatMap(one => [...one.childNodes]).filter(node => node.nodeType === Node.TEXT_NODE && foreign.test(node.data)).map(node => node.data.slice(0, 160))
}

async function look(page, face, name, hasAxe = true) {
  await picture(page, `${name}.${face.language}.${face.size.width}`)
  if (await isTooWide(page)) check(`${name} fits ${nameOf(face)}`, false, 'the page is wider than the screen')
  const raw = await page.evaluate(() => [...document.querySelectorAll('main *')].filter(one => one.closest('pre') === null && one.childElementCount === 0 && /\{"|\{\{|\b(ui|notice|step|doubt|situation)\.[a-z_]+\b|undefined|\bNaN\b/.test(one.textContent)).map(one => one.textContent.slice(0, 120)))
  if (raw.length > 0) check(`${name} shows words only, ${nameOf(face)}`, false, raw.join('\n'))
  const foreign = await page.evaluate(wordsOfTheOtherLanguage, face.language)
  if (foreign.length > 0) check(`${name} speaks one language, ${nameOf(face)}`, false, foreign.join('\n'))
  if (!hasAxe) return
  const found = await axe(page)
  check(`axe: ${name} ${nameOf(face)}`, found.length === 0, found.join('\n'))
}

const dayOf = page => page.$eval('.band-replay time', time => time.getAttribute('datetime').slice(0, 10))

// Key N, then wait until the morning has landed and been judged.
async function nextMorning(page, wanted) {
  await page.evaluate(() => document.activeElement?.blur())
  await page.keyboard.press('n')
  await page.waitForFunction(day => document.querySelector('.band-replay time')?.getAttribute('datetime').startsWith(day) && document.querySelector('.band-replay')?.getAttribute('aria-busy') !== 'true', { timeout: 60_000 }, wanted)
  await settle(page)
}

const pages = {}
for (const face of faces) {
  const page = await openPage(browser, server.url, face, complaints)
  pages[nameOf(face)] = page
  await page.goto(server.url + '/signin', { waitUntil: 'load' })
  await page.waitForSelector('#name')
  const said = await text(page)
  check(`sign-in says what may be worked on, ${nameOf(face)}`, said.includes(face.language === 'en' ? 'For unclassified internal work' : '仅限非涉密内部工作'), said)
  await look(page, face, '00-signin')
  await signIn(page, 'province')
}
const zh = pages['zh-CN 1440']
const en = pages['en 1440']

async function everyFace(work) {
  for (const face of faces) await work(pages[nameOf(face)], face)
}

// 22 July: calm.
check('the replay opens on 22 July', (await dayOf(zh)) === '2020-07-22', await dayOf(zh))
await everyFace(async (page, face) => {
  await go(page, server.url, '/')
  await look(page, face, '22-overview')
  check(`REPLAY stands in the frame, ${nameOf(face)}`, (await text(page)).includes('REPLAY'))
})
check('22 July: one quiet worry in Lindi, hatched and called simulated', (await en.$$eval('.matter.is-simulated', found => found.map(one => one.textContent).join(' '))).includes('simulated'), await text(en))
check('22 July: Dalian is calm, and says since when', (await en.$$eval('.place-row', rows => rows.map(row => row.innerText.replace(/\s+/g, ' ')).join('\n'))).includes('Dalian no rise since 2 April'), await text(en))
check('22 July: nothing about a case in Dalian', !(await en.$$eval('.matter', found => found.map(one => one.textContent).join(' '))).includes('Dalian'))

// 23 July: one case.
await nextMorning(zh, '2020-07-23')
await everyFace(async (page, face) => {
  await go(page, server.url, '/')
  await look(page, face, '23-overview', false)
  await go(page, server.url, '/today')
  await look(page, face, '23-today')
  await go(page, server.url, '/notices')
  await look(page, face, '23-notices')
})
const noticeOf = (page, word) => page.$$eval('.list td.first a', (links, wanted) => links.find(link => link.textContent.includes(wanted))?.getAttribute('href'), word)
const first = (await noticeOf(en, 'Dalian')) ?? ''
check('23 July: a notice about Dalian', first !== '', await text(en))
await everyFace(async (page, face) => {
  await go(page, server.url, first)
  await look(page, face, '23-notice')
})
const said23 = await text(en)
check('23 July: the first rise in 111 days', said23.includes('111 days'), said23)
check('23 July: the record is counts: 4 times, 0 a cluster', /4 times/.test(said23) && /\b0\b/.test(said23), said23)
check('23 July: no lead time is claimed', said23.includes('No lead time claimed'), said23)

// Dalian's own officer takes it over, by keyboard alone: Today, down, enter, then the first act.
const officer = await openPage(browser, server.url, { language: 'en', size: wide }, complaints)
await signIn(officer, 'dalian')
await go(officer, server.url, '/today')
await officer.focus('main')
await officer.keyboard.press('Tab')
let steps = 0
while (steps++ < 30 && !(await officer.evaluate(() => document.activeElement?.matches('[data-line]') === true))) await officer.keyboard.press('Tab')
await officer.keyboard.press('ArrowDown')
await officer.keyboard.press('ArrowUp')
check('keyboard: arrows move in the Today list', await officer.evaluate(() => document.activeElement?.matches('[data-line]') === true))
await officer.keyboard.press('Enter')
await officer.waitForFunction(() => location.pathname.startsWith('/notices/'), { timeout: 5000 }).catch(() => {})
await settle(officer)
check('keyboard: enter opens the notice', (await officer.evaluate(() => location.pathname)).startsWith('/notices/'), officer.url())
for (steps = 0; steps < 60 && !(await officer.evaluate(() => document.activeElement?.closest('.acts') !== null && document.activeElement?.tagName === 'BUTTON')); steps++) await officer.keyboard.press('Tab')
await officer.keyboard.press('Enter')
await officer.waitForSelector('dialog[open]')
await picture(officer, '23-take-over.en.1440')
const inDialog = await axe(officer)
check('axe: the dialog of an act', inDialog.length === 0, inDialog.join('\n'))
check('an act says what becomes an entry, what is next and what can be corrected', /Becomes an entry[\s\S]*What happens next[\s\S]*Can be corrected later/.test(await text(officer)))
for (steps = 0; steps < 8 && !(await officer.evaluate(() => document.activeElement?.getAttribute('type') === 'submit')); steps++) await officer.keyboard.press('Tab')
await officer.keyboard.press('Enter')
await officer.waitForFunction(() => document.querySelector('dialog[open]') === null, { timeout: 10_000 }).catch(() => {})
await settle(officer)
await officer.waitForFunction(() => document.body.innerText.includes('taken over'), { timeout: 5000 }).catch(() => {})
check('keyboard: taken over', (await text(officer)).includes('taken over'), await text(officer))
check('seen by the levels above', /Seen above[\s\S]{0,80}2020-07-23/.test(await text(officer)), await text(officer))

// 24, 25 July: the level rises by itself; the official grade is pinned.
await nextMorning(zh, '2020-07-24')
await nextMorning(zh, '2020-07-25')
await everyFace(async (page, face) => {
  await go(page, server.url, '/')
  await look(page, face, '25-overview', false)
})

// 26 July: the feed says 0, and it is not believed.
await nextMorning(zh, '2020-07-26')
await go(en, server.url, '/situations')
const dalian = (await noticeOf(en, 'Dalian')) ?? ''
const lindi = (await noticeOf(en, 'Lindi')) ?? (await en.$$eval('.list tr.is-simulated td.first a', links => links[0]?.getAttribute('href'))) ?? ''
check('26 July: situations in Dalian and in Lindi', dalian !== '' && lindi !== '', await text(en))
await go(en, server.url, first)
const series = (await en.$eval('main a[href^="/series/"]', link => link.getAttribute('href')).catch(() => '')) ?? ''
check('the notice leads to its series', series !== '', await text(en))
const proof = (await en.$eval('main a[href^="/entries/"]', link => link.getAttribute('href')).catch(() => '')) ?? ''
check('a step of the timeline leads to its proof', proof !== '')
const rule = (await en.$eval('main a[href^="/rules/"]', link => link.getAttribute('href')).catch(() => '')) ?? ''
check('the record of a rule leads to its firings', rule !== '')
const counts = ['doubts', 'instructions', 'minutes', 'held_back'].map(what => [`26-${what}`, `/behind/${what}`])
await everyFace(async (page, face) => {
  await go(page, server.url, '/')
  await look(page, face, '26-overview')
  for (const [name, path] of [['26-rule', rule], ...counts, ['26-today', '/today'], ['26-situations', '/situations'], ['26-situation', dalian], ['26-notice', first], ['26-series', series], ['26-series-list', '/series'], ['26-lindi', lindi], ['26-proof', proof], ['26-import', '/import'], ['26-plan', '/plan']]) {
    await go(page, server.url, path)
    await look(page, face, name)
  }
})
for (const page of [zh, en]) await go(page, server.url, first)
check('26 July, English: not believed, with the chance and the second source', /[Nn]ot believed/.test(await text(en)) && /13/.test(await text(en)), await text(en))
check('26 July, Chinese: 不予采信', (await text(zh)).includes('不予采信'), await text(zh))
check('26 July: never "Dalian reported zero"', !/reported (zero|0)\b/.test(await text(en)))
await go(en, server.url, series)
check('26 July: the hollow mark is drawn', (await en.$$eval('.chart', charts => charts[0]?.textContent ?? '')).includes('not believed'), await text(en))
check('the series says the command line that gives its number', (await text(en)).includes('levee judge'), await text(en))

// 27 July: the missing day; the slider joins what was then known with what is now known.
await nextMorning(zh, '2020-07-27')
await go(en, server.url, series)
await en.focus('.ant-slider-handle')
await en.keyboard.press('ArrowLeft')
await settle(en)
check('the slider goes back a morning', (await text(en)).includes('morning of 2020-07-26'), await text(en))
await look(en, faces[2], '27-series-then')

// The line on the page, run on the file that the page gives, says the number of the story: C1's bound for 26 July.
const file = await en.evaluate(async () => (await fetch(document.querySelector('a[href*="/table.csv"]')?.getAttribute('href') ?? '/none')).text())
const words = (await en.$eval('.judge pre', line => line.textContent)).split(' ')
writeFileSync(join(pictures, words[2]), file.replace(/^\uFEFF/, ''))
const judged = spawnSync(program, words.slice(1), { cwd: pictures, encoding: 'utf8' })
check('the judge line runs on the file of the page', judged.status === 0, judged.stderr)
const [, , value, , upper] = judged.stdout.split('\n').find(line => line.includes(',2020-07-26,'))?.split(',') ?? []
check('it gives 12 > 11.92 for 26 July', Number(value) === 12 && Number(upper).toFixed(2) === '11.92', judged.stdout.split('\n').slice(-4).join('\n'))

// 29 July: the textbook detectors are silent, the notice stays.
await nextMorning(zh, '2020-07-28')
await nextMorning(zh, '2020-07-29')
await everyFace(async (page, face) => {
  await go(page, server.url, dalian)
  await look(page, face, '29-situation', false)
})
check('29 July: the notice stays', /Orange notice|Red notice/.test(await text(en)), await text(en))
check('a finding has no stamp of an authority', (await en.$$eval('.official-acts li', lines => lines.filter(line => /onset/.test(line.textContent) && line.querySelector('.stamp') !== null).length)) === 0)
check('the gap is said in words', /The gap:\s*Cold-chain/.test(await text(en)), await text(en))
check('could we have known earlier: 13 days', (await text(en)).includes('13 days'), await text(en))
await go(officer, server.url, dalian)
const button = await officer.$('.earlier button')
check('the gap can become a measure', button !== null)
if (button !== null) {
  await button.click()
  await officer.waitForSelector('dialog[open] form')
  const violations = await axe(officer)
  check('axe: the form of a measure', violations.length === 0, violations.join('\n'))
  await picture(officer, '29-measure.en.1440')
  await officer.keyboard.press('Escape')
}

// Import: what is wrong is told row by row, and nothing lands.
await go(officer, server.url, '/import')
await officer.click('.field-row .ant-select')
await officer.keyboard.press('Enter')
await officer.click('.field-row .field:nth-child(2) .ant-select')
await officer.keyboard.press('Enter')
await officer.type('#source', 'test')
await officer.evaluate(() => document.querySelector('#body').focus())
await officer.keyboard.sendCharacter('division\tperiod\tvalue\n210200\t2020-07-28\t7\n210200\t2020-07-27\tx\n')
await officer.click('form button[type=submit]')
await officer.waitForSelector('.faults', { timeout: 10_000 }).catch(() => {})
check('import: a wrong cell is told by line, column and value', /3[\s\S]*value[\s\S]*x/.test(await officer.$$eval('.faults', tables => tables.map(table => table.innerText).join(' '))), await text(officer))
await look(officer, faces[2], '29-import-faults')

// The leader's sheet: exactly one A4 page, with its marks.
for (const face of [faces[0], faces[2]]) {
  const leader = await openPage(browser, server.url, face, complaints)
  await signIn(leader, 'leader')
  await go(leader, server.url, '/')
  const sheet = Buffer.from(await leader.pdf({ preferCSSPageSize: true, printBackground: true }))
  writeFileSync(join(pictures, `sheet.${face.language}.pdf`), sheet)
  const found = pagesOf(sheet)
  check(`the leader's sheet is exactly one page, ${face.language}`, found === 1, `${found} pages`)
  const box = /\/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)/.exec(sheet.toString('latin1'))
  check(`the leader's sheet is A4, ${face.language}`, box !== null && Math.abs(Number(box[1]) - 595) < 2 && Math.abs(Number(box[2]) - 842) < 2, box?.[0])
  await leader.emulateMediaType('print')
  await leader.setViewport({ width: 720, height: 1018 })
  await picture(leader, `sheet.${face.language}`)
  const printed = await text(leader)
  check(`the sheet says REPLAY and what it may be used for, ${face.language}`, printed.includes('REPLAY') && printed.includes(face.language === 'en' ? 'For unclassified internal work' : '仅限非涉密内部工作'), printed)
  await leader.browserContext().close()
}

// Dark, once.
const dark = await openPage(browser, server.url, { language: 'zh-CN', size: wide, theme: 'dark' }, complaints)
await signIn(dark, 'province')
for (const [name, path] of [['29-dark-overview', '/'], ['29-dark-situation', dalian]]) {
  await go(dark, server.url, path)
  await look(dark, { language: 'zh-CN', size: wide }, name)
}

// First figures, and what comes over the wire before them, with an empty cache.
const times = []
let bytes = 0
for (let i = 0; i < 3; i++) {
  const page = await openPage(browser, server.url, { language: 'zh-CN', size: wide }, complaints)
  await signIn(page, 'leader')
  const session = await page.createCDPSession()
  await session.send('Network.enable')
  await session.send('Network.clearBrowserCache')
  bytes = 0
  const assets = new Set()
  session.on('Network.responseReceived', event => {
    if (/\.(js|css)$|\/$/.test(new URL(event.response.url).pathname)) assets.add(event.requestId)
  })
  session.on('Network.loadingFinished', event => {
    if (assets.has(event.requestId)) bytes += event.encodedDataLength
  })
  await page.goto(server.url + '/', { waitUntil: 'commit' }).catch(() => page.goto(server.url + '/'))
  await page.waitForSelector('.foot-line dd')
  times.push(await page.evaluate(() => Math.round(performance.now())))
  await settle(page)
  await page.browserContext().close()
}
const median = times.sort((a, b) => a - b)[1]
console.log(`# first figures after ${times.join(', ')} ms; first load ${(bytes / 1024).toFixed(0)} KiB`)
check('the first figures stand', median > 0, `${times.join(', ')} ms`)
check('the first load is at most 400 KiB', bytes > 0 && bytes <= 400 * 1024, `${bytes} bytes`)

check('no console complains', complaints.length === 0, complaints.join('\n'))
await stop()
await server.stop()
finish()

// Pages of a PDF: its page objects, in the open or inside deflated object streams.
function pagesOf(pdf) {
  const plain = pdf.toString('latin1')
  return (plain.match(/\/Type\s*\/Page\b(?!s)/g) ?? []).length
}
