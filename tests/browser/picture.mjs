// SPDX-License-Identifier: GPL-3.0-or-later
//
// picture.mjs: makes docs/picture.png and docs/picture.zh-CN.png, the pictures of the front page: the Dalian situation on
// the morning of 26 July, with the zero that is not believed.
//
// usage: node tests/browser/picture.mjs          needs Chromium and a built program
import { join } from 'node:path'
import { go, missing, openPage, settle, startBrowser, startServer, top } from './browser.mjs'

const lack = missing()
if (lack !== undefined) {
  console.error(`picture: ${lack}`)
  process.exit(1)
}
const server = await startServer()
const { browser, stop } = await startBrowser()
const size = { width: 1440, height: 1000 }

async function enter(page) {
  await page.goto(server.url + '/signin', { waitUntil: 'load' })
  await page.waitForSelector('#name')
  await page.type('#name', 'province')
  await page.type('#password', 'levee-demo-2020')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.frame')
  await settle(page)
}

for (const [language, name] of [['en', 'picture.png'], ['zh-CN', 'picture.zh-CN.png']]) {
  const page = await openPage(browser, server.url, { language, size }, [])
  await enter(page)
  for (let day = 23; day <= 26; day++) {
    if ((await page.$eval('.band-replay time', time => time.getAttribute('datetime'))) >= `2020-07-${day}`) continue
    await page.keyboard.press('n')
    await page.waitForFunction(wanted => document.querySelector('.band-replay time')?.getAttribute('datetime').startsWith(wanted) && document.querySelector('.band-replay')?.getAttribute('aria-busy') !== 'true', { timeout: 60_000 }, `2020-07-${day}`)
  }
  await go(page, server.url, '/situations')
  const path = await page.$$eval('.list tr:not(.is-simulated) td.first a', links => links[0].getAttribute('href'))
  await go(page, server.url, path)
  await page.screenshot({ path: join(top, 'docs', name) })
  console.log(`docs/${name}`)
}
await stop()
await server.stop()
