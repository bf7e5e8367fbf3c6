import { parseArgs } from 'node:util'
import { playScript } from './script.ts'
import { runTerminal } from './terminal.ts'

const usage = `The home hub: links MQTT accounts, and repairs them when their passwords change.

  npm run start:terminal                  run in the terminal
  npm run start:terminal -- --db PATH     use another database than ./home-hub.db
  npm run start:terminal -- --script      play the whole story and check each line
`

process.exitCode = await main()

async function main(): Promise<number> {
  let options: {
    readonly db: string
    readonly script: boolean
    readonly help: boolean
    readonly careless: boolean
  }
  try {
    options = parseArgs({
      options: {
        db: { type: 'string', default: 'home-hub.db' },
        script: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        // Breaks the broker. A test uses it to check that the story detects this.
        careless: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
    return 2
  }
  if (options.help) {
    console.log(usage)
    return 0
  }
  if (options.script) return playScript(options)
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    console.error(
      'The home hub needs a terminal. Play its story without one: npm run start:terminal -- --script',
    )
    return 1
  }
  return openTerminal(options.db)
}

async function openTerminal(database: string): Promise<number> {
  const ending = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort())
  try {
    await runTerminal(database, { input: process.stdin, output: process.stdout, signal: ending.signal })
    return 0
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return 1
  }
}
