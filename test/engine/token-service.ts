import * as z from 'zod'
import { defineIntegration } from '../../src/authoring/integration.ts'
import { secret } from '../../src/authoring/secret.ts'
import { InvalidAuthError } from '../../src/errors.ts'
import type { Clock } from '../../src/ports/clock.ts'

/** The lifetime of an access token in milliseconds. */
export const LIFE = 3_600_000

const fields = z.object({ password: secret() })
const stored = z.object({
  account: z.string(),
  access: secret(),
  renewal: secret(),
  ends: z.number().nullable(),
})

/** A service whose access tokens live for an hour, and whose renewal tokens are good once. */
export class TokenService {
  /** The renewal token that is good now; null once the whole family was revoked. */
  good: string | null = null
  /** The refresh tokens that the service received. */
  readonly renewals: string[] = []
  readonly connects: string[] = []
  /** Called before a refresh is answered. */
  before: (renewal: string) => unknown = () => undefined
  /** Members to add to an answer, or to omit. */
  change: (answer: Answer) => object = (answer) => answer
  /** True if it answers after the abort of the call. */
  deaf = false
  /** True where a renewal goes over the network. */
  asks = false
  fetched = 0
  ends: (kept: { readonly access: string; readonly ends: number | null }) => number | null = ({ ends }) =>
    ends
  /** Whether an access token is taken. */
  takes: (access: string) => boolean = () => true
  #count = 0
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  readonly integration = defineIntegration({
    domain: 'tokens',
    title: 'Tokens',
    fields,
    stored,
    exchange: async (): Promise<Answer> => this.#answer(),
    expiresAt: ({ access, ends }) => this.ends({ access: access.reveal(), ends }),
    refresh: async ({ renewal }, { signal, fetch }) => {
      const given = renewal.reveal()
      this.renewals.push(given)
      await this.before(given)
      if (!this.deaf) signal.throwIfAborted()
      if (this.asks) {
        await fetch('data:,')
        this.fetched++
      }
      if (given !== this.good) {
        // A refresh token that arrives twice was stolen, from the view of the service.
        this.good = null
        throw new InvalidAuthError(`invalid_grant: ${given}`)
      }
      return this.change(this.#answer())
    },
    connect: async ({ account, access }, context) => {
      this.connects.push(access.reveal())
      this.#check(access.reveal())
      const call = async () => {
        const now = await context.stored()
        this.#check(now.access.reveal())
        return now.access.reveal()
      }
      return { client: { call, connectedWith: access.reveal() }, uniqueId: account }
    },
  })

  #check(access: string): void {
    if (!this.takes(access)) throw new InvalidAuthError()
  }

  #answer(): Answer {
    this.#count++
    this.good = `renewal-${this.#count}`
    const ends = this.#clock.now() + LIFE
    return { account: 'ann', access: `access-${this.#count}`, renewal: this.good, ends }
  }
}

type Answer = z.input<typeof stored>
