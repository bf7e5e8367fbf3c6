import * as z from 'zod'
import { defineIntegration, type IntegrationSpec } from '../authoring/integration.ts'
import { secret } from '../authoring/secret.ts'
import { CannotConnectError, InvalidAuthError, RateLimitedError, SetupError } from '../errors.ts'
import type { Json } from '../ports/json.ts'

/** What the service answers to one `connect`. */
export type Answer =
  | { readonly connect: string | null; readonly title?: string }
  | { readonly challenge: string; readonly state?: Json }
  | { readonly rateLimited: number }
  | { readonly throws: unknown }
  /** Never answers; rejects when its signal fires. */
  | { readonly hangs: true }
  /** Answers with this after `release()` was called, whatever its signal says. */
  | { readonly held: Answer }
  | 'cannot_connect'
  | 'invalid_auth'
  | 'setup_error'

/** The client of a scripted service: a call fails once its token is no longer the service's. */
export interface ScriptedClient {
  readonly account: string | null
  ping(): string
  /** The connection drops, as a network does. */
  drop(): void
}

const fields = z.object({
  host: z.string().min(1).max(100).meta({ title: 'Host' }),
  token: secret().meta({ title: 'Token' }),
})
const challenges = { otp: z.object({ code: secret() }) }
type Spec = IntegrationSpec<typeof fields, ScriptedClient, typeof challenges>

/** A service that lives in memory: it knows accounts by token, answers by script where one is written, and counts. */
export class ScriptedService {
  readonly integration: Spec
  /** The identity that each token belongs to. */
  readonly accounts = new Map<string, string | null>()
  /** What was asked, oldest first. */
  readonly connects: { readonly host: string; readonly token: string; readonly code: string | null }[] = []
  /** Connections that are open now. */
  open = 0
  /** Connections that were disposed. */
  disposed = 0
  readonly #script: Answer[] = []
  readonly #held: (() => void)[] = []

  constructor(overrides: Partial<Spec> = {}) {
    this.integration = defineIntegration<typeof fields, ScriptedClient, typeof challenges>({
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

  /** What the next `connect`s are answered, in order; after that, tokens are looked up in `accounts`. */
  script(...answers: Answer[]): void {
    this.#script.push(...answers)
  }

  /** Lets the answers that are held go. */
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
