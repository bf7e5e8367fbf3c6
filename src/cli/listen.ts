import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type { Latchkey } from '../engine/api/latchkey.ts'
import { type HandlerOptions, latchkeyHandler } from '../http/index.ts'
import { PortTakenError } from './errors.ts'

/** A server on this machine. */
export interface Listening {
  readonly port: number
  readonly startToken: string | null
  close(): Promise<void>
}

/** Answers a request. */
export type Answering = (request: Request) => Promise<Response>

export interface ListenOptions {
  /** 0 picks a free one. */
  readonly port: number
  /** What each request goes through on its way to the handler. */
  readonly through?: (request: Request, handle: Answering) => Promise<Response>
}

/** How long answers that are on their way have to arrive, once it listens no more, in milliseconds. */
const GRACE = 1_000

/**
 * Serves an engine on 127.0.0.1.
 * @throws PortTakenError
 */
export async function listen(
  latchkey: Latchkey,
  options: HandlerOptions,
  { port, through = (request, handle) => handle(request) }: ListenOptions,
): Promise<Listening> {
  const handler = latchkeyHandler(latchkey, options)
  const server = serve({
    fetch: (request) => through(request, handler),
    ...{ port, hostname: '127.0.0.1' },
  }) as Server
  try {
    await once(server, 'listening')
  } catch (cause) {
    handler.close()
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause
    throw new PortTakenError(port, { cause })
  }
  const { port: listened } = server.address() as AddressInfo
  handler.listening(listened)
  return {
    port: listened,
    startToken: handler.startToken,
    async close() {
      handler.close()
      const closed = once(server, 'close')
      server.close()
      server.closeIdleConnections()
      const timer = setTimeout(() => server.closeAllConnections(), GRACE)
      await closed
      clearTimeout(timer)
    },
  }
}
