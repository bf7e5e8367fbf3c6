import { pino } from 'pino'
import { createLatchkey, memoryStore } from '../../src/index.ts'
import { weather } from '../integrations/weather.ts'

// #region log
const log = pino({ name: 'home' })
const latchkey = await createLatchkey({ integrations: [weather], store: memoryStore(), log })
// #endregion
const { flowId, revision } = await latchkey.flows.start({ domain: 'weather', source: 'user' })
await latchkey.flows.cancel(flowId)
console.log(revision)
await latchkey.stop()
