import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Latchkey } from '../engine/api/latchkey.ts'
import { loggedError } from '../engine/lib/redact.ts'
import { ConfigurationError } from '../errors.ts'
import { bearerOf, type HandlerOptions, may, newToken, startTokenAuthorize } from './access.ts'
import { allowedMethods } from './allowed-methods.ts'
import { entryOperations } from './entry-operations.ts'
import { EventStreams } from './event-stream.ts'
import { flowOperations } from './flow-operations.ts'
import { hostOperations } from './host-operations.ts'
import { addOperation, type Enter } from './operation.ts'
import { originCheck, publicOrigin } from './origin.ts'
import { servePage } from './page.ts'
import { HttpProblem, notFound, problemOf, problemResponse } from './problem.ts'
import { RepairLinks } from './repair-links.ts'
import { signInOperations } from './sign-in-operations.ts'
import { wantedLanguages } from './wanted-languages.ts'

/** Serves the API and the page. */
export interface Handler {
  (request: Request): Promise<Response>
  /** What the page's address carries in its fragment; null where the host says who may. */
  readonly startToken: string | null
  /**
   * Tells on which port of this machine it is reached, where it has no `publicUrl`: services send browsers back there.
   * What a request says of it is not believed.
   */
  listening(port: number): void
  /** Ends the streams. */
  close(): void
}

const silent = { info() {}, warn() {}, error() {} }

/**
 * Latchkey over HTTP: a plain `(Request) => Promise<Response>`, to be mounted on any server.
 *
 * @throws ConfigurationError where `authorize` comes without `publicUrl`, or a `publicUrl` for others without it
 */
export function latchkeyHandler(latchkey: Latchkey, options: HandlerOptions = {}): Handler {
  const { basePath = '', page, log = silent } = options
  const origin = publicOrigin(options)
  if (!/^(\/[\w.~-]+)*$/.test(basePath)) {
    throw new ConfigurationError(
      'The basePath begins with a slash and ends with none, for example /latchkey.',
    )
  }
  const startToken = options.authorize === undefined ? newToken() : null
  const authorize = options.authorize ?? startTokenAuthorize(startToken ?? '')
  let listensAt: string | null = null
  const links =
    options.links === undefined
      ? null
      : new RepairLinks(latchkey, { key: options.links.key, origin, basePath })
  const streams = new EventStreams(latchkey, log)

  const identify = async (request: Request) =>
    (await links?.accessOf(bearerOf(request)).catch(ownOnly)) ?? (await authorize(request))
  const enter: Enter = async ({ req: { raw } }: Context, { right, repairable = false }) => {
    const access = await identify(raw)
    if (access === null) {
      throw new HttpProblem(401, 'UNAUTHORIZED', 'Say who you are, with an Authorization header.')
    }
    if ((right !== null && !may(access, right)) || ('repairs' in access && !repairable)) {
      throw new HttpProblem(403, 'FORBIDDEN', `This takes the right ${right}.`)
    }
    const language = wantedLanguages(raw.headers.get('accept-language'))
    return { access, latchkey: latchkey.scope(access.scope, { language }) }
  }

  const app = new OpenAPIHono().basePath(basePath)
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  const operations = [
    ...flowOperations(basePath),
    ...signInOperations({ signIns: latchkey.signIns, basePath, origin: () => origin ?? listensAt }),
    ...entryOperations(basePath, links),
    ...hostOperations({ document: () => openApi(), streams, links, identify }),
  ]
  for (const operation of operations) addOperation(app, operation, enter)
  const openApi = () =>
    app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: { title: 'Latchkey', version: '1' },
      servers: [{ url: '/' }],
    })

  const allowed = allowedMethods(operations, basePath)
  const nothing = ({ req }: Pick<Context, 'req'>) => {
    const allow = allowed(req.path)
    if (allow === null) throw notFound()
    throw new HttpProblem(405, 'METHOD_NOT_ALLOWED', `This takes ${allow}.`, { allow })
  }
  if (page !== undefined) {
    app.get(
      '/*',
      async ({ req }) =>
        (await servePage(page, req.path.slice(basePath.length), basePath)) ?? nothing({ req }),
    )
  }
  app.notFound(nothing)
  const refuse = (error: unknown) => {
    const problem = problemOf(error)
    if (problem !== null) return problemResponse(problem)
    log.error('A request failed.', { error: loggedError(error) })
    const detail = 'Something unexpected went wrong. It has been logged.'
    return problemResponse(problemOf(new HttpProblem(500, 'INTERNAL', detail)) as never)
  }
  app.onError(refuse)

  const checkOrigin = originCheck(origin)
  // Here, and not as middleware: with none, a route is called without any ceremony.
  const handle = async (request: Request) => {
    try {
      checkOrigin(request)
    } catch (error) {
      return refuse(error)
    }
    return app.fetch(request)
  }
  const listening = (port: number) => {
    listensAt = `http://127.0.0.1:${port}`
  }
  return Object.assign(handle, { startToken, listening, close: () => streams.close() })
}

/** A bearer that is no session of ours is the host's to judge. */
function ownOnly(error: unknown): null {
  if (error instanceof HttpProblem && error.status === 401) return null
  throw error
}
