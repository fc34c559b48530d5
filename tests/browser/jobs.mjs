// SPDX-License-Identifier: GPL-3.0-or-later
//
// jobs.mjs: the daily jobs in a real browser, each as the office that has it: figures due (typed, pasted, wrong, corrected),
// an import from a file in GB 18030, a ring answered by its link without an account, and a notice from taking over to
// the level above. Wherever the job allows it the keyboard alone is used. One language and one width: walk.mjs has the
// faces of the pages.
//
// usage: node tests/browser/jobs.mjs          TAP on stdout; needs Chromium and a built program, else skips
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { axe, check, finish, go, missing, openPage, phone, picture, pictures, program, settle, startBrowser, startServer, text, wide } from './browser.mjs'

const lack = missing()
if (lack !== undefined) {
  console.log(`ok - browser # SKIP ${lack}`)
  process.exit(0)
}
const complaints = []
const server = await startServer()
const { browser, stop } = await startBrowser()

async function enter(name, language = 'en', size = wide) {
  const page = await openPage(browser, server.url, { language, size }, complaints)
  await page.goto(server.url + '/signin', { waitUntil: 'load' })
  await page.waitForSelector('#name')
  await page.type('#name', name)
  await page.keyboard.press('Tab')
  await page.keyboard.type('levee-demo-2020')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.frame', { timeout: 10_000 })
  await settle(page)
  return page
}
const clean = async (page, name) => {
  const found = await axe(page)
  check(`axe: ${name}`, found.length === 0, found.join('\n'))
}
const said = (page, words) => page.waitForFunction(wanted => new RegExp(wanted).test(document.body.innerText), { timeout: 10_000 }, words).then(() => true, () => false)
const read = (page, path) => page.evaluate(async address => (await (await fetch('/api/v1' + address)).json()).rows, path)

// ---- Figures due -----------------------------------------------------------------------------------------------------
const lindi = await enter('lindi')
await go(lindi, server.url, '/today')
const cell = name => lindi.evaluateHandle(wanted => [...document.querySelectorAll('details[open] .due-cell')].find(one => one.querySelector('label').textContent === wanted)?.querySelector('input'), name)
const value = async name => (await cell(name)).evaluate(input => input.value)
check('due: what is held is filled in, what is open is empty', (await value('Ceshui County')) === '3.4' && (await value('Huilan District')) === '', await text(lindi))
check('due: it says how many are open and until when', /6 open,\s*3 days left/.test(await text(lindi)), await text(lindi))
await picture(lindi, 'job-due.en.1440')
await clean(lindi, 'figures due')

// By keyboard: into the first cell, a word that is no figure, Enter to the next cell.
await (await cell('Shoudi District')).focus()
await lindi.keyboard.type('six')
await lindi.keyboard.press('Enter')
check('due: enter goes to the next cell', await lindi.evaluate(() => document.activeElement?.closest('.due-cell')?.querySelector('label')?.textContent === 'Huilan District'))
await lindi.keyboard.type('6.25')
check('due: the fault is said in the cell', /"six" is not a number/.test(await text(lindi)) && /Decimals: at most 1/.test(await text(lindi)) && /Cells to correct: 2/.test(await text(lindi)), await text(lindi))
check('due: nothing wrong can be sent', await lindi.$eval('.due button[type=submit]', button => button.disabled))
await clean(lindi, 'figures due with faults')
await picture(lindi, 'job-due-faults.en.1440')

// A column with names, as a spreadsheet copies it: each figure finds its place; a line of no place is told.
await lindi.evaluate(() => {
  const input = [...document.querySelectorAll('details[open] .due-cell')][0].querySelector('input')
  const data = new DataTransfer()
  data.setData('text', 'Shoudi District\t6.6\nMufan County\t7.0\nHuilan District\t6.5\nShizha County\t5.9\nQingtan County\t5.3\n')
  input.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
})
await settle(lindi)
check('due: a pasted column finds the places by name', (await value('Mufan County')) === '7.0' && (await value('Shoudi District')) === '6.6' && !/not a number/.test(await text(lindi)), await text(lindi))
await lindi.click('.due button[type=submit]')
check('due: sent and kept', await said(lindi, '1 open,'), await text(lindi))
const due = await read(lindi, '/today/due')
const mufan = due.find(row => row.division_en === 'Mufan County' && row.indicator_en.startsWith('Months'))
check('due: the figure is a reading', (await read(lindi, `/series/${mufan.series}/points?from=2020-06&to=2020-06`))[0]?.value === 7, JSON.stringify(mufan))

