import * as z from 'zod'
import { defineIntegration, type IntegrationSpec } from '../authoring/integration.ts'
import { secret } from '../authoring/secret.ts'
import { CannotConnectError, InvalidAuthError, RateLimitedError, SetupError } from '../errors.ts'
import type { Json } from '../ports/json.ts'

/** The scripted result of one `connect`. */
export type Answer =
  | { readonly connect: string | null; readonly title?: string }
  | { readonly challenge: string; readonly state?: Json }
  | { readonly rateLimited: number }
  | { readonly throws: unknown }
  /** Never resolves. Rejects when its signal fires. */
  | { readonly hangs: true }
  /** Resolves with this after `release()` was called, even if its signal has fired. */
  | { readonly held: Answer }
  | 'cannot_connect'
  | 'invalid_auth'
  | 'setup_error'

/** The client of a scripted service. Its calls fail after the service has revoked its token. */
export interface ScriptedClient {
  readonly account: string | null
  ping(): string
  /** Drops the connection. */
  drop(): void
}

const fields = z.object({
  host: z.string().min(1).max(100).meta({ title: 'Host' }),
  token: secret().meta({ title: 'Token' }),
})
const challenges = { otp: z.object({ code: secret() }) }
type Spec = IntegrationSpec<typeof fields, ScriptedClient, typeof challenges>

/**
 * A service in memory, for tests of hosts. It accepts the tokens in `accounts`, unless a scripted answer is pending,
 * and counts connections.
 *
 * @example
 * ```ts
 * import { ScriptedService } from 'latchkey/testing'
 *
 * const service = new ScriptedService()
 * service.accounts.set('good-token', 'account-1')
 * service.script('cannot_connect')
 * ```
 */
export class ScriptedService {
  readonly integration: Spec
  /** The unique ids by token. */
  readonly accounts = new Map<string, string | null>()
  /** The values of all `connect` calls, oldest first. */
  readonly connects: { readonly host: string; readonly token: string; readonly code: string | null }[] = []
  /** Number of open connections. */
  open = 0
  /** Number of disposed connections. */
  disposed = 0
  readonly #script: Answer[] = []
  readonly #held: (() => void)[] = []

  constructor(overrides: Partial<Spec> = {}) {
    this.integration = defineIntegration<
      typeof fields,
      ScriptedClient,
      typeof challenges,
      typeof fields,
      z.ZodObject
    >({
      domain: 'scripted',
      title: 'Scripted',
      fields,
      challenges,
      connect: async ({ host, token }, { signal, lost, challenge }) => {
        const code = challenge?.values.code.reveal() ?? null
        this.connects.push({ host, token: token.reveal(), code })
        return this.#answer(this.#script.shift() ?? this.#usual(token.reveal()), token.reveal(), signal, lost)
      },
      ...overrides,
    })
  }

  /** Adds answers to the next `connect` calls. After them, `accounts` decides. */
  script(...answers: Answer[]): void {
    this.#script.push(...answers)
  }

  /** Resolves all held answers. */
  release(): void {
    for (const go of this.#held.splice(0)) go()
  }

  #usual(token: string): Answer {
    const account = this.accounts.get(token)
    return account === undefined ? 'invalid_auth' : { connect: account }
  }

  async #answer(
    answer: Answer,
    token: string,
    signal: AbortSignal,
    lost: () => void,
  ): ReturnType<Spec['connect']> {
    if (answer === 'cannot_connect') throw new CannotConnectError()
    if (answer === 'invalid_auth') throw new InvalidAuthError()
    if (answer === 'setup_error') throw new SetupError()
    if ('rateLimited' in answer) throw new RateLimitedError(answer.rateLimited)
    if ('throws' in answer) throw answer.throws
    if ('hangs' in answer) {
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
      )
    }
    if ('held' in answer) {
      await new Promise<void>((resolve) => this.#held.push(resolve))
      return this.#answer(answer.held, token, signal, lost)
    }
    if ('challenge' in answer) return { challenge: answer.challenge as 'otp', ...pick(answer.state) }
    return this.#connected(answer.connect, answer.title, token, lost)
  }

  #connected(account: string | null, title: string | undefined, token: string, lost: () => void) {
    this.open++
    let closed = false
    const ping = () => {
      if (!this.accounts.has(token)) throw new InvalidAuthError()
      return 'pong'
    }
    return {
      client: { account, ping, drop: lost },
      uniqueId: account,
      ...(title !== undefined && { title }),
      dispose: () => {
        if (closed) throw new Error('A connection was disposed twice.')
        closed = true
        this.open--
        this.disposed++
      },
    }
  }
}

const pick = (state: Json | undefined) => (state === undefined ? {} : { state })
