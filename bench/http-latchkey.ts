import { latchkeyHandler } from '../src/http/index.ts'
import { createLatchkey, memoryStore, plainCipher } from '../src/index.ts'
import { integration } from './service.ts'

/** The input of a server process, and the token for the load. */
export interface Served {
  readonly handler: (request: Request) => Response | Promise<Response>
  readonly token: string
}

/** Latchkey over HTTP with the memory store. */
export async function httpLatchkey(): Promise<Served> {
  const engine = await createLatchkey({
    integrations: [integration],
    store: memoryStore(),
    cipher: plainCipher(),
    limits: { openFlows: 1_000_000 },
  })
  const handler = latchkeyHandler(engine)
  return { handler, token: handler.startToken ?? '' }
}
