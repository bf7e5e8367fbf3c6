import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type { ScopesLatchkey } from '../engine/api/latchkey.ts'
import { type HandlerOptions, latchkeyHandler } from '../http/index.ts'
import { PortTakenError } from './errors.ts'

/** An HTTP server on this machine. */
export interface RunningServer {
  readonly port: number
  readonly startToken: string | null
  close(): Promise<void>
}

/** An HTTP handler. */
export type FetchHandler = (request: Request) => Promise<Response>

export interface ListenOptions {
  /** 0 selects a free port. */
  readonly port: number
  /** Wraps the handler. */
  readonly wrap?: (request: Request, handle: FetchHandler) => Promise<Response>
}

/** Time for pending responses when the server closes in milliseconds. */
const GRACE = 1_000

/** Serves the API on 127.0.0.1. @throws PortTakenError if another process listens on the port */
export async function listen(
  latchkey: ScopesLatchkey,
  options: HandlerOptions,
  { port, wrap = (request, handle) => handle(request) }: ListenOptions,
): Promise<RunningServer> {
  const handler = latchkeyHandler(latchkey, options)
  const server = serve({
    fetch: (request) => wrap(request, handler),
    port,
    hostname: '127.0.0.1',
  }) as Server
  try {
    await once(server, 'listening')
  } catch (cause) {
    handler.close()
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause
    throw new PortTakenError(port, { cause })
  }
  const { port: actualPort } = server.address() as AddressInfo
  handler.listening(actualPort)
  return {
    port: actualPort,
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
