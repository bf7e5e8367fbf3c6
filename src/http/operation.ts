import { createRoute, type OpenAPIHono, type RouteConfig, type z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ScopedLatchkey } from '../engine/api/latchkey.ts'
import type { Access, RepairAccess, Right } from './access.ts'
import { bodyText } from './body-text.ts'
import { errorShownTo } from './details.ts'
import { jsonText } from './json-text.ts'
import { HttpProblem } from './problem.ts'
import { languageHeaders, reply } from './reply.ts'
import { Problem } from './schemas.ts'

/** A validated request. */
export interface Call<Params, Query, Headers, Body> {
  readonly latchkey: ScopedLatchkey
  readonly access: Access | RepairAccess
  readonly params: Params
  readonly query: Query
  readonly headers: Headers
  readonly body: Body
  readonly request: Request
}

/** One operation of the API: its route, schemas and implementation. */
export interface Operation<Params, Query, Headers, Body> {
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  readonly path: string
  readonly summary: string
  /** The right that the caller needs; `null` for public operations. */
  readonly right: Right | null
  /** Whether the session of a repair link can call it. Defaults to false. */
  readonly repairable?: boolean
  readonly params?: z.ZodType<Params>
  readonly query?: z.ZodType<Query>
  readonly headers?: z.ZodType<Headers>
  readonly body?: z.ZodType<Body>
  /** Whether a missing body counts as an empty object. Defaults to false. */
  readonly bodyOptional?: boolean
  readonly answers: {
    readonly [status: number]: { readonly description: string; readonly schema?: z.ZodType }
  }
  /** Media type of the response. Defaults to JSON. */
  readonly mediaType?: string
  run(call: Call<Params, Query, Headers, Body>): Promise<Response>
}

export type AnyOperation = Operation<unknown, unknown, unknown, unknown>

/** Erases the types of an operation after TypeScript has inferred them. */
export function operation<Params = object, Query = object, Headers = object, Body = object>(
  spec: Operation<Params, Query, Headers, Body>,
): AnyOperation {
  return spec
}

/** Returns a JSON response. The `revision` of the body becomes its ETag. */
export function answer(
  body: object,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Response {
  const etag = 'revision' in body ? { etag: `"${body.revision}"` } : {}
  const own = { 'content-type': 'application/json', ...languageHeaders(body), ...etag }
  return reply(jsonText(body), status, { ...own, ...headers })
}

/** Authenticates and authorizes a request before the operation runs. */
export type Authenticate = (
  context: Context,
  operation: AnyOperation,
) => Promise<{ readonly access: Access; readonly latchkey: ScopedLatchkey }>

/** Adds an operation to the app and to its OpenAPI document. */
export function addOperation(app: OpenAPIHono, spec: AnyOperation, authenticate: Authenticate): void {
  const { method, path, summary, right, answers, mediaType = 'application/json' } = spec
  const route = createRoute({
    method,
    path,
    summary,
    operationId: `${method}${path.replace(/[/{]+(\w)/g, (_, first: string) => first.toUpperCase()).replace(/\W/g, '')}`,
    ...(right === null
      ? { security: [] }
      : { security: [{ bearer: [] }], description: `Requires the right "${right}".` }),
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
  // Validated here and not by the library's middleware, because each middleware costs as much as a step of a flow.
  app.on(method.toUpperCase(), path.replaceAll(/\{(\w+)\}/g, ':$1'), async (context) => {
    // The caller is authorized before any of its input is read.
    const authenticated = right === null ? null : await authenticate(context, spec)
    const { req } = context
    const call = {
      ...(authenticated as { access: Access; latchkey: ScopedLatchkey }),
      params: spec.params === undefined ? {} : validate(spec.params, req.param()),
      query: spec.query === undefined ? {} : validate(spec.query, req.query()),
      headers: spec.headers === undefined ? {} : validate(spec.headers, headersOf(context, headers)),
      body: spec.body === undefined ? {} : validate(spec.body, await bodyOf(context, spec)),
      request: req.raw,
    }
    try {
      return await spec.run(call)
    } catch (error) {
      throw errorShownTo(authenticated?.access ?? null, error)
    }
  })
}

/** Validates a value. @throws HttpProblem with the pointers of the invalid members */
function validate<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const pointers = read.error.issues.map(({ path }) => (path.length === 0 ? '' : `/${path.join('/')}`))
  throw new HttpProblem(
    422,
    'INVALID_INPUT',
    'The request does not match the OpenAPI document. See "pointers" for the invalid members.',
    {
      pointers: [...new Set(pointers)],
    },
  )
}

/** Returns the headers with these names. */
function headersOf({ req }: Context, names: readonly string[]): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = {}
  for (const name of names) headers[name] = req.header(name)
  return headers
}

/** Returns the JSON body. It must be declared as JSON, which a form on another site cannot do. */
async function bodyOf({ req }: Context, { bodyOptional = false }: AnyOperation): Promise<unknown> {
  if (!/^application\/json *(;|$)/i.test(req.header('content-type') ?? '')) {
    if (bodyOptional && (await bodyText(req.raw)) === '') return {}
    throw new HttpProblem(
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'Unsupported content type. Send JSON as "application/json".',
    )
  }
  const text = await bodyText(req.raw)
  try {
    return JSON.parse(text)
  } catch {
    throw new HttpProblem(400, 'MALFORMED_JSON', 'The request body is not valid JSON.')
  }
}
