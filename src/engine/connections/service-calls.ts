import type { RefreshError } from '../../../machines/refresh-failure.ts'
import {
  AddressRefusedError,
  CannotConnectError,
  ClientRefusedError,
  InvalidAuthError,
  RateLimitedError,
  SetupError,
} from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log, LoggedError } from '../../ports/log.ts'
import type { Telemetry } from '../../ports/telemetry.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { Call } from '../lib/call.ts'
import { newRef } from '../lib/new-ref.ts'
import { loggedError, withheldError } from '../lib/redact.ts'
import { causeOf, isError } from '../lib/thrown.ts'
import { type Explained, explainedBy, withoutTexts } from './explained.ts'
import { unreachableBy } from './unreachable.ts'
import { isUnsendable } from './unsendable.ts'

/**
 * The failure of a call of an integration. `until`: do not retry before (ms since the epoch). `explained`: the explanation
 * of the integration, which only the error `setup_error` has.
 */
export interface CallFailed {
  readonly type: 'failed'
  readonly error: RefreshError
  readonly until?: number
  readonly explained?: Explained
}

/**
 * Receives the reference of the log line of a failure, if it was logged. `error` returns the error without secrets, which
 * takes longer than most calls.
 */
export type Failed = (ref: string | undefined, error: () => LoggedError) => void

/** A call of integration code that talks to its service. */
export interface ServiceCall<Outcome> {
  readonly compiled: Compiled
  /** Cancels the call when its result is no longer needed. */
  readonly call: Call
  /** The secrets to redact from logs. `attempt` may add to them. */
  readonly secrets: readonly string[]
  attempt(): Promise<Outcome>
  /** Whether `stop()` waits for the call, because its result must be saved. Defaults to false. */
  readonly isAwaited?: boolean
  /** Whether the call may begin while Latchkey stops, until its time for that is up. Defaults to false. */
  readonly outlivesStop?: boolean
  /** Receives an error before its failure is returned. */
  readonly failed?: Failed | undefined
  /** Receives a result that arrives after the timeout or the cancellation. */
  late?(outcome: Outcome): void
}

/** The parts of the engine that calls need. */
export interface CallParts {
  readonly clock: Clock
  readonly log: Log
  readonly telemetry: Telemetry
}

const DEFAULT_TIMEOUT = 30_000

/** The maximum of a service's `Retry-After` that Latchkey honors, in milliseconds: one day. */
export const MAX_RETRY_AFTER = 86_400_000

/** An error of an integration whose texts can contain secrets that could not be read. */
export class WithheldError extends Error {
  readonly error: unknown

  constructor(error: unknown) {
    super('The texts of an error are withheld.')
    this.error = error
  }
}

/** Runs calls of integrations: with a timeout, cancellable, and with a result for every error. */
export class ServiceCalls {
  readonly #clock: Clock
  readonly #log: Log
  readonly #telemetry: Telemetry
  /** The calls in progress, and whether `stop()` waits for them. */
  readonly #calls = new Map<Call, boolean>()
  /** The mistakes of integrations that were logged. */
  readonly #warned = new Set<string>()
  #stopped = false
  #cancelled = false

  constructor({ clock, log, telemetry }: CallParts) {
    this.#clock = clock
    this.#log = log
    this.#telemetry = telemetry
  }

  /** Runs a call. Never throws: errors become a {@link CallFailed}, and unexpected ones are logged. */
  async run<Outcome>(request: ServiceCall<Outcome>): Promise<Outcome | CallFailed> {
    const { call, isAwaited = false, outlivesStop = false } = request
    const mayBegin = outlivesStop ? !this.#cancelled : !this.#stopped
    if (!mayBegin || call.aborted) return { type: 'failed', error: 'unknown' }
    this.#calls.set(call, isAwaited)
    const { domain } = request.compiled
    const since = this.#clock.now()
    const result = await this.#telemetry.span('service.call', { domain }, () => this.#outcome(request))
    this.#calls.delete(call)
    const outcome = isFailed(result) ? result.error : 'succeeded'
    this.#telemetry.measure({ type: 'service_call', domain, outcome, ms: this.#clock.now() - since })
    return result
  }

