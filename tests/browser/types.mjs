// SPDX-License-Identifier: GPL-3.0-or-later
//
// types.mjs: the page's types are those of the program: what openapi-typescript makes of `levee openapi` is, byte for
// byte, ui/src/api/openapi.d.ts. When it is not: build/levee openapi >build/openapi.json; (cd ui; npm run types).
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { check, finish, top } from './browser.mjs'

const program = join(resolve(top, process.env.BUILD ?? 'build'), 'levee')
const tool = join(top, 'ui/node_modules/.bin/openapi-typescript')
if (!existsSync(program) || !existsSync(tool)) {
  console.log('ok - types # SKIP not built: run make build')
  process.exit(0)
}
const folder = mkdtempSync(join(tmpdir(), 'levee-types-'))
const told = spawnSync(program, ['openapi'], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' }, maxBuffer: 1 << 26 })
writeFileSync(join(folder, 'openapi.json'), told.stdout)
const made = spawnSync(tool, [join(folder, 'openapi.json'), '-o', join(folder, 'openapi.d.ts')], { encoding: 'utf8', cwd: join(top, 'ui') })
check('openapi-typescript reads what levee openapi says', told.status === 0 && made.status === 0, told.stderr + made.stderr)
if (made.status === 0) check('ui/src/api/openapi.d.ts is made from this program', readFileSync(join(folder, 'openapi.d.ts'), 'utf8') === readFileSync(join(top, 'ui/src/api/openapi.d.ts'), 'utf8'))
rmSync(folder, { recursive: true })
finish()
