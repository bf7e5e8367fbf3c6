import { serve } from '@hono/node-server'
import { latchkeyHandler } from '../../src/http/index.ts'
import { createLatchkey, memoryStore } from '../../src/index.ts'
import { weather } from '../integrations/weather.ts'

const latchkey = await createLatchkey({ integrations: [weather], store: memoryStore() })
const handler = latchkeyHandler(latchkey)
// #region shutdown
const server = serve({ fetch: handler, port: 0 }, ({ port }) => console.log(`http://127.0.0.1:${port}`))
await latchkey.start()
process.once('SIGTERM', async () => {
  const stopped = latchkey.stop({ delay: 1_000 }) // not ready from now on
  latchkey.stopping.addEventListener('abort', () => server.close())
  await stopped
})
// #endregion
