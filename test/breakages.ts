// Breaks the code in one place at a time, in a copy of the tree, and expects a test to notice: `npm run breakages`.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

interface Breakage {
  readonly what: string
  readonly file: string
  readonly from: string
  readonly to: string
  /** Where the test is that has to notice. */
  readonly tests: readonly string[]
}

const breakages: readonly Breakage[] = [
  {
    what: 'the commit of a proven credential is split in two',
    file: 'src/engine/flow-commit.ts',
    from: `        await core.store.apply(scope, [
          { put: 'entry', record: entry, ifRevision },`,
    to: `        await core.store.apply(scope, [{ put: 'entry', record: entry, ifRevision }])
        await core.store.apply(scope, [`,
    tests: ['test/crash/lost-answers'],
  },
  {
    what: 'the memory store does not look at ifRevision',
    file: 'src/adapters/memory-write.ts',
    from: 'if ((stored?.revision ?? 0) !== ifRevision)',
    to: 'if (stored === null)',
    tests: ['test/adapters/memory-store'],
  },
  {
    what: 'any account passes for the same account',
    file: 'machines/config-flow-setup.ts',
    from: `    accountMismatches: ({ context }, result: CheckResult) =>
      result.type === 'connected' &&`,
    to: `    accountMismatches: ({ context }, result: CheckResult) =>
      result.type === 'failed' &&`,
    tests: ['test/machines/config-flow'],
  },
  {
    what: 'a connection that was proven in vain is not closed',
    file: 'src/engine/flow-charts.ts',
    from: 'void liveOf(connection).close()',
    to: 'liveOf(connection)',
    tests: ['test/engine/flows', 'test/engine/entry-under-flow'],
  },
  {
    what: 'a seal opens for any record',
    file: 'src/adapters/jose-cipher.ts',
    from: 'protectedHeader.ctx !== ctx',
    to: 'protectedHeader.ctx === undefined',
    tests: ['test/adapters/jose-cipher'],
  },
  {
    what: 'a refused credential is tried again',
    file: 'src/engine/entry-work.ts',
    from: 'if (rejected && !retryRejected) return',
    to: 'if (rejected && retryRejected) return',
    tests: ['test/engine/entry-work', 'test/engine/entry-run'],
  },
  {
    what: 'a submit may answer a form that has moved on',
    file: 'src/engine/flows.ts',
    from: 'if (flow.revision !== revision) throw',
    to: 'if (flow.revision < revision) throw',
    tests: ['test/engine/flows'],
  },
  {
    what: 'the budget of refused logins is never spent',
    file: 'src/engine/attempts.ts',
    from: 'const first = counted[counted.length - budget.limit]',
    to: 'const first = counted[counted.length]',
    tests: ['test/engine/attempts'],
  },
  {
    what: 'a result that comes too late is taken',
    file: 'src/engine/run.ts',
    from: 'if (this.#turn !== turn) {',
    to: 'if (turn === null) {',
    tests: ['test/engine/run', 'test/engine/flow-work', 'test/engine/entry-run', 'test/engine/connector'],
  },
  {
    what: 'errors are logged with the secrets in them',
    file: 'src/engine/scrub.ts',
    from: 'struck.replaceAll(form, STRUCK)',
    to: 'struck.replaceAll(form, form)',
    tests: ['test/canary'],
  },
  {
    what: 'the view prefills what was typed in secret fields',
    file: 'src/form.ts',
    from: 'if (!form.secrets.has(field)) clear[field] = kept',
    to: 'clear[field] = kept',
    tests: ['test/canary'],
  },
  {
    what: 'two flows may edit one entry',
    file: 'src/adapters/memory-write.ts',
    from: "throw new SlotTakenError('edit', holder)",
    to: 'void holder',
    tests: ['test/adapters/memory-store'],
  },
]

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
  if (!passes(copy, tests)) throw new Error('The tests fail before anything is broken.')
  for (const { what, file, from, to, tests } of chosen) {
    const path = join(copy, file)
    const whole = readFileSync(path, 'utf8')
    if (whole.split(from).length !== 2) throw new Error(`${file} no longer has the one place where ${what}.`)
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
console.log(`${chosen.length - unnoticed} of ${chosen.length} breakages were noticed.`)
process.exitCode = unnoticed === 0 ? 0 : 1
