import type { Clock } from '../../ports/clock.ts'

export interface Deadline {
  /** Milliseconds; none where absent. */
  readonly timeout?: number | undefined
  /** The caller's own; its reason is thrown when it fires. */
  readonly signal?: AbortSignal | undefined
}

/** Runs work under a deadline: its signal fires, and the caller is answered, when the time is up. */
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
