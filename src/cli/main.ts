#!/usr/bin/env node
import type { Terminal } from './command.ts'
import { EXIT, exitCodeOf } from './exit-codes.ts'
import { peer } from './peer.ts'
import { problemOf } from './problem.ts'

process.exitCode = await main()

async function main(): Promise<number> {
  const ending = new AbortController()
  // Handled once: a second Ctrl-C ends the process immediately.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => ending.abort())
  const terminal: Terminal = {
    input: process.stdin,
    output: process.stdout,
    errors: process.stderr,
    env: process.env,
    directory: process.cwd(),
    signal: ending.signal,
    interrupt: () => {
      if (ending.signal.aborted) process.exit(EXIT.cancelled)
      ending.abort()
    },
  }
  try {
    const { runCli } = await peer(() => import('./program.ts'))
    return await runCli(process.argv.slice(2), terminal)
  } catch (error) {
    const { detail, code } = problemOf(error)
    process.stderr.write(`${detail}\n`)
    return exitCodeOf(code)
  }
}
