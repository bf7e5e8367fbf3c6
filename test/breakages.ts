// Breaks a copy of the code in one place at a time, and expects a test to fail: `npm run breakages`.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { breakages } from './breakages-table.ts'

const root = resolve(import.meta.dirname, '..')
const folders = ['machines', 'src', 'test', 'examples', 'scripts', 'bench']
const files = ['package.json', 'tsconfig.json', 'jest.config.js', 'README.md', 'biome.json']

function copyTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'latchkey-breakages-'))
  for (const name of [...folders, ...files, '.ci'])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

function passes(copy: string, tests: readonly string[]): boolean {
  const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--bail', '--silent', ...tests]
  return spawnSync(process.execPath, jest, { cwd: copy, stdio: 'ignore' }).status === 0
}

const only = process.argv[2]
const chosen = breakages.filter(({ what }) => only === undefined || what.includes(only))
const copy = copyTree()
let unnoticed = 0
try {
  const tests = [...new Set(chosen.flatMap((breakage) => breakage.tests))]
  if (!passes(copy, tests)) throw new Error('The tests fail before the code is broken.')
  for (const { what, file, from, to, tests } of chosen) {
    const path = join(copy, file)
    const whole = readFileSync(path, 'utf8')
    if (whole.split(from).length !== 2)
      throw new Error(`${file} does not contain exactly one place where ${what}.`)
    writeFileSync(
      path,
      whole.replace(from, () => to),
    )
    const noticed = !passes(copy, tests)
    writeFileSync(path, whole)
    if (!noticed) unnoticed++
    console.log(`${noticed ? 'noticed  ' : 'UNNOTICED'}  ${what} (${file})`)
  }
} finally {
  rmSync(copy, { recursive: true })
}
console.log(`${chosen.length - unnoticed} of ${chosen.length} breakages made a test fail.`)
process.exitCode = unnoticed === 0 ? 0 : 1
