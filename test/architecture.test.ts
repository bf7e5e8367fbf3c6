import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import ts from 'typescript'

const root = resolve(import.meta.dirname, '..')

/** A room: a folder, or a file outside of a folder, with the rooms and packages that it may import. */
interface Room {
  readonly room: string
  /** The rooms below that it may import. */
  readonly uses?: readonly string[]
  readonly packages?: readonly string[]
}

/** The rooms below the engine: every room of the engine may use them. */
const BASE = [
  'machines/',
  'src/number-rules.ts',
  'src/ports/',
  'src/errors.ts',
  'src/view.ts',
  'src/form.ts',
  'src/entry-filter.ts',
  'src/categories.ts',
  'src/authoring/',
]
const PORTS = ['src/ports/', 'src/errors.ts']

/** The rooms of the engine from the bottom to the top. A room may import only rooms above it in this list. */
const ENGINE: readonly Room[] = [
  { room: 'lib/' },
  { room: 'api/', uses: ['src/texts/'] },
  { room: 'integrations/', uses: ['src/texts/'], packages: ['zod'] },
  { room: 'statecharts/', packages: ['xstate'] },
  { room: 'connections/', packages: ['zod'] },
  { room: 'language/', uses: ['src/texts/'] },
  { room: 'kernel/', packages: ['xstate'] },
  { room: 'login-budget/' },
  { room: 'secrets/' },
  { room: 'records/', packages: ['xstate', 'zod'] },
  { room: 'removals/' },
  { room: 'webhooks/', packages: ['standardwebhooks', 'xstate', 'zod'] },
  { room: 'flow-state/', packages: ['xstate', 'zod'] },
  { room: 'tokens/', packages: ['xstate'] },
  { room: 'flow-work/' },
  { room: 'sign-in/', packages: ['xstate'] },
  { room: 'flow-start/' },
  { room: 'flows/', packages: ['zod'] },
  { room: 'tasks/' },
  { room: 'entries/', packages: ['xstate'] },
  { room: 'scoped-api.ts' },
  { room: 'keys/' },
  { room: 'readiness.ts' },
  { room: 'shutdown.ts' },
  { room: 'engine.ts' },
  { room: 'create-latchkey.ts', uses: ['src/adapters/timer-jobs.ts', 'src/texts/'] },
]

