import type * as z from 'zod'
import { Secret } from '../authoring/secret.ts'
import {
  CannotConnectError,
  ConfigurationError,
  InvalidAuthError,
  LatchkeyError,
  SetupError,
} from '../errors.ts'
import type { Json, JsonObject } from '../ports/json.ts'
import { type ExchangedToken, type ExchangeParts, exchangeParts } from './exchange-parts.ts'
import { valueAt } from './json-pointer.ts'
import { byStatus } from './oauth-error.ts'
import type { SignInFields } from './provider.ts'
import { readRefusal } from './read-refusal.ts'
import { type TokenAnswer, tokenAnswerOf } from './token-answer.ts'

/** A JSON Pointer (RFC 6901), for example `/data/token`. */
export type TokenPointer = `/${string}`

/** The options of {@link tokenExchange}. */
export interface TokenExchangeOptions<Fields extends z.ZodObject> {
  /** The fields that the user enters: the key, and the parts of the address. */
  readonly fields: Fields
  /** The `https` URL that returns the token. `{name}` is the value of a field. */
  readonly url: string
  /** Defaults to `POST`. */
  readonly method?: 'GET' | 'POST' | 'PUT'
  /** The body of the request. `{name}` in a text is the value of a field. Defaults to none. */
  readonly body?: JsonObject
  /** The format of the body. Defaults to `json`. */
  readonly format?: 'json' | 'form'
  /** Additional headers. `{name}` is the value of a field. */
  readonly headers?: Readonly<Record<string, string>>
  /** The place of the token in the answer. */
  readonly token: TokenPointer
  /** The place of its lifetime in seconds, or of its expiration time. Defaults to none. */
  readonly expiresIn?: TokenPointer
}

/**
 * Returns the parts of an integration that exchanges a key for a token in a request of the service's own form.
 *
 * @throws ConfigurationError if the URL is not an `https` URL, or if a pointer does not start with a slash
 * @example
 * ```ts
 * import { defineIntegration, secret } from 'latchkey'
 * import { tokenExchange } from 'latchkey/oauth'
 * import * as z from 'zod'
 *
 * export const inventory = defineIntegration({
 *   domain: 'inventory',
 *   title: 'Inventory',
 *   ...tokenExchange({
 *     fields: z.object({ account: z.string(), apiKey: secret() }),
 *     url: 'https://api.example/accounts/{account}/tokens',
 *     body: { key: '{apiKey}' },
 *     token: '/data/token',
 *     expiresIn: '/data/expires_in',
 *   }),
 *   connect: async ({ account, accessToken }) => ({
 *     client: { token: () => accessToken.reveal() },
 *     uniqueId: account,
 *   }),
 * })
 * ```
 */
export function tokenExchange<Fields extends z.ZodObject>(
  options: TokenExchangeOptions<Fields>,
): ExchangeParts<Fields> {
  assertOptions(options)
  const { fields, url, method = 'POST', body, format = 'json', headers = {} } = options
  return exchangeParts(fields, async (values, { fetch, signal }) => {
    const filled = body === undefined ? undefined : (fill(body, values) as JsonObject)
    const content =
      filled === undefined ? undefined : format === 'json' ? JSON.stringify(filled) : formOf(filled)
    const type = format === 'json' ? 'application/json' : 'application/x-www-form-urlencoded'
    const response = await fetch(fillText(url, values, encodeURIComponent), {
      method,
      signal,
      redirect: 'error',
      headers: {
        accept: 'application/json',
        ...(content !== undefined && { 'content-type': type }),
        ...(fill(headers, values) as Readonly<Record<string, string>>),
      },
      ...(content !== undefined && { body: content }),
    }).catch((error: unknown) => {
      throw error instanceof LatchkeyError ? error : new CannotConnectError()
    })
    return tokenIn(await tokenAnswerOf(response), options)
  })
}

/** @throws ConfigurationError */
function assertOptions({ url, token, expiresIn }: TokenExchangeOptions<z.ZodObject>): void {
  const { protocol, hostname } = URL.parse(url.replaceAll(/\{\w+\}/g, 'x')) ?? { protocol: '', hostname: '' }
  const isLoopback = protocol === 'http:' && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname)
  if (protocol !== 'https:' && !isLoopback) {
    throw new ConfigurationError(`Invalid url ${JSON.stringify(url)} of tokenExchange. Use an HTTPS URL.`)
  }
  const wrong = [token, expiresIn].find((pointer) => pointer !== undefined && !pointer.startsWith('/'))
  if (wrong !== undefined) {
    throw new ConfigurationError(
      `Invalid pointer ${JSON.stringify(wrong)} of tokenExchange. Use a JSON Pointer, such as "/data/token".`,
    )
  }
}

/** @throws InvalidAuthError, CannotConnectError, RateLimitedError, SetupError without a token */
function tokenIn(
  answer: TokenAnswer,
  { token, expiresIn }: TokenExchangeOptions<z.ZodObject>,
): ExchangedToken {
  const { status, body, retryAfter } = answer
  const passing = byStatus(status, retryAfter)
  if (passing !== null) throw passing
  const document = typeof body === 'string' ? undefined : body
  const accessToken = status < 300 ? valueAt(document, token) : undefined
  if (typeof accessToken === 'string' && accessToken !== '') {
    const expiresAt = expiresIn === undefined ? null : endOf(valueAt(document, expiresIn))
    return { accessToken, ...(expiresAt !== null && { expiresAt }) }
  }
  const meaning = readRefusal(answer)
  if (meaning === 'passes') throw new CannotConnectError()
  if (status === 400 || status === 401 || status === 403 || meaning !== 'unclear')
    throw new InvalidAuthError()
  throw new SetupError(`The service returned no token at ${token}, but status ${status}.`)
}

/** Larger numbers are times, not lifetimes. */
const MAX_LIFETIME = 1e9

/** Returns an expiration time in milliseconds since the epoch; null if the value is neither a lifetime nor a time. */
function endOf(value: Json | undefined): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'number' && number > 0) {
    if (number < MAX_LIFETIME) return Date.now() + number * 1000
    return number < MAX_LIFETIME * 1000 ? number * 1000 : number
  }
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? null : time
}

/** Returns a value with the fields in its texts. */
function fill(value: Json, fields: SignInFields): Json {
  if (typeof value === 'string') return fillText(value, fields)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item: Json) => fill(item, fields))
  return Object.fromEntries(
    Object.entries(value).map(([name, member]: [string, Json]) => [name, fill(member, fields)]),
  )
}

/** Replaces `{name}` by the value of a field. Other braces stay. */
const fillText = (text: string, fields: SignInFields, encode = (value: string) => value): string =>
  text.replaceAll(/\{(\w+)\}/g, (all, name: string) => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined
    return value === undefined ? all : encode(value instanceof Secret ? value.reveal() : String(value))
  })

const formOf = (body: JsonObject): string =>
  new URLSearchParams(
    Object.fromEntries(
      Object.entries(body).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    ),
  ).toString()
