import type { ConnectFailure } from '../../../machines/check-result.ts'
import {
  AddressRefusedError,
  CannotConnectError,
  InvalidAuthError,
  RateLimitedError,
  SetupError,
} from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { Call } from '../lib/call.ts'
import { loggedError } from '../lib/redact.ts'

/** Why a call of an integration failed, whatever it threw. */
export interface CallFailed {
  readonly type: 'failed'
  readonly error: ConnectFailure | 'setup_error'
  readonly until?: number
}

/** One call of an integration's own code, which talks to its service. */
export interface ServiceCall<Outcome> {
  readonly compiled: Compiled
  /** Called back when nobody waits for it any more. */
  readonly call: Call
  /** The secrets in hand; the attempt may add to them. Struck from what is logged. */
  readonly secrets: readonly string[]
  attempt(): Promise<Outcome>
  /** Handed an outcome that came when nobody waited any more. */
  late?(outcome: Outcome): void
}

const TIMEOUT = 30_000

/** A service's Retry-After is kept, a day at most. */
export const MAX_RETRY_AFTER = 86_400_000

/** Calls integrations: each call has its time, can be called back, and fails with a value whatever it throws. */
export class ServiceCalls {
  readonly #clock: Clock
  readonly #log: Log
  /** The calls that are under way. */
  readonly #calls = new Set<Call>()
  #stopped = false

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  async run<Outcome>(asked: ServiceCall<Outcome>): Promise<Outcome | CallFailed> {
    const { call, compiled } = asked
    if (this.#stopped || call.aborted) return { type: 'failed', error: 'unknown' }
    this.#calls.add(call)
    const answered = await new Promise<Outcome | CallFailed>((resolve) => {
      let waiting = true
      const answer = (outcome: Outcome | CallFailed) => {
        waiting = false
        call.onAbort = null
        this.#clock.clearTimeout(timer)
        resolve(outcome)
      }
      const timer = this.#clock.setTimeout(() => {
        answer({ type: 'failed', error: 'timeout' })
        call.abort()
      }, compiled.integration.connectTimeout ?? TIMEOUT)
      call.onAbort = () => answer({ type: 'failed', error: 'unknown' })
      this.#begin(asked).then(
        (outcome) => {
          // Nobody waits any more: the flow was cancelled, or the time was up.
          if (waiting) answer(outcome)
          else asked.late?.(outcome)
        },
        (error: unknown) => {
          if (waiting) answer(this.#failure(error, asked))
        },
      )
    })
    this.#calls.delete(call)
    return answered
  }

  /** Whether the host has stopped: nothing is to be tried again. */
  get stopped(): boolean {
    return this.#stopped
  }

  /** Calls back every call that is under way, and begins none from here on. */
  stop(): void {
    this.#stopped = true
    for (const call of this.#calls) call.abort()
  }

  async #begin<Outcome>(asked: ServiceCall<Outcome>): Promise<Outcome> {
    // From here on the stack is the integration's own: an error that it throws has few frames to record.
    await null
    return asked.attempt()
  }

  #failure(error: unknown, { compiled, secrets }: ServiceCall<unknown>): CallFailed {
    if (error instanceof CannotConnectError || error instanceof AddressRefusedError)
      return { type: 'failed', error: 'cannot_connect' }
    if (error instanceof InvalidAuthError) return { type: 'failed', error: 'invalid_auth' }
    if (error instanceof RateLimitedError) {
      const wait = Number.isNaN(error.retryAfter) ? 0 : Math.max(0, error.retryAfter * 1000)
      return {
        type: 'failed',
        error: 'rate_limited',
        until: this.#clock.now() + Math.min(wait, MAX_RETRY_AFTER),
      }
    }
    const expected = error instanceof SetupError
    this.#log[expected ? 'warn' : 'error']('An integration failed to connect.', {
      domain: compiled.domain,
      error: loggedError(error, secrets),
    })
    return { type: 'failed', error: expected ? 'setup_error' : 'unknown' }
  }
}
