import { createRoute, type OpenAPIHono, type RouteConfig, type z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ScopedLatchkey } from '../engine/api/latchkey.ts'
import type { Access, RepairAccess, Right } from './access.ts'
import { bodyText } from './body-text.ts'
import { jsonText } from './json-text.ts'
import { HttpProblem } from './problem.ts'
import { languageHeaders, reply } from './reply.ts'
import { Problem } from './schemas.ts'

/** What a request of the API carries, checked. */
export interface Call<Params, Query, Headers, Body> {
  readonly latchkey: ScopedLatchkey
  readonly access: Access | RepairAccess
  readonly params: Params
  readonly query: Query
  readonly headers: Headers
  readonly body: Body
  readonly request: Request
}

/** One operation of the API: what it takes, who may, and what it answers. */
export interface Operation<Params, Query, Headers, Body> {
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  readonly path: string
  readonly summary: string
  /** What it takes to call it; null: anybody may. */
  readonly right: Right | null
  /** Whether the session of a repair link may call it. */
  readonly repairable?: boolean
  readonly params?: z.ZodType<Params>
  readonly query?: z.ZodType<Query>
  readonly headers?: z.ZodType<Headers>
  readonly body?: z.ZodType<Body>
  /** Whether a request without a body is one with an empty object. */
  readonly bodyOptional?: boolean
  readonly answers: {
    readonly [status: number]: { readonly description: string; readonly schema?: z.ZodType }
  }
  /** The media type of the answer; JSON where absent. */
  readonly mediaType?: string
  run(call: Call<Params, Query, Headers, Body>): Promise<Response>
}

export type AnyOperation = Operation<unknown, unknown, unknown, unknown>

/** Fixes the types of an operation. */
export function operation<Params = object, Query = object, Headers = object, Body = object>(
  spec: Operation<Params, Query, Headers, Body>,
): AnyOperation {
  return spec
}

/** A JSON answer; `revision` becomes its ETag. */
export function answer(
  body: object,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Response {
  const etag = 'revision' in body ? { etag: `"${body.revision}"` } : {}
  const own = { 'content-type': 'application/json', ...languageHeaders(body), ...etag }
  return reply(jsonText(body), status, { ...own, ...headers })
}

/** Who calls, and what for: worked out before an operation runs. */
export type Enter = (
  context: Context,
  operation: AnyOperation,
) => Promise<{ readonly access: Access; readonly latchkey: ScopedLatchkey }>

/** Adds an operation to the app, and to its OpenAPI document. */
export function addOperation(app: OpenAPIHono, spec: AnyOperation, enter: Enter): void {
  const { method, path, summary, right, answers, mediaType = 'application/json' } = spec
  const route = createRoute({
    method,
    path,
    summary,
    operationId: `${method}${path.replace(/[/{]+(\w)/g, (_, first: string) => first.toUpperCase()).replace(/\W/g, '')}`,
    ...(right === null
      ? { security: [] }
      : { security: [{ bearer: [] }], description: `Takes the right ${right}.` }),
    request: {
      ...(spec.params && { params: spec.params as never }),
      ...(spec.query && { query: spec.query as never }),
      ...(spec.headers && { headers: spec.headers as never }),
      ...(spec.body && {
        body: {
          required: spec.bodyOptional !== true,
          content: { 'application/json': { schema: spec.body } },
        },
      }),
    },
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, { description, schema }]) => [
          status,
          { description, ...(schema && { content: { [mediaType]: { schema } } }) },
        ]),
      ),
      default: {
        description: 'A problem (RFC 9457).',
        content: { 'application/problem+json': { schema: Problem } },
      },
    },
  } as RouteConfig & { path: string })
  app.openAPIRegistry.registerPath(route)
  const headers = Object.keys((spec.headers as z.ZodObject | undefined)?.shape ?? {})
  // The checks are made here, and not by middleware of the library: each of its own costs as much as the whole step.
  app.on(method.toUpperCase(), path.replaceAll(/\{(\w+)\}/g, ':$1'), async (context) => {
    // Who asks is settled before anything of what they sent is looked at.
    const entered = right === null ? null : await enter(context, spec)
    const { req } = context
    return spec.run({
      ...(entered as { access: Access; latchkey: ScopedLatchkey }),
      params: spec.params === undefined ? {} : checked(spec.params, req.param()),
      query: spec.query === undefined ? {} : checked(spec.query, req.query()),
      headers: spec.headers === undefined ? {} : checked(spec.headers, headersOf(context, headers)),
      body: spec.body === undefined ? {} : checked(spec.body, await bodyOf(context, spec)),
      request: req.raw,
    })
  })
}

/** @throws HttpProblem naming the members that are not as described */
function checked<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const pointers = read.error.issues.map(({ path }) => (path.length === 0 ? '' : `/${path.join('/')}`))
  throw new HttpProblem(422, 'INVALID_INPUT', 'The request does not have the form that is described.', {
    pointers: [...new Set(pointers)],
  })
}

/** The headers of these names. */
function headersOf({ req }: Context, names: readonly string[]): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = {}
  for (const name of names) headers[name] = req.header(name)
  return headers
}

/** A body has to be JSON and say so: what a form of another site can send is none. */
async function bodyOf({ req }: Context, { bodyOptional = false }: AnyOperation): Promise<unknown> {
  if (!/^application\/json *(;|$)/i.test(req.header('content-type') ?? '')) {
    if (bodyOptional && (await bodyText(req.raw)) === '') return {}
    throw new HttpProblem(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send JSON, with the content type application/json.')
  }
  const text = await bodyText(req.raw)
  try {
    return JSON.parse(text)
  } catch {
    throw new HttpProblem(400, 'MALFORMED_JSON', 'The body is no JSON.')
  }
}
