import { ProblemError } from './problem-error.ts'

/** The delays between attempts in milliseconds. Each delay is twice the one before, up to `lastRetry`. */
export interface RetryTiming {
  /** Delay before the first retry. Doubled for each further one, and shortened at random by up to half. */
  readonly firstRetry: number
  readonly lastRetry: number
}

/** Whether a server refuses the caller, so that repeating a request does not help. */
export const isRefused = (error: unknown): boolean =>
  error instanceof ProblemError && [401, 403].includes(error.status)

/** Returns the delay after a number of failures, at least as long as the server requests. */
export function backoff({ firstRetry, lastRetry }: RetryTiming, failures: number, error: unknown): number {
  const delay = Math.min(firstRetry * 2 ** failures, lastRetry) * (0.5 + Math.random() / 2)
  return Math.max(delay, (error instanceof ProblemError ? (error.problem.retryAfter ?? 0) : 0) * 1000)
}

/** Waits, at most until the signal is aborted. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    if (signal.aborted) done()
    else signal.addEventListener('abort', done)
  })
