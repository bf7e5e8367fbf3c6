import { nodeNetwork } from '../../src/adapters/node/node-network.ts'
import { createLatchkey, memoryStore } from '../../src/index.ts'
import { weather } from '../integrations/weather.ts'

// #region network
const network = nodeNetwork({ allow: 'public' })
const latchkey = await createLatchkey({ integrations: [weather], store: memoryStore(), network })
// #endregion
const refused = await network.fetch('http://127.0.0.1:8080/').catch((error: { code: string }) => error.code)
console.log(refused)
await latchkey.stop()
await network.close()
