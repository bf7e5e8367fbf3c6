import type { Store } from '../ports/store.ts'

/** Two stores on the same rows, like those of two processes. */
export type StorePair = readonly [first: Store, second: Store]

/** One requirement of stores that share their rows, and its test. `run` rejects if the stores do not meet it. */
export interface SharedStoreCase {
  readonly title: string
  /** `make` must return two new stores on the same new, empty database for each call. They need not be open. */
  run(make: () => Promise<StorePair>): Promise<void>
}

/** Creates a case that opens both stores first and closes them afterwards. */
export function sharedStoreCase(
  title: string,
  check: (first: Store, second: Store) => Promise<void>,
): SharedStoreCase {
  return {
    title,
    async run(make) {
      const pair = await make()
      try {
        // At once, as hosts that are started together: both may create the tables.
        await Promise.all(pair.map((store) => store.open()))
        await check(...pair)
      } finally {
        await Promise.all(pair.map((store) => store.close()))
      }
    },
  }
}