// Undone by typing again: the new figure counts, the first is kept.
await (await cell('Mufan County')).evaluate(input => { input.focus(); input.select() })
await lindi.keyboard.type('6.9')
await lindi.click('.due button[type=submit]')
check('due: corrected by typing again', await said(lindi, 'Kept: 6.9'), await text(lindi))
const point = (await read(lindi, `/series/${mufan.series}/points?from=2020-06&to=2020-06`))[0]
check('due: the first figure stays beside it', point.value === 6.9 && point.value_then === 7 && point.is_corrected, JSON.stringify(point))
await go(lindi, server.url, '/behind/minutes')
check('due: the minutes it took are counted and can be opened', /Mufan County/.test(await text(lindi)), await text(lindi))
await clean(lindi, 'minutes asked')
const county = await enter('county', 'zh-CN', phone)
await go(county, server.url, '/today')
check('due: a county sees its own figures alone', (await county.$$eval('.due-cell label', labels => [...new Set(labels.map(label => label.textContent))].join())) === '测水县', await text(county))
await picture(county, 'job-due.zh-CN.390')

// ---- Import: a file as a spreadsheet here writes it --------------------------------------------------------------------
await go(lindi, server.url, '/import')
const choose = async (at, word) => {
  await lindi.click(`.field-row .field:nth-child(${at}) .ant-select`)
  await lindi.waitForFunction(wanted => [...document.querySelectorAll('.ant-select-item-option')].some(option => option.textContent.includes(wanted)), { timeout: 5000 }, word)
  await lindi.evaluate(wanted => [...document.querySelectorAll('.ant-select-item-option')].find(option => option.textContent.includes(wanted)).click(), word)
}
await choose(1, 'Messages about unpaid wages')
await choose(2, 'imulated')
await lindi.type('#source', 'test: 测试')
const file = join(pictures, 'wages-gb18030.csv')
const made = spawnSync('iconv', ['-f', 'UTF-8', '-t', 'GB18030'], { input: '区划,时期,数值\n219901,2020-07-20,3\n219902,2020-07-20,x\n' })
check('import: iconv writes GB 18030', made.status === 0 && made.stdout.length > 20)
writeFileSync(file, made.stdout)
await (await lindi.$('input[type=file]')).uploadFile(file)
check('import: GB 18030 is recognised', await said(lindi, 'GB 18030') && (await lindi.$eval('#body', area => area.value)).startsWith('区划'), await lindi.$eval('#body', area => area.value))
await lindi.click('form button[type=submit]')
await lindi.waitForSelector('.faults', { timeout: 10_000 }).catch(() => {})
check('import: the wrong row is told, and landing is barred', /3[\s\S]*x/.test(await lindi.$$eval('.faults', tables => tables.map(table => table.innerText).join(' '))), await text(lindi))
writeFileSync(file, spawnSync('iconv', ['-f', 'UTF-8', '-t', 'GB18030'], { input: '区划,时期,数值\n219901,2020-07-20,3\n219902,2020-07-20,4\n' }).stdout)
await (await lindi.$('input[type=file]')).uploadFile(file)
await lindi.click('form button[type=submit]')
await lindi.waitForFunction(() => document.querySelector('.sample') !== null && document.querySelector('.faults') === null, { timeout: 10_000 }).catch(() => {})
await clean(lindi, 'import, looked at')
await picture(lindi, 'job-import.en.1440')
await lindi.evaluate(() => [...document.querySelectorAll('form .buttons button')].at(-1).click())
check('import: landed, with a way to the series', (await lindi.waitForSelector('section a[href*="/series"]', { timeout: 15_000 }).then(() => true, () => false)) && /2\D+2/.test(await text(lindi)), await text(lindi))
await clean(lindi, 'import, landed')
await picture(lindi, 'job-import-done.en.1440')

// ---- A notice, by keyboard: taken over, judged, raised, asked to be lowered ---------------------------------------------
const province = await enter('province')
await province.evaluate(() => document.activeElement?.blur())
await province.keyboard.press('?')
await province.waitForSelector('dialog[open]')
check('keys: ? lists them', /next morning/.test(await text(province)))
await clean(province, 'the list of keys')
await province.keyboard.press('Escape')
await province.waitForFunction(() => document.querySelector('dialog[open]') === null)
await province.keyboard.press('n')
await province.waitForFunction(() => document.querySelector('.band-replay time')?.getAttribute('datetime').startsWith('2020-07-23') && document.querySelector('.band-replay')?.getAttribute('aria-busy') !== 'true', { timeout: 60_000 })
const notice = (await read(province, '/notices?field=epidemic&is_open=1'))[0]

