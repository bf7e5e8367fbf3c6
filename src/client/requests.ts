import { ProblemError, problemOf } from './problem-error.ts'

/** Where the server is, and how to reach it. */
export interface Connection {
  /** Of the handler, with its base path: `http://127.0.0.1:8124/latchkey`. */
  readonly url: string
  /** The bearer token, asked for with every call; `''` sends none. */
  readonly token: () => string | Promise<string>
  readonly fetch: typeof globalThis.fetch
  /** In which language to be answered, as a tag; undefined leaves it to the browser. */
  readonly language: () => string | undefined
}

/** One call of the server. */
export interface Call {
  readonly method?: string
  readonly query?: { readonly [name: string]: string | number | boolean | undefined }
  readonly body?: unknown
  readonly headers?: Record<string, string>
  /** False where the call is for everybody, and no token is to be sent. */
  readonly authorized?: boolean
  readonly signal?: AbortSignal
}

/** Sends a call. @throws ProblemError where the answer is no success */
export async function send(connection: Connection, path: string, call: Call = {}): Promise<Response> {
  const { method = 'GET', query = {}, body, authorized = true, signal } = call
  const headers = new Headers(call.headers)
  const token = authorized ? await connection.token() : ''
  if (token !== '') headers.set('authorization', `Bearer ${token}`)
  if (body !== undefined) headers.set('content-type', 'application/json')
  const language = connection.language()
  if (language !== undefined) headers.set('accept-language', language)
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value))
  }
  const url = connection.url.replace(/\/$/, '') + path + (search.size > 0 ? `?${search}` : '')
  const response = await connection.fetch(url, {
    ...{ method, headers, cache: 'no-store', redirect: 'error' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  })
  if (!response.ok) throw await problemOf(response)
  return response
}

/** Sends a call and reads its answer. @throws ProblemError also where the answer is no JSON */
export async function ask<Answer>(connection: Connection, path: string, call?: Call): Promise<Answer> {
  const response = await send(connection, path, call)
  if (response.status === 204) return undefined as Answer
  try {
    return (await response.json()) as Answer
  } catch {
    throw new ProblemError({ status: response.status, code: 'UNEXPECTED_ANSWER' })
  }
}
