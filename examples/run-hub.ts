import { parseArgs } from 'node:util'
import { openBrowser } from '../src/cli/open-browser.ts'

/** A running example. */
interface RunningHub {
  /** URL of its page, with its token in the fragment. */
  readonly url: string
  stop(): Promise<void>
}

interface HubProgram {
  readonly usage: string
  /** The default port. 0 selects a free port. */
  readonly port: number
  /** The default path of the database. Absent if nothing is saved. */
  readonly database?: string
  start(options: { readonly port: number; readonly database: string }): Promise<RunningHub>
}

/** Runs an example with the arguments of the command line until it is interrupted. @returns the exit code */
export async function runHub(program: HubProgram): Promise<number> {
  const options = readOptions(program)
  if (typeof options === 'string') {
    console.error(`${options}\n\n${program.usage}`)
    return 2
  }
  if (options.help) {
    console.log(program.usage)
    return 0
  }
  const ended = Promise.withResolvers<void>()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => ended.resolve())
  try {
    const hub = await program.start(options)
    console.log(`Latchkey: ${hub.url}`)
    const forget = options.open && process.stdout.isTTY && !process.env.CI ? await openBrowser(hub.url) : null
    await ended.promise
    await forget?.()
    await hub.stop()
    return 0
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return 1
  }
}

/** Returns the parsed arguments, or a usage error. */
function readOptions(program: HubProgram) {
  try {
    const { database } = program
    const { values, tokens } = parseArgs({
      allowNegative: true,
      tokens: true,
      options: {
        port: { type: 'string', default: String(program.port) },
        open: { type: 'boolean', default: true },
        db: { type: 'string', default: database ?? '' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (database === undefined && tokens.some((token) => token.kind === 'option' && token.name === 'db')) {
      return 'Unknown option --db: this example saves nothing.'
    }
    const port = Number(values.port)
    if (!/^\d{1,5}$/.test(values.port) || port > 65_535) return 'Invalid port. Use 0 to 65535.'
    return { port, open: values.open, database: values.db, help: values.help }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
