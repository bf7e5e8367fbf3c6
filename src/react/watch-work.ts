import type { View } from '../client/index.ts'

/** The interval in which a working flow is read while there is no event stream, in milliseconds. */
const POLL = 2_000

/** The interval with an event stream. It has no event if the process of the work was killed. */
const LOOK = 5_000

/** The longest interval while the server does not respond. */
const LONGEST = 30_000

/** Whether a flow must be read until it has a next step. A code for another device has its own polls. */
export const mustWatch = (view: View | undefined, hasStream: boolean): boolean =>
  view?.type === 'progress' && (!hasStream || !('mayGoBack' in view))

/**
 * Reads a working flow into the state of the client again and again. The interval between an answer and the next read
 * doubles with each failure. `settle` receives null or the error of each read.
 * @returns a function that ends this
 */
export function watchWork(
  read: () => Promise<unknown>,
  settle: (error: unknown) => void,
  hasStream: boolean,
): () => void {
  const usual = hasStream ? LOOK : POLL
  let left = false
  let timer: ReturnType<typeof setTimeout>
  const look = async (interval: number): Promise<void> => {
    const error = await read().then(
      () => null,
      (reason: unknown) => reason,
    )
    settle(error)
    if (!left) wait(error === null ? usual : Math.min(2 * interval, LONGEST))
  }
  const wait = (interval: number): void => {
    timer = setTimeout(() => void look(interval), interval)
  }
  wait(usual)
  return () => {
    left = true
    clearTimeout(timer)
  }
}
