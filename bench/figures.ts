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
- Load of the machine over the last 15 minutes, the bench with it: ${loadavg()[2]?.toFixed(1)}
- Load average of the machine over the last 15 minutes, including the bench: ${process.version}, V8 ${process.versions.v8}, SQLite ${process.versions.sqlite}

\`\`\`
${table(results)}
\`\`\`

Method: all contenders run alternately in one run, after a warm-up. A value is the median of the rounds.

- \`flow/*\` is one whole flow in memory through the public API. Each contender has a separate process. \`bare-actor\` is
  the same statechart as an XState actor that keeps entries in a Map, and \`hand-written\` is a class without a
  statechart. Both are information without a target.
- \`growth/*\` is one flow among 100,000 others.
- \`commits/*\` are counted in SQLite's log.
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