/** Every room of the tree. The first room whose path fits a file is the room of the file. */
const ROOMS: readonly Room[] = [
  { room: 'machines/', packages: ['xstate'] },
  { room: 'src/ports/' },
  { room: 'src/errors/' },
  { room: 'src/number-rules.ts' },
  { room: 'src/entry-filter.ts' },
  { room: 'src/categories.ts' },
  { room: 'src/errors.ts', uses: ['src/errors/'] },
  { room: 'src/texts/', packages: ['intl-messageformat'] },
  { room: 'src/view.ts', uses: ['machines/', 'src/ports/'] },
  {
    room: 'src/authoring/',
    uses: ['machines/', 'src/categories.ts', 'src/ports/', 'src/errors.ts', 'src/texts/'],
    packages: ['zod'],
  },
  {
    room: 'src/form.ts',
    uses: ['machines/', ...PORTS, 'src/authoring/', 'src/view.ts'],
    packages: ['zod'],
  },
  ...ENGINE.map(({ room, uses = [], packages = [] }, floor) => ({
    room: `src/engine/${room}`,
    uses: [...BASE, ...uses, ...ENGINE.slice(0, floor).map((below) => `src/engine/${below.room}`)],
    packages,
  })),
  {
    room: 'src/adapters/memory/',
    uses: [
      ...PORTS,
      'src/adapters/attention-cursor.ts',
      'src/adapters/changed-ids.ts',
      'src/adapters/check-write.ts',
      'src/adapters/deep-freeze.ts',
      'src/adapters/entry-status.ts',
      'src/adapters/jose-cipher.ts',
      'src/adapters/lease-time.ts',
      'src/adapters/needs-person.ts',
      'src/adapters/observers.ts',
      'src/adapters/record-leases.ts',
      'src/adapters/stored-flow.ts',
    ],
    packages: ['sorted-btree'],
  },
  {
    room: 'src/adapters/node/',
    uses: [...PORTS, 'src/adapters/jose-cipher.ts'],
    packages: ['node:', 'ipaddr.js', 'jose', 'undici', 'zod'],
  },
  {
    room: 'src/adapters/sqlite/',
    uses: [
      ...PORTS,
      'src/number-rules.ts',
      'src/adapters/node/',
      'src/adapters/attention-cursor.ts',
      'src/adapters/changed-ids.ts',
      'src/adapters/check-write.ts',
      'src/adapters/deep-freeze.ts',
      'src/adapters/entry-status.ts',
      'src/adapters/jose-cipher.ts',
      'src/adapters/lease-time.ts',
      'src/adapters/needs-person.ts',
      'src/adapters/observers.ts',
      'src/adapters/record-leases.ts',
      'src/adapters/stored-flow.ts',
      'src/adapters/stored-record.ts',
    ],
    packages: ['node:', 'kysely', 'kysely/migration'],
  },
  { room: 'src/telemetry/', uses: ['src/ports/'], packages: ['@opentelemetry/api'] },
  {
    room: 'src/adapters/pg-boss/',
    uses: [...PORTS, 'src/number-rules.ts'],
    packages: ['pg-boss'],
  },
  {
    room: 'src/adapters/postgres/',
    uses: [
      ...PORTS,
      'src/number-rules.ts',
      'src/adapters/attention-cursor.ts',
      'src/adapters/changed-ids.ts',
      'src/adapters/check-write.ts',
      'src/adapters/entry-status.ts',
      'src/adapters/needs-person.ts',
      'src/adapters/observers.ts',
      'src/adapters/record-leases.ts',
      'src/adapters/stored-flow.ts',
      'src/adapters/stored-record.ts',
    ],
    packages: ['node:', 'kysely', 'kysely/migration', 'pg'],
  },
  { room: 'src/adapters/', uses: PORTS, packages: ['jose'] },
  {
    room: 'src/oauth/',
    uses: [...PORTS, 'src/authoring/'],
    packages: ['jose', 'openid-client', 'zod'],
  },
  {
    room: 'src/providers/',
    uses: [...PORTS, 'src/authoring/', 'src/oauth/'],
    packages: ['openid-client', 'zod'],
  },
  { room: 'src/diagrams/', packages: ['xstate'] },
  { room: 'src/http/node/', uses: ['src/http/'], packages: ['@hono/node-server', 'node:http'] },
  {
    room: 'src/http/',
    uses: [...PORTS, 'src/categories.ts', 'src/engine/api/', 'src/engine/lib/', 'src/texts/', 'src/view.ts'],
    packages: ['@hono/zod-openapi', 'hono', 'hono/', 'jose', 'node:crypto', 'zod'],
  },
  // Types only from outside of its folder: test/client checks that none of it is bundled.
  { room: 'src/client/', uses: ['src/engine/api/', 'src/ports/', 'src/view.ts'] },
  {
    room: 'src/react/mantine/',
    uses: ['src/categories.ts', 'src/client/', 'src/react/', 'src/ports/', 'src/texts/', 'src/view.ts'],
    packages: [
      '@cfworker/json-schema',
      '@mantine/core',
      '@mantine/hooks',
      '@rjsf/core/lib/',
      '@rjsf/mantine/lib/',
      '@rjsf/utils',
      '@tanstack/react-virtual',
      'react',
      'uqr',
    ],
  },
  { room: 'src/react/', uses: ['src/client/', 'src/entry-filter.ts'], packages: ['react'] },
  {
    room: 'src/inspect/',
    uses: ['machines/', 'src/engine/api/', 'src/ports/', 'src/diagrams/'],
    packages: ['node:', 'ws', 'xstate'],
  },
  {
    room: 'src/cli/',
    uses: [
      'machines/',
      ...PORTS,
      'src/adapters/node/',
      'src/diagrams/',
      'src/engine/api/',
      'src/http/',
      'src/engine/create-latchkey.ts',
      'src/view.ts',
    ],
    packages: ['@clack/prompts', '@hono/node-server', 'commander', 'node:', 'xstate', 'zod'],
  },
  {
    room: 'src/testing/',
    uses: [
      ...BASE,
      'src/adapters/memory/',
      'src/engine/api/',
      'src/engine/create-latchkey.ts',
      'src/engine/integrations/',
      'src/engine/statecharts/',
    ],
    packages: ['node:assert/strict', 'xstate', 'xstate/graph', 'zod'],
  },
  {
    room: 'src/index.ts',
    uses: [
      ...BASE,
      'src/adapters/jose-cipher.ts',
      'src/adapters/memory/',
      'src/adapters/plain-cipher.ts',
      'src/engine/api/',
      'src/engine/create-latchkey.ts',
    ],
  },
]

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => `${folder}/${name}`)
    .sort()
}

