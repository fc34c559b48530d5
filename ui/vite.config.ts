// SPDX-License-Identifier: GPL-3.0-or-later
//
// vite.config.ts: makes ui/dist. Two small plugins of our own:
//
// catalogue   import('catalogue:zh-CN') is text.zh-CN.json as made from ../text by the C build, without the
//             sentences that only the command line says. Where it lies: LEVEE_TEXT, else ../build/tools.
// compressed  writes NAME.gz beside every asset, so that the server sends bytes and does not squeeze them each time.
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const textFolder = resolve(process.env.LEVEE_TEXT ?? '../build/tools')
const onlyCommandLine = /^(cli|base|ledger|vault|pack_check|sql)\./

function catalogue(): Plugin {
  return {
    name: 'catalogue',
    resolveId: id => (id.startsWith('catalogue:') ? '\0' + id : null),
    load(id) {
      if (!id.startsWith('\0catalogue:')) return null
      const file = join(textFolder, `text.${id.slice('\0catalogue:'.length)}.json`)
      this.addWatchFile(file)
      const all = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>)
      return `export default ${JSON.stringify(Object.fromEntries(all.filter(([key]) => !onlyCommandLine.test(key))))}`
    },
  }
}

function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    closeBundle() {
      const folder = resolve('dist/assets')
      for (const name of readdirSync(folder)) {
        const path = join(folder, name)
        if (statSync(path).isFile() && !name.endsWith('.gz')) writeFileSync(path + '.gz', gzipSync(readFileSync(path), { level: 9 }))
      }
    },
  }
}

export default defineConfig({
  plugins: [react(), catalogue(), compressed()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  server: { proxy: { '/api': process.env.LEVEE_SERVER ?? 'http://127.0.0.1:8080' } },
})
