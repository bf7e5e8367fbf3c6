import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import ts from 'typescript'

const root = resolve(import.meta.dirname, '..')

/** What each part may import: parts of ours, and packages. The first prefix that fits a file counts. */
const table: readonly { part: string; ours: readonly string[]; packages: readonly string[] }[] = [
  { part: 'machines/', ours: ['machines/'], packages: ['xstate', 'zod'] },
  { part: 'src/ports/', ours: ['src/ports/'], packages: [] },
  { part: 'src/errors', ours: ['src/errors/'], packages: [] },
  { part: 'src/texts/', ours: ['src/texts/'], packages: ['intl-messageformat'] },
  { part: 'src/title.ts', ours: [], packages: [] },
  { part: 'src/unique-id.ts', ours: [], packages: [] },
  { part: 'src/address.ts', ours: [], packages: [] },
  { part: 'src/secret.ts', ours: ['machines/'], packages: ['zod'] },
  { part: 'src/field.ts', ours: ['src/address.ts'], packages: ['zod'] },
  { part: 'src/migration.ts', ours: ['src/ports/', 'src/secret.ts'], packages: [] },
  { part: 'src/next-flow.ts', ours: [], packages: [] },
  { part: 'src/subentry.ts', ours: [], packages: ['zod'] },
  { part: 'src/contexts.ts', ours: ['src/ports/', 'src/subentry.ts'], packages: ['zod'] },
  {
    part: 'src/integration.ts',
    ours: [
      ...['src/ports/', 'src/migration.ts', 'src/next-flow.ts', 'src/contexts.ts', 'src/subentry.ts'],
      'src/texts/',
    ],
    packages: ['zod'],
  },
  { part: 'src/view.ts', ours: ['machines/', 'src/ports/'], packages: [] },
  {
    part: 'src/form.ts',
    ours: ['machines/', 'src/ports/', 'src/errors.ts', 'src/secret.ts', 'src/view.ts'],
    packages: ['zod'],
  },
  {
    part: 'src/engine/',
    ours: [
      ...['machines/', 'src/engine/', 'src/ports/', 'src/errors.ts', 'src/integration.ts', 'src/form.ts'],
      ...[
        'src/contexts.ts',
        'src/migration.ts',
        'src/next-flow.ts',
        'src/secret.ts',
        'src/subentry.ts',
        'src/view.ts',
        'src/texts/',
        'src/title.ts',
        'src/unique-id.ts',
      ],
    ],
    packages: ['xstate', 'zod'],
  },
  {
    part: 'src/adapters/jose-cipher.ts',
    ours: ['src/adapters/', 'src/ports/', 'src/errors.ts'],
    packages: ['jose'],
  },
  {
    part: 'src/adapters/node-network.ts',
    ours: ['src/ports/', 'src/errors.ts'],
    packages: ['node:dns', 'node:net', 'undici', 'ipaddr.js'],
  },
  {
    part: 'src/adapters/sqlite-',
    ours: ['src/adapters/', 'src/ports/', 'src/errors.ts'],
    packages: [
      'node:crypto',
      'node:fs',
      'node:fs/promises',
      'node:path',
      'node:sqlite',
      'node:timers/promises',
      'kysely',
      'kysely/migration',
    ],
  },
  {
    part: 'src/adapters/group-commit.ts',
    ours: ['src/adapters/', 'src/ports/', 'src/errors.ts'],
    packages: ['node:sqlite'],
  },
  {
    part: 'src/adapters/file-journal.ts',
    ours: ['src/adapters/', 'src/ports/'],
    packages: ['node:crypto', 'node:fs/promises', 'zod'],
  },
  { part: 'src/adapters/sync-folder.ts', ours: [], packages: ['node:fs/promises', 'node:path'] },
  {
    part: 'src/adapters/key-file.ts',
    ours: ['src/adapters/', 'src/ports/', 'src/errors.ts'],
    packages: ['node:fs', 'node:fs/promises', 'node:path', 'node:crypto', 'jose'],
  },
  {
    part: 'src/adapters/page-files.ts',
    ours: ['src/errors.ts'],
    packages: ['node:fs', 'node:fs/promises', 'node:path'],
  },
  { part: 'src/adapters/', ours: ['src/adapters/', 'src/ports/', 'src/errors.ts'], packages: [] },
  {
    part: 'src/testing/',
    ours: ['src/', 'machines/'],
    packages: ['xstate', 'xstate/graph', 'zod', 'node:assert/strict'],
  },
  {
    part: 'src/oauth/',
    ours: ['src/oauth/', 'src/ports/', 'src/errors.ts', 'src/secret.ts'],
    packages: ['openid-client', 'zod'],
  },
  { part: 'src/diagrams/', ours: [], packages: ['xstate'] },
  {
    part: 'src/http/',
    ours: ['src/http/', 'src/engine/', 'src/ports/', 'src/errors.ts', 'src/view.ts', 'src/texts/'],
    packages: ['hono', 'hono/', '@hono/zod-openapi', 'jose', 'zod', 'node:crypto'],
  },
  // Types alone of what is not its own; test/client holds that nothing of it is bundled.
  { part: 'src/client/', ours: ['src/client/', 'src/view.ts', 'src/engine/', 'src/ports/'], packages: [] },
  {
    part: 'src/react/mantine/',
    ours: ['src/react/', 'src/client/', 'src/view.ts', 'src/texts/', 'src/ports/'],
    packages: [
      ...['react', '@mantine/core', '@rjsf/utils', '@cfworker/json-schema'],
      ...['@rjsf/core/lib/', '@rjsf/mantine/lib/'],
    ],
  },
  { part: 'src/react/', ours: ['src/react/', 'src/client/'], packages: ['react'] },
  {
    part: 'src/inspect/',
    ours: ['src/inspect/', 'machines/', 'src/engine/', 'src/ports/'],
    packages: ['xstate', 'ws', 'node:net', 'node:http', 'node:events', 'node:crypto'],
  },
  {
    part: 'src/cli/',
    ours: ['src/', 'machines/'],
    packages: [
      ...['commander', '@clack/prompts', '@hono/node-server', 'zod', 'xstate'],
      ...['node:child_process', 'node:events', 'node:fs', 'node:fs/promises', 'node:http', 'node:net'],
      ...[
        'node:os',
        'node:path',
        'node:process',
        'node:stream',
        'node:stream/consumers',
        'node:timers/promises',
        'node:url',
        'node:util',
      ],
      'node:crypto',
    ],
  },
  { part: 'src/index.ts', ours: ['src/'], packages: [] },
]

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => `${folder}/${name}`)
}

