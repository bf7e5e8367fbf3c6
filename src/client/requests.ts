import { ProblemError, problemOf } from './problem-error.ts'

/** The connection to the server. */
export interface Connection {
  /** URL of the handler, including its base path. */
  readonly url: string
  /** Returns the bearer token. Called before each request. `''` sends none. */
  readonly token: () => string | Promise<string>
  readonly fetch: typeof globalThis.fetch
  /** Returns the language of the responses; `undefined` for the languages of the browser. */
  readonly language: () => string | undefined
  /** Timeout of a read in milliseconds. */
  readonly readTimeout: number
}

/** A request. */
export interface Call {
  readonly method?: string
  readonly query?: { readonly [name: string]: string | number | boolean | undefined }
  readonly body?: unknown
  readonly headers?: Record<string, string>
  /** Whether to send the token. Defaults to true. */
  readonly authorized?: boolean
  readonly signal?: AbortSignal
  /** Whether the request can be repeated, so that it has a timeout. Defaults to true without a method. */
  readonly isRead?: boolean
}

/** Sends a request. @throws ProblemError if the response is not successful */
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
    method,
    headers,
    cache: 'no-store',
    redirect: 'error',
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  })
  if (!response.ok) throw await problemOf(response)
  return response
}

/**
 * Sends a request and parses the response. A read ends after its timeout. The result of another request would be unknown
 * then, so it waits as long as the browser does.
 *
 * @throws ProblemError also if the response is not JSON
 */
export async function ask<Answer>(connection: Connection, path: string, call: Call = {}): Promise<Answer> {
  const { isRead = call.method === undefined } = call
  const signals = call.signal === undefined ? [] : [call.signal]
  if (isRead) signals.push(AbortSignal.timeout(connection.readTimeout))
  const signal = AbortSignal.any(signals)
  const response = await send(connection, path, { ...call, signal })
  if (response.status === 204) return undefined as Answer
  try {
    return (await response.json()) as Answer
  } catch {
    signal.throwIfAborted()
    throw new ProblemError({ status: response.status, code: 'UNEXPECTED_ANSWER' })
  }
}
