import type { Clock } from '../../ports/clock.ts'
import { Call } from './call.ts'

/** The time limit of a call. */
export interface Deadline {
  /** Timeout in milliseconds. Defaults to `Infinity`: no timeout. */
  readonly timeout?: number | undefined
  /** The caller's signal. If it is aborted, the call throws its reason. */
  readonly signal?: AbortSignal | undefined
}

/** A timer as a promise. */
export class Timeout {
  readonly elapsed: Promise<void>
  readonly #clock: Clock
  readonly #timer: unknown

  constructor(clock: Clock, milliseconds: number) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.elapsed = promise
    this.#clock = clock
    this.#timer = clock.setTimeout(resolve, milliseconds)
  }

  /** Ends the timer. `elapsed` never resolves then. */
  clear(): void {
    this.#clock.clearTimeout(this.#timer)
  }
}

/** Waits for work, but not longer than a timeout. Returns whether the work has ended. @throws any error of the work */
export async function endsWithin(timeout: Timeout, work: Promise<unknown>): Promise<boolean> {
  const isTooLate = timeout.elapsed.then(() => false)
  return Promise.race([work.then(() => true), isTooLate])
}

/**
 * Calls `work` with a call that is cancelled at the deadline. Rejects at the deadline, even if `work` ignores the
 * cancellation.
 *
 * @throws the result of `late` after the timeout, or the reason of the caller's signal
 */
export async function underDeadline<Result>(
  clock: Clock,
  { timeout, signal }: Deadline,
  late: () => Error,
  work: (call: Call) => Promise<Result>,
): Promise<Result> {
  const call = new Call()
  if (timeout === undefined && signal === undefined) return work(call)
  signal?.throwIfAborted()
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const end = (reason: unknown) => {
    call.abort(reason)
    reject(reason)
  }
  const onAbort = () => end(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  const timer = timeout === undefined ? undefined : clock.setTimeout(() => end(late()), timeout)
  try {
    return await Promise.race([work(call), ended])
  } finally {
    clock.clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}
