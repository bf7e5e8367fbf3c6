import { InvalidAuthError, RateLimitedError } from '../../errors.ts'
import type { EntryError } from '../api/entries.ts'
import type { SetupExplanation } from '../connections/explained.ts'
import type { LiveConnection } from '../connections/live-connection.ts'
import { type Unreachable, unreachableBy } from '../connections/unreachable.ts'

/** The last failure of an entry. `code`: the reason of its state. `explained`: the error of the integration. */
export type EntryFailure = Omit<EntryError, 'text' | 'params'> & { readonly explained?: SetupExplanation }

/** An entry is quiet after this many calls in a row could not reach its service. */
const MAX_FAILED_CALLS = 3

/** The default of `staleAfter` in milliseconds. */
const STALE_AFTER = 60_000

/** The begin of a call. */
export interface BegunCall {
  readonly live: LiveConnection
  readonly at: number
  /** The counts of the traffic at the begin. */
  readonly answers: number
  readonly misses: number
  /** The number of failed calls at the begin. */
  readonly failures: number
}

/**
 * Whether the service of an entry answers the calls of this process. It is not stored, and no state of the machine: an
 * entry that no call uses stays as it is.
 */
export class EntryHealth {
  /** Last time at which the service answered (ms since the epoch); null if it has not answered this process. */
  answeredAt: number | null
  /** The last failure since the last answer; null without one. */
  failure: EntryFailure | null = null
  /** Whether calls cannot reach the service. */
  isQuiet = false
  readonly #staleAfter: number
  /** The failed calls since the last answer. Calls that ran at the same time count once. */
  #failures = 0
  /** When the first of the failed calls began. */
  #failingSince = 0
  /** The number of all failed calls. */
  #allFailures = 0

  constructor(staleAfter: number | undefined, answeredAt: number | null) {
    this.#staleAfter = staleAfter ?? STALE_AFTER
    this.answeredAt = answeredAt
  }

  begin(live: LiveConnection, at: number): BegunCall {
    const { answers, misses } = live.traffic
    return { live, at, answers, misses, failures: this.#allFailures }
  }

  /** Records an answer of the service. Returns whether the entry was quiet. */
  answered(at: number): boolean {
    const wasQuiet = this.isQuiet
    this.answeredAt = at
    this.forgetFailures()
    return wasQuiet
  }

  /** Returns why a failed call did not reach the service: `answered` if it did, null if unknown. */
  outcomeOf({ live, answers, misses }: BegunCall, error: unknown): Unreachable | 'answered' | null {
    if (live.traffic.answers > answers) return 'answered'
    if (error instanceof InvalidAuthError || error instanceof RateLimitedError) return 'answered'
    return unreachableBy(error) ?? (live.traffic.misses > misses ? 'cannot_connect' : null)
  }

  /** Records a call that did not reach the service. Returns whether the entry is quiet since then. */
  unreachable(begun: Pick<BegunCall, 'at' | 'failures'>, failure: EntryFailure): boolean {
    this.failure = failure
    if (this.#failures === 0) this.#failingSince = begun.at
    // A call that began before the latest failure ran at the same time.
    if (begun.failures === this.#allFailures) {
      this.#failures++
      this.#allFailures++
    }
    const isStale = failure.at - this.#failingSince > this.#staleAfter
    if (this.isQuiet || (this.#failures < MAX_FAILED_CALLS && !isStale)) return false
    this.isQuiet = true
    return true
  }

  /** Forgets failed calls, because the service has answered, or because the entry is not loaded any more. */
  forgetFailures(): void {
    this.#failures = 0
    this.failure = null
    this.isQuiet = false
  }
}
