// SPDX-License-Identifier: GPL-3.0-or-later
//
// browser.mjs: what the tests in a real browser share: a replay of their own behind a real server, a headless Chromium,
// TAP lines, axe, pictures. Nothing leaves the machine: the browser is told to keep to itself.
//
// environment: BUILD (build)                       the program under test
//              LEVEE_URL                           a server that runs already, at 22 July 07:00; none is started then
//              LEVEE_PICTURES (BUILD/pictures)     where the pictures go
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const top = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const build = resolve(top, process.env.BUILD ?? 'build')
export const pictures = resolve(top, process.env.LEVEE_PICTURES ?? join(build, 'pictures'))
const need = createRequire(join(top, 'ui/package.json'))
export const program = join(build, 'levee')
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

let failed = 0
export function check(name, isGood, more = '') {
  if (!isGood) failed++
  console.log(`${isGood ? 'ok' : 'not ok'} - ${name}${isGood || more === '' ? '' : '\n# ' + String(more).slice(0, 1500).replaceAll('\n', '\n# ')}`)
}

export function finish() {
  process.exitCode = failed === 0 ? 0 : 1
}

// What is missing for a run, in words; undefined when nothing is.
export function missing() {
  if (chromium === undefined) return 'no chromium here'
  if (!existsSync(join(top, 'ui/node_modules/puppeteer-core'))) return 'ui/node_modules is not there: run make build'
  if (process.env.LEVEE_URL === undefined && !existsSync(program)) return `${program} is not there: run make build`
  return undefined
}

// A replay in a folder of its own and a server on a free port. stop() ends the server and removes the folder.
export async function startServer() {
  if (process.env.LEVEE_URL !== undefined) return { url: process.env.LEVEE_URL.replace(/\/$/, ''), stop: () => {} }
  const folder = mkdtempSync(join(tmpdir(), 'levee-browser-'))
  const data = join(folder, 'data')
  const made = spawnSync(program, ['demo', '--data', data], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } })
  if (made.status !== 0) throw new Error(`levee demo ends with ${made.status}: ${made.stderr}`)
  const server = await serve(data)
  const stop = async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { url: server.url, data, stop }
}

// A server on a free port for the store in the folder.
export async function serve(data) {
  const server = spawn(program, ['serve', '--data', data, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  server.stderr.on('data', text => (said += text))
  const url = await new Promise((done, fail) => {
    let heard = ''
    server.stdout.on('data', text => {
      heard += text
      const found = heard.match(/http:\/\/[^\s/]+/)
      if (found !== null) done(found[0])
    })
    server.on('exit', code => fail(new Error(`levee serve ends with ${code}: ${said}`)))
  })
  const stop = async () => {
    server.removeAllListeners('exit')
    const ended = new Promise(done => server.on('exit', done))
    server.kill('SIGTERM')
    await ended
  }
  return { url, data, stop }
}

export async function startBrowser() {
  const puppeteer = await import(need.resolve('puppeteer-core'))
  const profile = mkdtempSync(join(tmpdir(), 'levee-chromium-'))
  const quiet = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--hide-scrollbars']
  const browser = await (puppeteer.default ?? puppeteer).launch({ executablePath: chromium, args: [...quiet, `--user-data-dir=${profile}`] })
  const stop = async () => {
    await browser.close()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
  return { browser, stop }
}

export const wide = { width: 1440, height: 900 }
export const phone = { width: 390, height: 844, isMobile: true, hasTouch: true }

// A page in a context of its own, in one language; what its console complains about is gathered in `complaints`. A read that
// the server gives up after a second (503) is asked again by the page, and the browser complains of the first answer by itself:
// that one is taken back once the same address has answered.
export async function openPage(browser, url, { language, size, theme = 'light' }, complaints) {
  const context = await browser.createBrowserContext()
  const page = await context.newPage()
  await page.setViewport(size)
  await context.setCookie(...[['levee_language', language], ['levee_theme', theme]].map(([name, value]) => ({ name, value, domain: new URL(url).hostname, path: '/' })))
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warn') complaints.push(`${page.url()}: ${message.text()} ${message.location()?.url ?? ''}`)
  })
  const refused = new Set()
  page.on('response', response => {
    const url = response.url()
    if (response.request().method() !== 'GET') return
    if (response.status() === 503) refused.add(url)
    if (!response.ok() || !refused.has(url)) return
    refused.delete(url)
    for (let i = complaints.length - 1; i >= 0; i--) if (/status of 503/.test(complaints[i]) && complaints[i].endsWith(' ' + url)) complaints.splice(i, 1)
  })
  page.on('pageerror', error => complaints.push(`${page.url()}: ${error.message}`))
  return page
}

// Waits until no skeleton stands on the page any more and every chart has drawn something.
export async function settle(page) {
  await page.waitForFunction(() => document.querySelector('h1') !== null && document.querySelector('.loading') === null && [...document.querySelectorAll('.chart')].every(chart => chart.querySelector('path') !== null), { timeout: 20_000 })
  await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))
}

export async function go(page, url, path) {
  await page.goto(url + path, { waitUntil: 'load' })
  await settle(page)
}

export async function picture(page, name) {
  mkdirSync(pictures, { recursive: true })
  await page.screenshot({ path: join(pictures, name + '.png'), fullPage: true })
}

// axe: every rule that applies; what it finds in words.
const axeSource = () => readFileSync(need.resolve('axe-core/axe.min.js'), 'utf8')
export async function axe(page) {
  await page.evaluate(axeSource())
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
  return found.violations.map(rule => `${rule.id}: ${rule.help}\n${rule.nodes.slice(0, 3).map(node => '  ' + node.html.slice(0, 200) + '\n  ' + node.failureSummary).join('\n')}`)
}

export const text = page => page.evaluate(() => document.body.innerText)
export const isTooWide = page => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1)
