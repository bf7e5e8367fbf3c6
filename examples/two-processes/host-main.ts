// One of several hosts on the same database. Its parent sends the settings, and receives the port.

import { Hono } from 'hono'
import { pageFiles } from '../../src/adapters/node/page-files.ts'
import { postgresStore } from '../../src/adapters/postgres/postgres-store.ts'
import { latchkeyHandler } from '../../src/http/index.ts'
import { createLatchkey, joseCipher } from '../../src/index.ts'
import { listen } from '../listen.ts'
import { myHub } from '../my-hub/my-hub.ts'

/** The settings of a host. They have secrets, so they are not arguments of the process. */
export interface HostSettings {
  /** The connection string of the database. */
  readonly database: string
  /** The key that encrypts the credentials, in base64. All hosts have the same. */
  readonly key: string
  /** The token of the page. */
  readonly token: string
  /** The address of the page. */
  readonly url: string
}

/** Interval at which each device is polled in milliseconds. A revoked token is noticed after that time. */
const STATUS_EVERY = 2_000

process.once('disconnect', () => process.exit(0))
process.once(
  'message',
  ({ database, key, token, url }: HostSettings) => void start({ database, key, token, url }),
)

async function start({ database, key, token, url }: HostSettings): Promise<void> {
  const latchkey = await createLatchkey({
    integrations: [myHub],
    store: postgresStore(database),
    cipher: joseCipher([Buffer.from(key, 'base64')]),
  })
  const handler = latchkeyHandler(latchkey, {
    page: pageFiles(),
    publicUrl: url,
    authorize: ({ headers }) =>
      headers.get('authorization') === `Bearer ${token}`
        ? { scope: 'default', principal: 'you', rights: ['manage'] }
        : null,
  })
  const app = new Hono().all('*', (context) => handler(context.req.raw))
  const { port } = await listen(app, 0)
  void latchkey.start().catch(() => {})
  setInterval(async () => {
    const { items } = await latchkey.entries.list()
    for (const { entryId } of items) {
      // The entry's state shows the failure.
      await latchkey.entries.use(myHub, entryId, (client) => client.status()).catch(() => {})
    }
  }, STATUS_EVERY)
  process.send?.(port)
}