  #outcome<Outcome>(request: ServiceCall<Outcome>): Promise<Outcome | CallFailed> {
    const { call, compiled } = request
    return new Promise<Outcome | CallFailed>((resolve) => {
      let waiting = true
      const settle = (outcome: Outcome | CallFailed) => {
        waiting = false
        call.onAbort = null
        this.#clock.clearTimeout(timer)
        resolve(outcome)
      }
      const timer = this.#clock.setTimeout(() => {
        settle({ type: 'failed', error: 'timeout' })
        call.abort()
      }, compiled.integration.connectTimeout ?? DEFAULT_TIMEOUT)
      call.onAbort = () => settle({ type: 'failed', error: 'unknown' })
      this.#begin(request).then(
        (outcome) => {
          // Late: the call was cancelled or has timed out.
          if (waiting) settle(outcome)
          else request.late?.(outcome)
        },
        (error: unknown) => {
          if (waiting) settle(this.#failure(error, request))
        },
      )
    })
  }

  /** Rejects new calls, and cancels those in progress whose results `stop()` does not save. */
  stop(): void {
    this.#stopped = true
    for (const [call, isAwaited] of this.#calls) if (!isAwaited) call.abort()
  }

  /** Cancels all calls in progress. */
  cancel(): void {
    this.#cancelled = true
    for (const call of this.#calls.keys()) call.abort()
  }

  async #begin<Outcome>(request: ServiceCall<Outcome>): Promise<Outcome> {
    // Cuts the stack, so that an error of the integration has few frames to record.
    await null
    return request.attempt()
  }

  #failure(thrown: unknown, { compiled, secrets, failed: report }: ServiceCall<unknown>): CallFailed {
    const isWithheld = thrown instanceof WithheldError
    const error: unknown = isWithheld ? thrown.error : thrown
    let redacted: LoggedError | undefined
    const logged = () => {
      redacted ??= isWithheld ? withheldError(error) : loggedError(error, secrets)
      return redacted
    }
    const failed = (ref?: string) => report?.(ref, logged)
    const log = (level: 'warn' | 'error', message: string): string => {
      const ref = newRef()
      this.#log[level]({ domain: compiled.domain, ref, error: logged() }, message)
      return ref
    }
    // Also if the integration reports it as a failed connection.
    if (isUnsendable(error, secrets)) {
      const message = 'A secret contains a character that no header can carry. It was not sent.'
      const ref = log('warn', message)
      failed(ref)
      return { type: 'failed', error: 'invalid_auth' }
    }
    const passing = passingFailure(error, this.#clock.now())
    if (passing !== null) {
      failed()
      return passing
    }
    const explanation = explainedBy(error, { compiled, secrets }, (mistake) => this.warn(compiled, mistake))
    const explained = isWithheld ? withoutTexts(explanation) : explanation
    if (explained?.refuses === true) {
      failed()
      return { type: 'failed', error: 'setup_error', explained }
    }
    const expected = expectedFailure(error)
    // The integration has used another `fetch`, or its library wraps the error.
    const unreachable = expected === null ? unreachableBy(error) : null
    if (unreachable !== null) {
      failed()
      return { type: 'failed', error: unreachable }
    }
    const ref = log(expected === null ? 'error' : 'warn', 'A call of the integration failed.')
    failed(ref)
    return { type: 'failed', error: expected ?? 'unknown', ...(explained !== null && { explained }) }
  }

  /** Logs a mistake of an integration once. */
  warn({ domain }: Compiled, mistake: string): void {
    const key = `${domain} ${mistake}`
    if (this.#warned.has(key)) return
    this.#warned.add(key)
    this.#log.warn({ domain }, mistake)
  }
}

/** Whether no text of an error is logged or shown, also not those of a cause. */
export const showsNoText = (error: unknown): boolean =>
  passingFailure(error, 0) !== null && isError(error) && causeOf(error) === undefined

/** Returns the failure of an error that is not logged, because the caller retries it or shows it to the user. */
function passingFailure(error: unknown, now: number): CallFailed | null {
  if (error instanceof CannotConnectError || error instanceof AddressRefusedError)
    return { type: 'failed', error: 'cannot_connect' }
  if (error instanceof InvalidAuthError) return { type: 'failed', error: 'invalid_auth' }
  if (!(error instanceof RateLimitedError)) return null
  const wait = error.retryAfter * 1000
  // An integration may pass a value that is not a number.
  const until = now + (wait > 0 ? Math.min(wait, MAX_RETRY_AFTER) : 0)
  return { type: 'failed', error: 'rate_limited', until }
}

/** Returns the code of an error that is logged, although integrations throw it on purpose; null for others. */
function expectedFailure(error: unknown): 'client_refused' | 'setup_error' | null {
  if (error instanceof ClientRefusedError) return 'client_refused'
  return error instanceof SetupError ? 'setup_error' : null
}

const isFailed = (outcome: unknown): outcome is CallFailed =>
  typeof outcome === 'object' && outcome !== null && 'type' in outcome && outcome.type === 'failed'
