// SPDX-License-Identifier: GPL-3.0-or-later
//
// forms.mjs: what the page keeps and how it is found again: drafts survive a closed tab and end with sending or signing out;
// an order of a list stands in the address; the division switcher goes down to the townships where there are some, and asks
// for them only then. In both languages, at 1440 and 390 pixels; the pictures are there to be looked at.
//
// usage: node tests/browser/forms.mjs         TAP on stdout; needs Chromium and a built program, else skips
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { axe, check, finish, go, isTooWide, missing, openPage, phone, picture, program, serve, settle, startBrowser, startServer, text, wide } from './browser.mjs'

const lack = process.env.LEVEE_URL !== undefined ? 'it needs servers of its own' : missing()
if (lack !== undefined) {
  console.log(`ok - forms # SKIP ${lack}`)
  process.exit(0)
}

const password = 'levee-demo-2020'
const faces = ['zh-CN', 'en'].flatMap(language => [{ language, size: wide }, { language, size: phone }])
const nameOf = face => `${face.language} ${face.size.width}`
const complaints = []
const { browser, stop } = await startBrowser()

async function signIn(page, url, name) {
  await page.goto(url + '/signin', { waitUntil: 'load' })
  await page.waitForSelector('#name')
  await page.type('#name', name)
  await page.type('#password', password)
  await page.keyboard.press('Enter')
  await page.waitForSelector('.frame', { timeout: 20_000 })
  await settle(page)
}

async function look(page, face, name) {
  await picture(page, `${name}.${face.language}.${face.size.width}`)
  check(`${name} fits ${nameOf(face)}`, !(await isTooWide(page)))
  const found = await axe(page)
  check(`axe: ${name} ${nameOf(face)}`, found.length === 0, found.join('\n'))
}

const post = (page, path, body) =>
  page.evaluate(async (to, sent) => {
    const answer = await fetch('/api/v1' + to, { method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }, body: JSON.stringify(sent) })
    return { status: answer.status, text: await answer.text() }
  }, path, body)
const rowsOf = (page, path) => page.evaluate(async from => (await (await fetch('/api/v1' + from)).json()).rows, path)
const draftsOf = page => page.evaluate(() => Object.keys(localStorage).filter(name => name.startsWith('levee_draft:')))

// ---- Drafts and orders, in the replay ---------------------------------------------------------

const replay = await startServer()
const words = { 'zh-CN': '已与欠薪办核对，来信增多属实', en: 'Checked with the wages office: the letters are real' }

async function openAct(page, notice) {
  await go(page, replay.url, `/notices/${notice}`)
  await page.waitForSelector('.acts button')
  await page.evaluate(() => [...document.querySelectorAll('.acts button')].find(one => /^(Raise|调高)/.test(one.textContent.trim()))?.click())
  await page.waitForSelector('dialog[open] textarea')
}
const typed = page => page.$eval('dialog[open] textarea', box => box.value)

for (const face of faces) {
  const first = await openPage(browser, replay.url, face, complaints)
  await signIn(first, replay.url, 'lindi')
  const notice = (await rowsOf(first, '/notices?is_open=true&sort=level'))[0]?.id ?? ''
  check(`there is a notice to act on, ${nameOf(face)}`, notice !== '')
  await openAct(first, notice)
  check(`nothing is kept before anybody types, ${nameOf(face)}`, (await typed(first)) === '' && (await draftsOf(first)).length === 0)
  await first.type('dialog[open] textarea', words[face.language])
  const context = first.browserContext()
  await first.close()
  const second = await context.newPage()
  await second.setViewport(face.size)
  await openAct(second, notice)
  check(`a reason survives a closed tab, ${nameOf(face)}`, (await typed(second)) === words[face.language], await typed(second))
  check(`and the form says so, ${nameOf(face)}`, /did not send|尚未提交/.test(await text(second)))
  await look(second, face, 'draft')
  if (face.size === wide) {
    await second.click('dialog[open] button[type=submit]')
    await second.waitForFunction(() => document.querySelector('dialog[open]') === null, { timeout: 10_000 }).catch(() => {})
    check(`sending clears the draft, ${nameOf(face)}`, (await draftsOf(second)).length === 0, await text(second))
  }
  await go(second, replay.url, '/import')
  await second.type('#source', 'feed of 22 July')
  await second.reload({ waitUntil: 'load' })
  await settle(second)
  check(`an import's options survive, ${nameOf(face)}`, (await second.$eval('#source', box => box.value)) === 'feed of 22 July')
  check(`they are kept under the account, ${nameOf(face)}`, (await draftsOf(second)).some(name => /^levee_draft:21-\d+:import$/.test(name)), (await draftsOf(second)).join(' '))
  await look(second, face, 'draft-import')

  // The order of a list: by its heading, on a phone by a choice; in the address, so that a reload keeps it.
  await go(second, replay.url, '/notices')
  if (face.size === wide) await second.evaluate(() => document.querySelectorAll('th .sort').item(4).click())
  else await second.select('.sort-choice select', 'raised')
  await second.waitForFunction(() => new URLSearchParams(location.search).get('sort') !== null, { timeout: 5000 }).catch(() => {})
  const order = await second.evaluate(() => new URLSearchParams(location.search).get('sort'))
  check(`an order stands in the address, ${nameOf(face)}`, order === 'raised', String(order))
  await settle(second)
  await second.reload({ waitUntil: 'load' })
  await settle(second)
  if (face.size === wide) check(`and its heading says so, ${nameOf(face)}`, (await second.$$eval('th[aria-sort=ascending]', found => found.length)) === 1)
  const times = await second.$$eval('.list tbody time', found => found.map(one => one.getAttribute('datetime')))
  check(`the list is drawn, ${nameOf(face)}`, times.length > 0)
  await look(second, face, 'sorted')

  await second.evaluate(() => document.querySelector('.user .top-button').click())
  await second.waitForSelector('.user .panel')
  await second.evaluate(() => [...document.querySelectorAll('.user .menu-line')].at(-1).click())
  await second.waitForSelector('#name')
  check(`signing out forgets every draft, ${nameOf(face)}`, (await draftsOf(second)).length === 0, (await draftsOf(second)).join(' '))
  await context.close()
}
await replay.stop()

