import { createLatchkey, memoryStore } from '../../src/index.ts'
import { inspectWith } from '../../src/inspect/index.ts'
import { weather } from '../integrations/weather.ts'

const latchkey = await createLatchkey({ integrations: [weather], store: memoryStore() })
// #region inspect
const inspection = await inspectWith(latchkey, { port: 0, origins: ['http://localhost:5173'] })
const viewer = new WebSocket(inspection.statelyUrl, [...inspection.protocols])
viewer.addEventListener('message', ({ data }) => console.log(JSON.parse(String(data)).type))
// #endregion
await new Promise((resolve) => viewer.addEventListener('open', resolve))
const first = new Promise((resolve) => viewer.addEventListener('message', resolve, { once: true }))
await latchkey.flows.start({ domain: 'weather', source: 'user' })
await first
await inspection.close()
await latchkey.stop()
