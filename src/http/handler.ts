import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ScopesLatchkey } from '../engine/api/latchkey.ts'
import { containedLog } from '../engine/lib/contained-log.ts'
import { loggedError } from '../engine/lib/redact.ts'
import { ConfigurationError } from '../errors.ts'
import { requestedLanguages } from './accept-language.ts'
import {
  authorizeStartToken,
  bearerToken,
  checkedAccess,
  type HandlerOptions,
  hasRight,
  isStartToken,
  newToken,
} from './access.ts'
import { allowedMethods } from './allowed-methods.ts'
import { entryOperations } from './entry-operations.ts'
import { EventStreams } from './event-stream.ts'
import { flowOperations } from './flow-operations.ts'
import { hostOperations } from './host-operations.ts'
import { type Authenticate, addOperation } from './operation.ts'
import { originCheck, publicOrigin } from './origin.ts'
import { serveLostPage, servePage } from './page.ts'
import { pageOf } from './page-options.ts'
import { HttpProblem, notFound, outsideOf, problemOf, problemResponse } from './problem.ts'
import { RepairLinks } from './repair-links.ts'
import { requestSecrets } from './request-secrets.ts'
import { signInOperations } from './sign-in-operations.ts'
import { webhookOperations } from './webhook-operations.ts'

/** The HTTP handler: `(request) => Promise<Response>`, with members for the host. */
export interface Handler {
  (request: Request): Promise<Response>
  /** The token that the page expects in its URL's fragment; `null` if the host passes `authorize`. */
  readonly startToken: string | null
  /** The path at which it is mounted; empty for the root. */
  readonly basePath: string
  /**
   * Sets the port on which the handler is reachable on this machine. Without `publicUrl` it is needed for sign-ins at a
   * service, because the browser must return to a known address. Addresses in requests are not trusted.
   */
  listening(port: number): void
  /**
   * Ends the event streams of a principal in this process, in one scope or in all. Streams of other processes and handlers
   * end after their next authorization: see `HandlerOptions.authorizeInterval`.
   *
   * @example
   * ```ts
   * import type { Handler } from 'latchkey/http'
   *
   * export const signOut = (handler: Handler, userId: string) => handler.revoke(userId)
   * ```
   */
  revoke(principal: string, scope?: string): void
  /** Ends all event streams. */
  close(): void
}

/**
 * Creates an HTTP handler for the API and the reference page. Mount it on any server that uses the Fetch API.
 *
 * @throws ConfigurationError if `basePath` or `publicUrl` is invalid, if `authorize` is set without `publicUrl`, if a
 *   `publicUrl` that is not loopback is set without `authorize`, if the key of `links` is too short, or if `startToken`
 *   is invalid or set with `authorize`, or if the name or icon of `page` is invalid
 * @example
 * ```ts
 * import { serve } from '@hono/node-server'
 * import { createLatchkey, memoryStore } from 'latchkey'
 * import { latchkeyHandler } from 'latchkey/http'
 * import { myHub } from './my-hub.ts'
 *
 * const latchkey = await createLatchkey({ integrations: [myHub], store: memoryStore() })
 * const handler = latchkeyHandler(latchkey, { basePath: '/latchkey' })
 * serve({ fetch: handler, hostname: '127.0.0.1', port: 8124 }, ({ port }) => handler.listening(port))
 * console.log(`http://127.0.0.1:8124/latchkey/#${handler.startToken}`)
 * ```
 */
