import * as z from 'zod'
import { CannotConnectError, InvalidAuthError, LatchkeyError, RateLimitedError } from '../../src/index.ts'

const Account = z.object({ id: z.string().min(1), name: z.string() })
const Status = z.object({ lamps: z.int() })

interface CallOptions {
  readonly signal?: AbortSignal
}

/** The client of a service with an API token. It throws the errors that Latchkey handles. */
export class MyClient {
  readonly #base: string
  readonly #token: string
  readonly #fetch: typeof fetch

  constructor(host: string, token: string, fetch: typeof globalThis.fetch) {
    this.#base = host.includes('://') ? host : `http://${host}`
    this.#token = token
    this.#fetch = fetch
  }

  /** Returns the account of the token. */
  checkConnection(options: CallOptions = {}): Promise<z.output<typeof Account>> {
    return this.#get('api/me', Account, options)
  }

  status(options: CallOptions = {}): Promise<z.output<typeof Status>> {
    return this.#get('api/status', Status, options)
  }

  /** @throws InvalidAuthError, RateLimitedError, CannotConnectError */
  async #get<Schema extends z.ZodType>(path: string, schema: Schema, options: CallOptions) {
    try {
      const headers = { authorization: `Bearer ${this.#token}` }
      const response = await this.#fetch(new URL(path, `${this.#base}/`), { headers, ...options })
      const { status } = response
      if (status === 401 || status === 403) throw new InvalidAuthError()
      if (status === 429) throw new RateLimitedError(retryAfter(response))
      if (!response.ok) throw new CannotConnectError(`The hub responded with ${status}.`)
      return schema.parse(await response.json())
    } catch (error) {
      if (error instanceof LatchkeyError) throw error
      throw new CannotConnectError('The hub could not be reached, or the address is not a hub.', {
        cause: error,
      })
    }
  }
}

/** Converts Retry-After to seconds. It is a number of seconds or a date (RFC 9110, 10.2.3). Defaults to 60. */
function retryAfter(response: Response): number {
  const header = response.headers.get('retry-after') ?? ''
  const seconds = header === '' ? Number.NaN : Number(header)
  if (!Number.isNaN(seconds)) return seconds
  const until = Date.parse(header)
  return Number.isNaN(until) ? 60 : Math.max(0, (until - Date.now()) / 1000)
}
