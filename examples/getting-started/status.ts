import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey, ReauthRequiredError } from '../../src/index.ts'
import { myHub } from './my-hub.ts'

const latchkey = await createLatchkey({ integrations: [myHub], store: sqliteStore('latchkey.db') })
await latchkey.start()

const { items: entries } = await latchkey.entries.list()
for (const { entryId, title } of entries) {
  try {
    console.log(title, await latchkey.entries.use(myHub, entryId, (hub) => hub.status()))
  } catch (error) {
    if (!(error instanceof ReauthRequiredError)) throw error
    console.log(title, error.code)
  }
}
for (const { title, reason } of await latchkey.attention.list()) console.log('attention:', title, reason)
await latchkey.stop()