// The ring that this notice sent, answered by its link on a phone, without an account.
// The ring follows the notice by the chain, a moment later.
let ring
for (let i = 0; i < 40 && ring === undefined; i++) {
  const pending = spawnSync(program, ['query', '--data', server.data, 'ring_pending', 'port=test'], { encoding: 'utf8' })
  ring = pending.status === 0 ? JSON.parse(pending.stdout).rows.find(row => row.matter === notice.id) : undefined
  if (ring === undefined) await new Promise(done => setTimeout(done, 250))
}
const anybody = await openPage(browser, server.url, { language: 'zh-CN', size: phone }, complaints)
await anybody.goto(`${server.url}/r/${ring?.token}`, { waitUntil: 'load' })
await anybody.waitForSelector('main button', { timeout: 10_000 }).catch(() => {})
check('ring: the link says what rings and until when', /大连市/.test(await text(anybody)) && /2020-07-23/.test(await text(anybody)), await text(anybody))
for (const [language, size] of [['zh-CN', phone], ['zh-CN', wide], ['en', phone], ['en', wide]]) {
  const face = await openPage(browser, server.url, { language, size }, complaints)
  await face.goto(`${server.url}/r/${ring?.token}`, { waitUntil: 'load' })
  await face.waitForSelector('main button', { timeout: 10_000 }).catch(() => {})
  await clean(face, `the page of a ring ${language} ${size.width}`)
  await picture(face, `job-ring.${language}.${size.width}`)
  await face.close()
}
await anybody.click('main button')
check('ring: answered without an account', await anybody.waitForSelector('main [role=status]', { timeout: 10_000 }).then(() => true, () => false), await text(anybody))
await picture(anybody, 'job-ring-done.zh-CN.390')
await anybody.goto(`${server.url}/r/0123456789abcdef`, { waitUntil: 'load' })
check('ring: a link that is none says so', await said(anybody, '没有|不存在|无效'), await text(anybody))

const dalian = await enter('dalian')
await go(dalian, server.url, `/notices/${notice.id}`)
check('ring: the timeline says that it was answered', /Acknowledged/.test(await text(dalian)), await text(dalian))
// Tab to the act's button, Enter; Tab through the dialog to its button, Enter.
async function act(page, word, typed, choice) {
  await page.focus('main')
  for (let i = 0; i < 120 && !(await page.evaluate(wanted => document.activeElement?.closest('.acts') !== null && document.activeElement?.textContent === wanted, word)); i++) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.waitForSelector('dialog[open] form', { timeout: 5000 })
  for (let i = 0; i < (choice ?? 0); i++) {
    for (let k = 0; k < 8 && !(await page.evaluate(() => document.activeElement?.getAttribute('type') === 'radio')); k++) await page.keyboard.down('Shift').then(() => page.keyboard.press('Tab')).then(() => page.keyboard.up('Shift'))
    await page.keyboard.press('ArrowDown')
  }
  if (typed !== undefined) {
    for (let k = 0; k < 8 && !(await page.evaluate(() => document.activeElement?.tagName === 'TEXTAREA')); k++) await page.keyboard.press('Tab')
    await page.keyboard.type(typed)
  }
  for (let i = 0; i < 12 && !(await page.evaluate(() => document.activeElement?.getAttribute('type') === 'submit')); i++) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.querySelector('dialog[open]') === null || document.querySelector('dialog[open] [role=alert]') !== null, { timeout: 10_000 }).catch(() => {})
  await settle(page)
  const refused = await page.$eval('dialog[open] [role=alert]', alert => alert.textContent).catch(() => undefined)
  if (refused !== undefined) await page.keyboard.press('Escape')
  return refused
}
check('keyboard: take over', (await act(dalian, 'Take over')) === undefined && (await said(dalian, 'taken over')), await text(dalian))
check('keyboard: judge', (await act(dalian, 'Judge', 'Verified by the city.')) === undefined && (await said(dalian, 'in response')), await text(dalian))
check('keyboard: raise by two levels', (await act(dalian, 'Raise', 'A cold-chain plant.', 1)) === undefined && (await said(dalian, 'Orange notice')), await text(dalian))
check('a level that rose in response is judged anew', await said(dalian, 'taken over'), await text(dalian))
const denied = await act(dalian, 'Lower', 'We think it is over.')
check('orange: the city itself cannot lower it', /one level up \(Liaoning\)/.test(denied ?? ''), denied)
check('keyboard: ask above to lower', (await act(dalian, 'Ask above to lower', 'We think it is over.')) === undefined && (await said(dalian, 'is asked to lower it')), await text(dalian))
await go(province, server.url, '/today')
check('the level above finds it on its list', /You decide: the level below asks to lower/.test(await text(province)), await text(province))
await go(province, server.url, `/notices/${notice.id}`)
const early = await act(province, 'Lower', 'Too early.')
check('the level above may, and is held by quiet periods', /needs 14 periods/.test(early ?? ''), early)
const times = (await read(province, `/notices/${notice.id}/timeline`)).filter(step => step.type === 'notice.judged' || step.type === 'lowering.asked')
check('acts have times of their own, after the morning', times.length === 2 && times.every(step => step.time > '2020-07-23T07:00:00+08:00'), JSON.stringify(times))
const rule = await province.$eval('a[href*="/rules/first-case"]', link => link.getAttribute('href')).catch(() => '')
await go(province, server.url, rule)
check('the record opens its four firings', /Fired 4 times, 0 came true/.test(await text(province)) && /2020-04-02/.test(await text(province)), await text(province))
await clean(province, 'the firings of a rule')
await picture(province, 'job-rule.en.1440')
// What is refused on purpose above (no such ring, one level up, quiet periods) is an answer, and the browser notes it.
const unexpected = complaints.filter(line => !/status of (403|404|409)/.test(line))
check('no console complains', unexpected.length === 0, unexpected.join('\n'))
await stop()
await server.stop()
finish()
