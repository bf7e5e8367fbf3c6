import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { cpus, loadavg, totalmem } from 'node:os'
import type { Result } from './result.ts'
import { table } from './table.ts'

const FILE = new URL('../docs/figures.md', import.meta.url)

/** Keeps the results with the machine that they were measured on. */
export async function writeFigures(results: readonly Result[]): Promise<void> {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  const date = new Date().toISOString().slice(0, 10)
  await writeFile(
    FILE,
    `# What it costs, measured

Written by \`npm run bench -- --write\` on ${date}, at commit ${commit()}.

- Machine: ${cpu?.model.trim()}, ${cpus().length} cores, ${memory} GB, ${process.platform} ${process.arch}
- Load of the machine over the last 15 minutes, the bench with it: ${loadavg()[2]?.toFixed(1)}
- Node ${process.version}, V8 ${process.versions.v8}, SQLite ${process.versions.sqlite}

\`\`\`
${table(results)}
\`\`\`

How it is measured: all that is compared runs side by side in one run, in turns, after a warm-up; a value is the median
of the rounds. \`flow/*\` is one whole flow in memory through the public API, each contender in a process of its own; \`bare-actor\` is the same statechart as an XState actor that keeps entries in a Map, and \`hand-written\` a class
without a statechart. Both are information without a target. \`growth/*\` is one flow among 100,000 others. \`commits/*\` are counted in SQLite's log.
\`http/form-step\` is a submit that shows an error, beside a route of Hono that parses, validates and answers the same
JSON, each server in a process of its own; \`-cpu\` is the processor time that a step takes of the server, which a
busy machine changes less than the rate. \`size/*\` is what a browser loads.
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