// ---- The division switcher, in a store that has townships -------------------------------------

const folder = mkdtempSync(join(tmpdir(), 'levee-places-'))
const founded = spawnSync(join(program, '../tests/api/api_found'), [join(folder), password], { encoding: 'utf8' })
check('a live store is founded', founded.status === 0, founded.stderr)
const live = await serve(folder)
const tree = [
  ['210000', '', 1, '辽宁省', 'Liaoning'], ['210100', '210000', 2, '沈阳市', 'Shenyang'], ['210200', '210000', 2, '大连市', 'Dalian'],
  ['210202', '210200', 3, '中山区', 'Zhongshan'], ['210203', '210200', 3, '西岗区', 'Xigang'],
  ['210202001', '210202', 4, '海军广场街道', 'Haijun Square'], ['210202002', '210202', 4, '桃源街道', 'Taoyuan'],
].map(([code, parent, level, name_zh, name_en]) => ({ code, parent, level, name_zh, name_en }))

const choose = async (page, name) => {
  await page.waitForFunction(wanted => [...document.querySelectorAll('.place-list button')].some(one => one.textContent === wanted), { timeout: 5000 }, name)
  await page.evaluate(wanted => [...document.querySelectorAll('.place-list button')].find(one => one.textContent === wanted).click(), name)
}

for (const face of faces) {
  const page = await openPage(browser, live.url, face, complaints)
  const asked = []
  page.on('request', request => { if (request.url().includes('/divisions?')) asked.push(request.url()) })
  await signIn(page, live.url, 'admin')
  if (face === faces[0]) {
    const loaded = await post(page, '/commands/divisions.load', { rows: tree })
    check('a tree with townships is loaded', loaded.status === 200, loaded.text)
    await page.reload({ waitUntil: 'load' })
    await settle(page)
  }
  const name = code => tree.find(row => row.code === code)[face.language === 'en' ? 'name_en' : 'name_zh']
  await page.click('.top-button.place')
  await page.waitForSelector('dialog[open]')
  await choose(page, name('210200'))
  await page.waitForFunction(wanted => document.querySelector('.place-list')?.textContent.includes(wanted), { timeout: 5000 }, name('210203')).catch(() => {})
  await page.waitForNetworkIdle({ idleTime: 300, timeout: 10_000 }).catch(() => {}) // What the city asked for is over.
  const before = asked.length
  check(`townships are not there before they are asked for, ${nameOf(face)}`, !(await page.$eval('.place-list', one => one.textContent)).includes(name('210202001')))
  await choose(page, name('210202'))
  await page.waitForFunction(wanted => document.querySelector('.place-list')?.textContent.includes(wanted), { timeout: 5000 }, name('210202002')).catch(() => {})
  check(`a county's townships are asked for when it is chosen, ${nameOf(face)}`, asked.slice(before).filter(url => url.includes('parent=')).length === 1, asked.slice(before).join(' '))
  await look(page, face, 'townships')
  await choose(page, name('210202001'))
  await page.waitForFunction(() => document.querySelector('dialog[open]') === null, { timeout: 5000 }).catch(() => {})
  check(`a township is chosen, ${nameOf(face)}`, (await page.evaluate(() => new URLSearchParams(location.search).get('division'))) === '210202001')
  await page.waitForFunction(wanted => document.querySelector('.place-path')?.textContent.endsWith(wanted), { timeout: 5000 }, name('210202001')).catch(() => {})
  check(`the path is four levels deep, ${nameOf(face)}`, (await page.$eval('.place-path', one => one.textContent)) === ['210000', '210200', '210202', '210202001'].map(name).join(' › '), await page.$eval('.place-path', one => one.textContent))
  await page.reload({ waitUntil: 'load' })
  await settle(page)
  check(`and a reload keeps it, ${nameOf(face)}`, (await page.$eval('.place-path', one => one.textContent)).endsWith(name('210202001')))
  await page.browserContext().close()
}
const officer = await openPage(browser, live.url, { language: 'en', size: wide }, complaints)
await signIn(officer, live.url, 'dalian')
await officer.click('.top-button.place')
await officer.waitForSelector('dialog[open]')
await officer.waitForFunction(() => document.querySelector('.place-list')?.textContent.includes('Zhongshan'), { timeout: 5000 }).catch(() => {})
const offered = await officer.$eval('dialog[open]', one => one.textContent)
check('a city sees itself and what is below it, and nothing else', offered.includes('Dalian') && offered.includes('Zhongshan') && !offered.includes('Shenyang') && !offered.includes('Liaoning'), offered)
await live.stop()
rmSync(folder, { recursive: true, force: true })
check('no console has complained', complaints.filter(one => !/401/.test(one)).length === 0, complaints.join('\n'))
await stop()
finish()