/** Where a file imports from: paths of ours from the root, packages by name. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'))
  return importedFiles.map(({ fileName }) =>
    fileName.startsWith('.') ? relative(root, resolve(root, dirname(file), fileName)) : fileName,
  )
}

/** Whether a package is the one that is allowed, or lies below it where that ends in a slash. */
const isPart = (name: string, allowed: string): boolean =>
  allowed.endsWith('/') ? name.startsWith(allowed) : name === allowed

/** The imports of a file that its part may not have. */
function breaches(file: string, imports: readonly string[]): string[] {
  const rule = table.find(({ part }) => file.startsWith(part))
  if (rule === undefined) return [`${file} is in no part of the table`]
  return imports
    .filter((name) => !rule.packages.some((allowed) => isPart(name, allowed)))
    .filter((name) => !rule.ours.some((part) => name.startsWith(part)))
    .map((name) => `${file} imports ${name}`)
}

describe('the direction of imports', () => {
  it.each([...sources('machines'), ...sources('src')])('holds in %s', (file) => {
    expect(breaches(file, importsOf(file))).toEqual([])
  })

  it('is breached by a machine that reaches for the engine, and by an engine that reaches for Node', () => {
    expect(breaches('machines/config-flow.ts', ['src/engine/statecharts/runner.ts', 'xstate'])).toHaveLength(
      1,
    )
    expect(breaches('src/engine/statecharts/runner.ts', ['node:fs'])).toHaveLength(1)
  })
})

describe('the size of files', () => {
  it.each([...sources('machines'), ...sources('src')])('is 300 lines at most in %s', (file) => {
    expect(readFileSync(join(root, file), 'utf8').split('\n').length).toBeLessThanOrEqual(301)
  })
})

describe('zod', () => {
  it.each([...sources('machines'), ...sources('src')])(
    'is imported whole, so that bundlers can shake it, in %s',
    (file) => {
      expect(readFileSync(join(root, file), 'utf8')).not.toMatch(/import (?:type )?\{[^}]*\} from 'zod'/)
    },
  )
})
