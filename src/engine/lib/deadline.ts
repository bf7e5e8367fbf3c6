import type { Clock } from '../../ports/clock.ts'

/** The time limit of a call. */
export interface Deadline {
  /** Timeout in milliseconds. Defaults to no timeout. */
  readonly timeout?: number | undefined
  /** The caller's signal. If it is aborted, the call throws its reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Calls `work` with a signal that is aborted at the deadline. Rejects at the deadline, even if `work` ignores the
 * signal.
 *
 * @throws the result of `late` after the timeout, or the reason of the caller's signal
 */
export async function underDeadline<Result>(
  clock: Clock,
  { timeout, signal }: Deadline,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  if (timeout === undefined && signal === undefined) return work(new AbortController().signal)
  signal?.throwIfAborted()
  const abort = new AbortController()
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const end = (reason: unknown) => {
    abort.abort(reason)
    reject(reason)
  }
  const onAbort = () => end(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  const timer = timeout === undefined ? undefined : clock.setTimeout(() => end(late()), timeout)
  try {
    return await Promise.race([work(abort.signal), ended])
  } finally {
    clock.clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}
