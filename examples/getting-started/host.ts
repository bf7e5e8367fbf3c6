import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey } from '../../src/index.ts'
import { myHub } from './my-hub.ts'

const latchkey = await createLatchkey({ integrations: [myHub], store: sqliteStore('latchkey.db') })
await latchkey.start()

const form = await latchkey.flows.start({ domain: 'my_hub', source: 'user' })
const input = { host: process.env.HUB_HOST, apiToken: process.env.HUB_TOKEN }
const result = await latchkey.flows.submit(form.flowId, input, { revision: form.revision })
if (result.type === 'create_entry') {
  console.log(await latchkey.entries.use(myHub, result.entryId, (hub) => hub.status()))
}
await latchkey.stop()
