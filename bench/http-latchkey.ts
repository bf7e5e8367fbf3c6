import { latchkeyHandler } from '../src/http/index.ts'
import { createLatchkey, memoryStore, plainCipher } from '../src/index.ts'
import { integration } from './service.ts'

/** What a server is to serve, and the token that lets the load in. */
export interface Served {
  readonly handler: (request: Request) => Response | Promise<Response>
  readonly token: string
}

/** Latchkey over HTTP, in memory. */
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
