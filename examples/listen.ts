import { once } from 'node:events'
import type { Server } from 'node:http'
import { serve } from '@hono/node-server'
import type { Hono } from 'hono'

/** An app that is listened to on this machine. */
export interface Listening {
  readonly port: number
  close(): Promise<void>
}

/** Serves an app on this machine alone. @throws Error naming the way out where the port is taken */
export async function listen(app: Hono, port: number): Promise<Listening> {
  const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }) as Server
  try {
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new Error(`Port ${port} is taken. Choose another with --port, or --port 0 for a free one.`)
  }
  return {
    port: (server.address() as { port: number }).port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
