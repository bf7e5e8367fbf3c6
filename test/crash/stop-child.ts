/**
 * Uses an entry of token-integration.ts whose client never closes, and stops after a time:
 * `node stop-child.ts <path> <entry> <milliseconds>`. Prints the duration of the stop, and ends by itself.
 */
import { setTimeout } from 'node:timers/promises'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey, defineIntegration } from '../../src/index.ts'
import { tokenIntegration } from './token-integration.ts'

const [, , path = '', entryId = '', wait = ''] = process.argv
const usual = tokenIntegration()
const integration = defineIntegration({
  ...usual,
  disposeTimeout: 200,
  connect: async (values, context) => ({
    ...(await usual.connect(values, context)),
    dispose: () => new Promise<void>(() => {}),
  }),
})
const latchkey = await createLatchkey({ integrations: [integration], store: sqliteStore(path) })
const calls = Array.from({ length: 5 }, () =>
  latchkey.entries.use(integration, entryId, (client) => client.token()).catch(() => {}),
)
await setTimeout(Number(wait))
const begun = performance.now()
await latchkey.stop()
await Promise.all(calls)
console.log(Math.round(performance.now() - begun))
