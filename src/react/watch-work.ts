import type { View } from '../client/index.ts'

/** The interval in which a working flow is read while there is no event stream, in milliseconds. */
const POLL = 2_000

/** The interval with an event stream. It has no event if the process of the work was killed. */
const LOOK = 5_000

/** Whether a flow must be read until it has a next step. A code for another device has its own polls. */
export const mustWatch = (view: View | undefined, hasStream: boolean): boolean =>
  view?.type === 'progress' && (!hasStream || !('mayGoBack' in view))

/**
 * Reads a working flow into the state of the client at an interval. `settle` receives null or the error of each read.
 * @returns a function that ends this
 */
export function watchWork(
  read: () => Promise<unknown>,
  settle: (error: unknown) => void,
  hasStream: boolean,
): () => void {
  const look = () => void read().then(() => settle(null), settle)
  const timer = setInterval(look, hasStream ? LOOK : POLL)
  return () => clearInterval(timer)
}
