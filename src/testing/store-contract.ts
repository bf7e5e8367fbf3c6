import type { StoreCase } from './store-case.ts'
import { discoveredCases } from './store-contract-discovered.ts'
import { listCases } from './store-contract-lists.ts'
import { recordCases } from './store-contract-records.ts'
import { slotCases } from './store-contract-slots.ts'

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
