import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { latchkeyHandler } from '../src/http/index.ts'
import { createLatchkey, memoryStore, plainCipher } from '../src/index.ts'
import type { Bench } from './result.ts'
import { integration } from './service.ts'

const STREAMS = 5_000
const NAME = 'http/5000-streams'

/** Measures the time of one event until the last listener has received it. */
export const streamBench: Bench = {
  names: [NAME],
  async run() {
    const engine = await createLatchkey({
      integrations: [integration],
      store: memoryStore(),
      cipher: plainCipher(),
    })
    const handler = latchkeyHandler(engine)
    const server = createServer(getRequestListener(handler))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', STREAMS, resolve))
    const { port } = server.address() as AddressInfo
    const load = fork(join(import.meta.dirname, 'stream-load.ts'))
    load.send({ port, token: handler.startToken, streams: STREAMS })
    await once(load, 'message')
    const begun = performance.now()
    await engine.flows.start({ domain: 'bench', source: 'user' })
    await once(load, 'message')
    const value = performance.now() - begun
    load.kill()
    handler.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await engine.stop()
    return [{ name: NAME, value, unit: 'ms' }]
  },
}
