import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import { pageFiles } from '../../src/adapters/node/page-files.ts'
import { type Access, type Handler, latchkeyHandler, type PageFiles } from '../../src/http/index.ts'
import { nodeListener } from '../../src/http/node/index.ts'
import type { Latchkey } from '../../src/index.ts'

export function local(latchkey: Latchkey, page: PageFiles = pageFiles()): Server {
  // #region local
  const handler = latchkeyHandler(latchkey, { page })
  const server = createServer(getRequestListener(handler))
  server.listen(8124, '127.0.0.1', () => {
    handler.listening(8124) // where services send the browser back to after a sign-in
    console.log(`http://127.0.0.1:8124/#token=${handler.startToken}`)
  })
  // #endregion
  return server
}

interface Session {
  readonly team: string
  readonly userId: string
  readonly isAdmin: boolean
}

export function shared(
  latchkey: Latchkey,
  { sessionOf, linkKey }: { sessionOf(request: Request): Promise<Session | null>; linkKey: Uint8Array },
): Handler {
  // #region shared
  const handler = latchkeyHandler(latchkey, {
    basePath: '/latchkey',
    publicUrl: 'https://hub.example',
    async authorize(request): Promise<Access | null> {
      const session = await sessionOf(request) // your own sign-in
      if (session === null) return null
      const rights = session.isAdmin ? (['manage'] as const) : (['repair'] as const)
      return { scope: session.team, principal: session.userId, rights }
    },
    links: { key: linkKey }, // 32 random bytes, for repair links
  })
  // #endregion
  return handler
}

export function withExpress(handler: Handler): Server {
  // #region express
  const app = express()
  app.use(express.json())
  app.use('/latchkey', nodeListener(handler))
  // #endregion
  return createServer(app)
}
