import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type { Latchkey } from '../engine/api.ts'
import { type HandlerOptions, latchkeyHandler } from '../http/index.ts'
import { UsageError } from './errors.ts'

/** A server on this machine. */
export interface Listening {
  readonly port: number
  readonly startToken: string | null
  close(): Promise<void>
}

/**
 * Serves an engine on 127.0.0.1.
 * @throws UsageError where the port is taken
 */
export async function listen(latchkey: Latchkey, options: HandlerOptions, port: number): Promise<Listening> {
  const handler = latchkeyHandler(latchkey, options)
  const server = serve({ fetch: (request) => handler(request), port, hostname: '127.0.0.1' }) as Server
  try {
    await once(server, 'listening')
  } catch (cause) {
    handler.close()
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause
    throw new UsageError(
      `The port ${port} is taken. Choose another with --port, or --port 0 for a free one.`,
      { cause },
    )
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
      server.closeAllConnections()
      await closed
    },
  }
}
