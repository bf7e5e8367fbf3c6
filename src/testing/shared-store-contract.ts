import type { SharedStoreCase } from './shared-store-case.ts'
import { sharedFeedCases } from './shared-store-contract-feed.ts'
import { sharedSlotCases } from './shared-store-contract-slots.ts'
import { sharedWriteCases } from './shared-store-contract-writes.ts'

/**
 * The requirements of every {@link Store} whose rows several processes share, for any test runner. Each case runs two
 * stores on the same rows. It adds to {@link storeContract}.
 *
 * @example
 * ```ts
 * import { it } from '@jest/globals'
 * import { memoryPlace, memoryStore } from 'latchkey'
 * import { sharedStoreContract } from 'latchkey/testing'
 *
 * it.each(sharedStoreContract)('$title', ({ run }) =>
 *   run(async () => {
 *     const place = memoryPlace()
 *     return [memoryStore(place), memoryStore(place)]
 *   }),
 * )
 * ```
 */
export const sharedStoreContract: readonly SharedStoreCase[] = [
  ...sharedWriteCases,
  ...sharedSlotCases,
  ...sharedFeedCases,
]
