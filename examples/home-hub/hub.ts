import { Hono } from 'hono'
import { pageFiles } from '../../src/adapters/node/page-files.ts'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { readToken } from '../../src/cli/token-file.ts'
import { latchkeyHandler, type PageFiles } from '../../src/http/index.ts'
import { createLatchkey, type Latchkey } from '../../src/index.ts'
import { examplePage } from '../example-page.ts'
import { listen } from '../listen.ts'
import { myHub } from '../my-hub/my-hub.ts'
import { announceAgain } from './announce.ts'
import { attic, Device, livingRoom } from './device.ts'
import { exampleControls } from './example-controls.ts'
import { Household } from './household.ts'
import { mqtt } from './mqtt-integration.ts'

export interface HubOptions {
  /** Path of the database. The file with `.token` after its name stores the token of the page. */
  readonly database: string
  /** 0 selects a free port. */
  readonly port: number
  /** The page. Defaults to the one in the package. */
  readonly page?: PageFiles
  /** Interval at which each device is polled in milliseconds: a revoked token is noticed after that time. Defaults to 3,000. */
  readonly pollEvery?: number
}

/** The running home hub: its services, its entries and its page. */
export interface Hub {
  /** URL of the page, with its token in the fragment. */
  readonly url: string
  readonly latchkey: Latchkey
  stop(): Promise<void>
}

/** Starts the hub. If something fails, the started parts are stopped again. */
export async function startHub(options: HubOptions): Promise<Hub> {
  const { database, port, page = pageFiles(), pollEvery = 3_000 } = options
  const stops: (() => unknown)[] = []
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each()
  }
  try {
    const household = await Household.open(`${database}.broker.json`)
    stops.push(() => household.broker.stop())
    const device = await Device.start(livingRoom, household.devices.device)
    stops.push(() => device.stop())
    const found = await Device.start(attic, household.devices.attic)
    stops.push(() => found.stop())
    household.devices = { device: device.state, attic: found.state }
    await household.save()

    const latchkey = await createLatchkey({ integrations: [mqtt, myHub], store: sqliteStore(database) })
    stops.push(() => latchkey.stop())
    stops.push(announceAgain(latchkey, [device, found]))
    // Kept, so that an open page works again after a restart.
    const token = await readToken(`${database}.token`)
    const handler = latchkeyHandler(latchkey, {
      page: examplePage(page),
      startToken: token,
      links: { key: crypto.getRandomValues(new Uint8Array(32)) },
    })
    stops.push(() => handler.close())
    const app = new Hono()
    app.route('/example', exampleControls({ household, latchkey, device, attic: found, token }))
    app.all('*', (context) => handler(context.req.raw))
    const listening = await listen(app, port)
    stops.push(() => listening.close())

    void latchkey.start().catch(() => {}) // The hub was stopped before the poll was done.
    stops.push(askForStatus(latchkey, pollEvery))
    return { url: `http://127.0.0.1:${listening.port}/#token=${token}`, latchkey, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Polls each device, as home hubs do. @returns a function that stops this */
function askForStatus(latchkey: Latchkey, every: number): () => void {
  const timer = setInterval(async () => {
    const { items } = await latchkey.entries.list({ domain: myHub.domain })
    for (const { entryId, state } of items) {
      // The entry's state shows the failure.
      if (state === 'loaded') {
        await latchkey.entries.use(myHub, entryId, (client) => client.status()).catch(() => {})
      }
    }
  }, every)
  return () => clearInterval(timer)
}