/** The imports of a file, types included: paths from the root, or names of packages. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'))
  return importedFiles.map(({ fileName }) =>
    fileName.startsWith('.') ? relative(root, resolve(root, dirname(file), fileName)) : fileName,
  )
}

/** Whether `name` is `allowed`, or below it if `allowed` ends in a slash or a colon. */
const isPart = (name: string, allowed: string): boolean =>
  /[/:]$/.test(allowed) ? name.startsWith(allowed) : name === allowed

/** The imports of a file that its room does not allow. */
function breaches(file: string, imports: readonly string[]): string[] {
  const rule = ROOMS.find(({ room }) => file.startsWith(room))
  if (rule === undefined) return [`${file} is not in a room of the table`]
  return imports
    .filter((name) => !isPart(name, rule.room))
    .filter((name) => ![...(rule.uses ?? []), ...(rule.packages ?? [])].some((part) => isPart(name, part)))
    .map((name) => `${file} imports ${name}`)
}

/** The groups of files that import each other in a circle (Tarjan's strongly connected components). */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = []
  const path: string[] = []
  const seen = new Map<string, number>()
  const open = new Set<string>()
  const visit = (file: string): number => {
    const index = seen.size
    let lowest = index
    seen.set(file, index)
    path.push(file)
    open.add(file)
    for (const next of imports.get(file) ?? []) {
      if (!seen.has(next)) lowest = Math.min(lowest, visit(next))
      else if (open.has(next)) lowest = Math.min(lowest, seen.get(next) ?? index)
    }
    if (lowest === index) {
      const group = path.splice(path.indexOf(file))
      for (const member of group) open.delete(member)
      if (group.length > 1 || imports.get(file)?.includes(file) === true) found.push(group.sort())
    }
    return lowest
  }
  for (const file of imports.keys()) if (!seen.has(file)) visit(file)
  return found
}

const product = [...sources('machines'), ...sources('src')]

describe('the direction of imports', () => {
  it.each(product)('holds in %s', (file) => {
    expect(breaches(file, importsOf(file))).toEqual([])
  })

  it('is breached by a machine that imports the engine, a lower room that imports a higher one, and Node', () => {
    expect(breaches('machines/config-flow.ts', ['src/engine/lib/call.ts', 'xstate'])).toHaveLength(1)
    expect(breaches('src/engine/records/audit.ts', ['src/engine/flows/flows.ts'])).toHaveLength(1)
    expect(breaches('src/engine/statecharts/runner.ts', ['node:fs'])).toHaveLength(1)
  })

  it.each(ROOMS.map(({ room }) => room))('names a room that exists: %s', (room) => {
    expect(product.some((file) => file.startsWith(room))).toBe(true)
  })
})

describe('ARCHITECTURE.md', () => {
  it.each(ENGINE.map(({ room }) => room))('shows the room %s of the engine', (room) => {
    expect(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')).toContain(room)
  })
})

describe('import circles', () => {
  it('do not exist in the tree, type imports included', () => {
    const files = [...product, ...['web/src', 'test', 'examples', 'bench', 'scripts'].flatMap(sources)]
    expect(circles(new Map(files.map((file) => [file, importsOf(file)])))).toEqual([])
  })

  it('are found through several files', () => {
    const imports = { a: ['b'], b: ['c', 'd'], c: ['a'], d: ['d'], e: ['a'] }
    expect(circles(new Map(Object.entries(imports)))).toEqual([['d'], ['a', 'b', 'c']])
  })
})

describe('the size of files', () => {
  it.each(product)('is at most 300 lines without comments in %s', (file) => {
    const source = readFileSync(join(root, file), 'utf8')
    const code = source.replaceAll(/^ *\/\*\*[\s\S]*?\*\/\n|^ *\/\/.*\n/gm, '')
    expect(code.split('\n').length).toBeLessThanOrEqual(301)
  })
})

describe('zod', () => {
  it.each(product)('is imported whole, so that bundlers can remove unused parts, in %s', (file) => {
    expect(readFileSync(join(root, file), 'utf8')).not.toMatch(/import (?:type )?\{[^}]*\} from 'zod'/)
  })
})
