import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Handler } from '../handler.ts'

/** A request of Node, or of a framework such as Express. */
type NodeRequest = IncomingMessage & {
  /** The URL before the framework has removed the mount path. */
  readonly originalUrl?: string
  /** The body that a parser has read. */
  readonly body?: unknown
  /** The bytes that a parser has read. */
  rawBody?: Buffer
}

/** A listener for `http.createServer` and a middleware for Express. Calls `next` for paths of other handlers. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void

/**
 * Mounts a handler on an HTTP server of Node or on Express: at the root or with `app.use('/latchkey', …)`, before or
 * after a body parser. The mount path must be the `basePath` of the handler.
 *
 * @example
 * ```ts
 * import express from 'express'
 * import { createLatchkey, memoryStore } from 'latchkey'
 * import { latchkeyHandler } from 'latchkey/http'
 * import { nodeListener } from 'latchkey/http/node'
 * import { myHub } from './my-hub.ts'
 *
 * const latchkey = await createLatchkey({ integrations: [myHub], store: memoryStore() })
 * const handler = latchkeyHandler(latchkey, { basePath: '/latchkey' })
 * const app = express().use(express.json()).use('/latchkey', nodeListener(handler))
 * app.listen(8124, '127.0.0.1', () => handler.listening(8124))
 * ```
 */
export function nodeListener(handler: Handler): NodeListener {
  const listener = getRequestListener(handler)
  const { basePath } = handler
  return (message, response, next) => {
    const request: NodeRequest = message
    const url = request.originalUrl ?? request.url ?? '/'
    const [path = ''] = url.split('?')
    // A framework that has removed a mount path has chosen this handler for the request.
    const isMounted = request.originalUrl !== undefined && request.originalUrl !== request.url
    const isOwn = path === basePath || path.startsWith(`${basePath}/`)
    if (next !== undefined && !isOwn && !isMounted) return next()
    request.url = url
    if (request.readableDidRead && request.rawBody === undefined) request.rawBody = bytesOf(request.body)
    void listener(request, response)
  }
}

/** Returns the bytes of a body that a parser has read. */
function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body
  return Buffer.from(typeof body === 'string' ? body : (JSON.stringify(body) ?? ''))
}
