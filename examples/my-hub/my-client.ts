import * as z from 'zod'
import { CannotConnectError, InvalidAuthError, LatchkeyError, RateLimitedError } from '../../src/index.ts'

const Account = z.object({ id: z.string().min(1), name: z.string() })
const Status = z.object({ lamps: z.int() })

interface CallOptions {
  readonly signal?: AbortSignal
}

/** The client of a service with an API token. Every failure is one that Latchkey knows what to do about. */
export class MyClient {
  readonly #base: string
  readonly #token: string
  readonly #fetch: typeof fetch

  constructor(host: string, token: string, fetch: typeof globalThis.fetch) {
    this.#base = host.includes('://') ? host : `http://${host}`
    this.#token = token
    this.#fetch = fetch
  }

  /** Whom the token belongs to. */
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
      if (!response.ok) throw new CannotConnectError(`The hub answered ${status}.`)
      return schema.parse(await response.json())
    } catch (error) {
      if (error instanceof LatchkeyError) throw error
      throw new CannotConnectError('The hub could not be reached, or is no hub.', { cause: error })
    }
  }
}

/** In seconds: Retry-After is a number of them, or a date (RFC 9110, 10.2.3). A minute where it is neither. */
function retryAfter(response: Response): number {
  const header = response.headers.get('retry-after') ?? ''
  const seconds = header === '' ? Number.NaN : Number(header)
  if (!Number.isNaN(seconds)) return seconds
  const until = Date.parse(header)
  return Number.isNaN(until) ? 60 : Math.max(0, (until - Date.now()) / 1000)
}
