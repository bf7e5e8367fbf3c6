import type { Store } from '../ports/store.ts'
import { discoveredCases } from './store-contract-discovered.ts'
import { listCases } from './store-contract-lists.ts'
import { recordCases } from './store-contract-records.ts'
import { slotCases } from './store-contract-slots.ts'

/** One promise of the port, and how it is tried on a store. It rejects where the promise is not kept. */
export interface StoreCase {
  readonly title: string
  /** `make` gives a new, empty store each time; it need not be open. */
  run(make: () => Promise<Store>): Promise<void>
}

/**
 * What every {@link Store} keeps, for any test runner:
 * `it.each(storeContract)('$title', ({ run }) => run(makeStore))`.
 */
export const storeContract: readonly StoreCase[] = [
  ...recordCases,
  ...slotCases,
  ...discoveredCases,
  ...listCases,
]