export function latchkeyHandler(latchkey: ScopesLatchkey, options: HandlerOptions = {}): Handler {
  const { basePath = '' } = options
  const { files, brand } = pageOf(options.page)
  const log = options.log === undefined ? latchkey.log : containedLog(options.log)
  const origin = publicOrigin(options)
  if (!/^(\/[\w.~-]+)*$/.test(basePath)) {
    throw new ConfigurationError(
      'Invalid basePath. Start it with a slash and end it without one, for example "/latchkey".',
    )
  }
  const startToken = startTokenOf(options)
  const authorize = options.authorize ?? authorizeStartToken(startToken ?? '')
  let localOrigin: string | null = null
  const links =
    options.links === undefined
      ? null
      : new RepairLinks(latchkey, { key: options.links.key, origin, basePath })
  const streams = new EventStreams(latchkey, log, authorizeIntervalOf(options))

  const identify = async (request: Request) =>
    (await links?.accessOf(bearerToken(request)).catch(orHost)) ?? checkedAccess(await authorize(request))
  const authenticate: Authenticate = async ({ req: { raw } }: Context, { right, repairable = false }) => {
    const access = await identify(raw)
    if (access === null) {
      throw new HttpProblem(401, 'UNAUTHORIZED', 'Authentication is required. Send an Authorization header.')
    }
    if ((right !== null && !hasRight(access, right)) || ('repairs' in access && !repairable)) {
      throw new HttpProblem(403, 'FORBIDDEN', `This requires the right "${right}".`)
    }
    const language = requestedLanguages(raw.headers.get('accept-language'))
    return { access, latchkey: latchkey.scope(access.scope, { language }) }
  }

  const app = new OpenAPIHono().basePath(basePath)
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  const operations = [
    ...flowOperations(basePath),
    ...signInOperations({ signIns: latchkey.signIns, basePath, origin: () => origin ?? localOrigin }),
    ...entryOperations(basePath, links),
    ...webhookOperations,
    ...hostOperations({
      document: () => openApi(),
      readinessOf: () => latchkey.readiness(),
      ...{ streams, links, identify, brand },
    }),
  ]
  for (const operation of operations) addOperation(app, operation, authenticate)
  const openApi = () =>
    app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: { title: 'Latchkey', version: '1' },
      servers: [{ url: '/' }],
    })

  const methodsOf = allowedMethods(operations, basePath)
  const noRoute = ({ req }: Pick<Context, 'req'>) => {
    const allow = methodsOf(req.path)
    if (allow === null && req.path !== basePath && !req.path.startsWith(`${basePath}/`))
      throw outsideOf(basePath)
    if (allow === null) throw notFound()
    throw new HttpProblem(405, 'METHOD_NOT_ALLOWED', `This path does not support the method. Use ${allow}.`, {
      allow,
    })
  }
  if (files !== undefined) {
    app.get('/*', async ({ req }) => {
      const isOpened = req.header('accept')?.includes('text/html') === true
      const found = await servePage(files, req.path.slice(basePath.length), { basePath, isOpened })
      if (found !== null) return found
      const isLost = isOpened && methodsOf(req.path) === null
      return (isLost ? await serveLostPage(files, basePath) : null) ?? noRoute({ req })
    })
  }
  app.notFound(noRoute)
  const errorResponse = (error: unknown, request: Request) => {
    const problem = problemOf(error)
    if (problem !== null) return problemResponse(problem)
    // The `authorize` of a host can quote the request.
    log.error({ error: loggedError(error, requestSecrets(request)) }, 'A request failed.')
    const detail = 'An unexpected error occurred. It was logged.'
    return problemResponse(problemOf(new HttpProblem(500, 'INTERNAL', detail)) as never)
  }
  app.onError((error, { req }) => errorResponse(error, req.raw))

  const checkOrigin = originCheck(origin, {
    health: `${basePath}/health/`,
    callback: `${basePath}/oauth/callback/`,
  })
  // Not a middleware: without any, Hono calls a route directly.
  const handle = async (request: Request) => {
    try {
      checkOrigin(request)
    } catch (error) {
      return errorResponse(error, request)
    }
    return app.fetch(request)
  }
  const close = () => streams.close()
  const revoke = (principal: string, scope?: string) => streams.revoke(principal, scope)
  const listening = (port: number) => {
    localOrigin = `http://127.0.0.1:${port}`
  }
  return Object.assign(handle, { startToken, basePath, listening, close, revoke })
}

/** Returns the start token, or `null` if the host authorizes requests. @throws ConfigurationError */
function startTokenOf({ authorize, startToken }: HandlerOptions): string | null {
  if (startToken === undefined) return authorize === undefined ? newToken() : null
  if (authorize !== undefined) {
    throw new ConfigurationError(
      'startToken has no effect with authorize, which decides who has access. Remove one of them.',
    )
  }
  if (isStartToken(startToken)) return startToken
  throw new ConfigurationError('Invalid startToken. Use 32 to 512 characters of base64url.')
}

/** The longest delay of a timer in milliseconds. */
const MAX_INTERVAL = 2 ** 31 - 1

/** @throws ConfigurationError */
function authorizeIntervalOf({ authorizeInterval = 60_000 }: HandlerOptions): number {
  if (authorizeInterval >= 1 && authorizeInterval <= MAX_INTERVAL) return authorizeInterval
  throw new ConfigurationError(
    `Invalid authorizeInterval ${authorizeInterval}. Use 1 to ${MAX_INTERVAL} milliseconds.`,
  )
}

/** Passes bearer tokens that are not sessions of repair links on to the host's `authorize`. */
function orHost(error: unknown): null {
  if (error instanceof HttpProblem && error.status === 401) return null
  throw error
}
