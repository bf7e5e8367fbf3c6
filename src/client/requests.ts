import { NoAnswerError } from './no-answer-error.ts'
import { ProblemError, problemOf } from './problem-error.ts'

/** The connection to the server. */
export interface Connection {
  /** URL of the handler, including its base path, without a slash at the end. */
  readonly url: string
  /** Returns the bearer token. Called before each request. `''` sends none. */
  readonly token: () => string | Promise<string>
  readonly fetch: typeof globalThis.fetch
  /** Returns the language of the responses; `undefined` for the languages of the browser. */
  readonly language: () => string | undefined
  /** Timeout of a read in milliseconds. */
  readonly readTimeout: number
  /** Timeout of a change in milliseconds. */
  readonly changeTimeout: number
}

/** A request. */
export interface Call {
  readonly method?: string
  readonly query?: { readonly [name: string]: string | number | boolean | undefined }
  readonly body?: unknown
  readonly headers?: Record<string, string>
  /** The idempotency key. */
  readonly key?: string | undefined
  /** The revision that the change is for. */
  readonly revision?: number | undefined
  /** Whether to send the token. Defaults to true. */
  readonly authorized?: boolean
  readonly signal?: AbortSignal
  /** Whether the request changes nothing, so that it has the timeout of a read. Defaults to true without a method. */
  readonly isRead?: boolean
}

/** Sends a request. @throws ProblemError if the response is not successful */
export async function send(connection: Connection, path: string, call: Call = {}): Promise<Response> {
  const { method = 'GET', query = {}, body, key, revision, authorized = true, signal } = call
  const headers = new Headers(call.headers)
  const token = authorized ? await connection.token() : ''
  if (token !== '') headers.set('authorization', `Bearer ${token}`)
  if (body !== undefined) headers.set('content-type', 'application/json')
  if (key !== undefined) headers.set('idempotency-key', key)
  if (revision !== undefined) headers.set('if-match', `"${revision}"`)
  const language = connection.language()
  if (language !== undefined) headers.set('accept-language', language)
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value))
  }
  const url = connection.url + path + (search.size > 0 ? `?${search}` : '')
  const response = await connection.fetch(url, {
    method,
    headers,
    cache: 'no-store',
    redirect: 'error',
    body: body === undefined ? null : JSON.stringify(body),
    signal: signal ?? null,
  })
  if (!response.ok) throw await problemOf(response)
  return response
}

/**
 * Sends a request and parses the response.
 *
 * @throws ProblemError also if the response is not JSON
 * @throws NoAnswerError if a change has no answer in time, so that its result is unknown
 */
export async function ask<Answer>(connection: Connection, path: string, call: Call = {}): Promise<Answer> {
  const { isRead = call.method === undefined } = call
  const late = AbortSignal.timeout(isRead ? connection.readTimeout : connection.changeTimeout)
  const signal = AbortSignal.any(call.signal === undefined ? [late] : [call.signal, late])
  try {
    const response = await send(connection, path, { ...call, signal })
    if (response.status === 204) return undefined as Answer
    return (await response.json().catch(() => {
      signal.throwIfAborted()
      throw new ProblemError({ status: response.status, code: 'UNEXPECTED_ANSWER' })
    })) as Answer
  } catch (error) {
    throw late.aborted && !isRead ? new NoAnswerError() : error
  }
}
