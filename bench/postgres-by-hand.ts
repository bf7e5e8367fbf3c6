import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { entryRecord, openFlow } from './records.ts'

/**
 * The two transactions of a reauthentication as statements without Latchkey: the first opens the flow, the second saves the
 * credential and ends the flow. Both write the history and the change of the feed. `:s`, `:e` and `:f` are the ids.
 */
function transactions(): readonly (readonly string[])[] {
  const id = '0'.repeat(36)
  const entry = textOf(JSON.stringify(entryRecord(id)).length)
  const flow = textOf(JSON.stringify({ ...openFlow(id), entryId: id }).length)
  const row = textOf(200)
  const head = (
    rows: number,
  ) => `insert into latchkey.heads as h (scope, seq, position) values (:s, 1, ${rows})
    on conflict (scope) do update set seq = h.seq + 1, position = h.position + ${rows}`
  const history = `insert into latchkey.audit (scope, seq, entry_id, at, record)
    select :s, position, :e, 1, ${row} from latchkey.heads where scope = :s`
  const change = `insert into latchkey.changes (scope, seq, origin, ids, at)
    select :s, seq, 'bench', '["' || :f || '"]', 1 from latchkey.heads where scope = :s`
  return [
    [
      'begin',
      head(1),
      `insert into latchkey.flows (scope, flow_id, domain, entry_id, open, edits, due_at, revision, record)
        values (:s, :f, 'bench', :e, true, true, 1796586181172, 1, ${flow})`,
      history,
      change,
      'commit',
    ],
    [
      'begin',
      head(1),
      `update latchkey.entries set revision = revision + 1, record = ${entry} where scope = :s and entry_id = :e`,
      `update latchkey.flows set open = false, revision = 2, record = ${flow}
        where scope = :s and flow_id = :f and revision = 1`,
      history,
      change,
      'commit',
    ],
  ]
}

/** A text of this length. Without colons, because pgbench would take them for variables. */
const textOf = (length: number): string => `repeat('x', ${length})`

/** Adds the entries of the lanes. The store has created the tables. */
export async function addRows(url: string, lanes: number): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(
    `insert into latchkey.entries (scope, entry_id, domain, unique_id, needs, ignored, revision, record)
      select 'hand-' || i, 'entry-' || i, 'bench', 'mine', false, false, 1, $2 from generate_series(0, $1 - 1) i`,
    [lanes, JSON.stringify(entryRecord('entry'))],
  )
  await client.end()
}

/** Runs the transactions with prepared statements, each transaction sent at once. @returns the number of flows */
export async function runFromNode(url: string, lanes: number, each: number): Promise<number> {
  const numbered = transactions().map((statements, at) =>
    statements.map((text, index) => ({
      name: `by-hand-${at}-${index}`,
      ...withParameters(text),
    })),
  )
  const lane = async (at: number) => {
    const client = new pg.Client({ connectionString: url, pipeline: true })
    await client.connect()
    for (let flow = 0; flow < each; flow++) {
      const ids = { s: `hand-${at}`, e: `entry-${at}`, f: crypto.randomUUID() }
      for (const statements of numbered) {
        await Promise.all(
          statements.map(({ name, text, uses }) =>
            client.query({ name, text, values: uses.map((id) => ids[id]) }),
          ),
        )
      }
    }
    await client.end()
  }
  await Promise.all(Array.from({ length: lanes }, (_, at) => lane(at)))
  return lanes * each
}

type Id = 's' | 'e' | 'f'

/** Replaces `:s`, `:e` and `:f` by numbered parameters. */
function withParameters(text: string): { readonly text: string; readonly uses: readonly Id[] } {
  const uses: Id[] = []
  const numbered = text.replace(/(?<!:):([sef])\b/g, (_, id: Id) => {
    if (!uses.includes(id)) uses.push(id)
    return `$${uses.indexOf(id) + 1}::text`
  })
  return { text: numbered, uses }
}

/** Whether `pgbench` is installed. It is not part of the packages of npm. */
export function hasPgbench(): boolean {
  try {
    execFileSync('pgbench', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Runs the transactions with pgbench for a number of seconds. @returns flows per second */
export async function runPgbench(
  url: string,
  options: { readonly lanes: number; readonly seconds: number; readonly pipelined: boolean },
): Promise<number> {
  const { lanes, seconds, pipelined } = options
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-pgbench-'))
  const file = join(folder, 'reauth.sql')
  const script = transactions().flatMap((statements) => [
    ...(pipelined ? ['\\startpipeline'] : []),
    ...statements.map((text) => `${withVariables(text).replaceAll('\n', ' ')};`),
    ...(pipelined ? ['\\endpipeline'] : []),
  ])
  await writeFile(file, ['\\set id random(1, 1000000000000000)', ...script, ''].join('\n'))
  const { hostname, port, pathname, username } = new URL(url)
  const mode = ['-n', '-M', pipelined ? 'extended' : 'prepared', '-f', file]
  const size = ['-c', String(lanes), '-j', '1', '-T', String(seconds)]
  const args = ['-h', hostname, '-p', port, '-U', username, ...mode, ...size, pathname.slice(1)]
  try {
    const output = await new Promise<string>((resolve, reject) => {
      execFile('pgbench', args, (error, stdout, stderr) =>
        error ? reject(new Error(stderr)) : resolve(stdout),
      )
    })
    return Number(/tps = ([\d.]+)/.exec(output)?.[1])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Replaces the ids by variables of pgbench. Each client has a separate scope and entry. */
const withVariables = (text: string): string =>
  text.replace(/(?<!:):([sef])\b/g, (_, id: Id) =>
    id === 's'
      ? `('hand-' || :client_id)`
      : id === 'e'
        ? `('entry-' || :client_id)`
        : `('flow-' || :client_id || '-' || :id)`,
  )
