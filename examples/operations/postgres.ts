import { postgresStore } from '../../src/adapters/postgres/postgres-store.ts'
import { createLatchkey, joseCipher } from '../../src/index.ts'
import { weather } from '../integrations/weather.ts'

/** Returns Latchkey on a PostgreSQL database: `server` is host, port and database, as a pooler or directly. */
export async function createShared(server: string, direct = server) {
  // #region store
  const store = postgresStore(`postgres://app@${server}`, {
    systemUrl: `postgres://jobs@${server}`,
    ownerUrl: `postgres://owner@${direct}`,
    listenUrl: `postgres://app@${direct}`,
  })
  const cipher = joseCipher([Buffer.from(process.env.LATCHKEY_KEY ?? '', 'base64')])
  const latchkey = await createLatchkey({ integrations: [weather], store, cipher })
  // #endregion
  return latchkey
}
