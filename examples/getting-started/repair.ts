import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey } from '../../src/index.ts'
import { myHub } from './my-hub.ts'

const latchkey = await createLatchkey({ integrations: [myHub], store: sqliteStore('latchkey.db') })
await latchkey.start()

const apiToken = process.argv[2]
for (const { entryId } of await latchkey.attention.list()) {
  if (entryId === null) continue // for the operator: see `reason`
  const form = await latchkey.flows.start({ source: 'reauth', entryId }) // returns the open flow
  const view = await latchkey.flows.submit(form.flowId, { apiToken }, { revision: form.revision })
  if (view.type === 'form') console.log('form with error:', view.errors.base?.code)
  if (view.type === 'abort') console.log('ended:', view.reason)
}
await latchkey.stop()
