import { parseArgs } from 'node:util'
import { openBrowser } from '../../src/cli/open-browser.ts'
import { startHub } from './hub.ts'

const usage = `The home hub: a page that links an MQTT account and a device with an API token, and mends both when they change.

  npm start                      serves the page on this machine, and opens it
  npm start -- --port N          on another port than 8124; 0 picks a free one
  npm start -- --no-open         opens no browser
  npm start -- --db PATH         with another database than ./home-hub.db
  npm run start:terminal         the same in the terminal
`

process.exitCode = await main()

async function main(): Promise<number> {
  const options = readOptions()
  if (typeof options === 'string') {
    console.error(`${options}\n\n${usage}`)
    return 2
  }
  if (options.help) {
    console.log(usage)
    return 0
  }
  const ended = Promise.withResolvers<void>()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => ended.resolve())
  try {
    const hub = await startHub(options)
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

/** What was asked for, or what is wrong with it. */
function readOptions() {
  try {
    const { values } = parseArgs({
      allowNegative: true,
      options: {
        port: { type: 'string', default: '8124' },
        open: { type: 'boolean', default: true },
        db: { type: 'string', default: 'home-hub.db' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const port = Number(values.port)
    if (!/^\d{1,5}$/.test(values.port) || port > 65_535) return 'A port is a number from 0 to 65535.'
    return { port, open: values.open, database: values.db, help: values.help }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
