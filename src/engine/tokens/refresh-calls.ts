import { Draft } from '../../../machines/draft.ts'
import type { RefreshResult } from '../../../machines/token-result.ts'
import { CannotConnectError, InvalidAuthError, StoppedError } from '../../errors.ts'
import type { LoggedError } from '../../ports/log.ts'
import type { EntryRecord } from '../../ports/store.ts'
import { type Compiled, methodOf } from '../integrations/compiled.ts'
import { returnedSecrets, secretsOf } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import type { Call } from '../lib/call.ts'
import type { TokenLease } from './token-lease.ts'
import { type TokenValue, withAnswer } from './token-value.ts'

type Refreshed = Extract<RefreshResult, { type: 'refreshed' }>

const FIRST_BACKOFF = 1_000
const LAST_BACKOFF = 60_000

/** Logged once per change of the reason. */
export const REFRESH_FAILED = 'A token could not be refreshed.'

/** The requests of an entry for a new token. */
export class RefreshCalls {
  /** When the service answered with the token that is not saved yet; null if another process received it. */
  answeredAt: number | null = null
  readonly #core: Core
  readonly #compiled: Compiled
  readonly #lease: TokenLease
  /** Receives a refreshed token that arrives after the timeout, with the entry that it was requested for. */
  readonly #arrived: (draft: Draft, entry: EntryRecord) => void
  /** The reason of the last failed refresh; null if the last one succeeded. */
  #failing: string | null = null

  constructor(
    core: Core,
    compiled: Compiled,
    lease: TokenLease,
    arrived: (draft: Draft, entry: EntryRecord) => void,
  ) {
    this.#core = core
    this.#compiled = compiled
    this.#lease = lease
    this.#arrived = arrived
  }

  /** Requests a new token. `tries`: the number of requests that failed in a row. @throws StoppedError */
  async run(base: TokenValue, call: Call, tries: number): Promise<RefreshResult> {
    const { connector, clock } = this.#core
    const { integration } = methodOf(this.#compiled, base.entry.method)
    const secrets = [...secretsOf(this.#compiled, base)]
    let leaseExpired = false
    const fetch: typeof globalThis.fetch = async (...request) => {
      if (this.#lease.isHeld) return connector.network.fetch(...request)
      // This process was suspended, and another one may be refreshing the same token.
      leaseExpired = true
      throw new CannotConnectError('The lease of the token has expired.')
    }
    let thrown: (() => LoggedError) | undefined
    let ref: string | undefined
    const outcome = await connector.calls.run<Refreshed>({
      compiled: this.#compiled,
      call,
      secrets,
      isAwaited: true,
      failed: (each, error) => {
        ref = each
        thrown = error
      },
      attempt: async () => {
        const method = base.entry.method ?? null
        const context = { ...connector.network, fetch, signal: call.signal, method }
        const refresh = integration.refresh as
          | ((stored: unknown, context: unknown) => Promise<object>)
          | undefined
        // Another method of the integration refreshes its tokens.
        if (refresh === undefined) throw new InvalidAuthError()
        const answer = await refresh.call(integration, base.stored, context)
        this.answeredAt = clock.now()
        secrets.push(...returnedSecrets(this.#compiled, answer))
        return {
          type: 'refreshed',
          draft: new Draft({ values: withAnswer(this.#compiled, base.values, answer) }),
        }
      },
      late: ({ draft }) => this.#arrived(draft, base.entry),
    })
    if (outcome.type !== 'failed') {
      this.#measure('refreshed')
      this.#failing = null
      return outcome
    }
    // The stop has cancelled the call. That is not a failure of the service.
    if (this.#core.lifetime.ended && outcome.error === 'unknown') throw new StoppedError()
    if (leaseExpired) {
      this.#measure('lapsed')
      // A renewal that was late may succeed now. The next claim is a new one, after a look at the entry.
      await this.#lease.release()
      return { type: 'lapsed' }
    }
    this.#logFailing(base.entry, outcome.error, { thrown, ref })
    const now = clock.now()
    this.#measure(outcome.error === 'invalid_auth' ? 'refused' : 'failed')
    if (outcome.error === 'invalid_auth') {
      const until = base.endsAt ?? now
      return { type: 'refused', until, wait: Math.max(0, until - now) }
    }
    const backoff = Math.min(FIRST_BACKOFF * 2 ** tries, LAST_BACKOFF)
    const until = outcome.until ?? now + backoff
    return { type: 'failed', error: outcome.error, until, wait: Math.max(0, until - now) }
  }

  /** Logs the first failure of a refresh, and each one with another reason than the last. */
  #logFailing(
    { scope, entryId, domain }: EntryRecord,
    code: string,
    { thrown, ref }: { readonly thrown: (() => LoggedError) | undefined; readonly ref: string | undefined },
  ): void {
    if (this.#failing === code) return
    this.#failing = code
    // A logged error has its own line.
    const details = ref === undefined ? thrown !== undefined && { error: thrown() } : { ref }
    this.#core.log.warn({ scope, entryId, domain, code, ...details }, REFRESH_FAILED)
  }

  #measure(outcome: 'refreshed' | 'refused' | 'failed' | 'lapsed'): void {
    this.#core.telemetry.measure({ type: 'token_refreshed', domain: this.#compiled.domain, outcome })
  }
}
