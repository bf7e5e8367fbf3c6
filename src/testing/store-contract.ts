import type { StoreCase } from './store-case.ts'
import { attentionCases } from './store-contract-attention.ts'
import { conditionCases } from './store-contract-conditions.ts'
import { discoveredCases } from './store-contract-discovered.ts'
import { historyCases } from './store-contract-history.ts'
import { idCases } from './store-contract-ids.ts'
import { leaseCases } from './store-contract-leases.ts'
import { listCases } from './store-contract-lists.ts'
import { recordCases } from './store-contract-records.ts'
import { removalCases } from './store-contract-removals.ts'
import { reservationCases } from './store-contract-reservations.ts'
import { slotCases } from './store-contract-slots.ts'
import { statusCases } from './store-contract-status.ts'
import { webhookCases } from './store-contract-webhooks.ts'

/**
 * The requirements of every {@link Store}, for any test runner.
 *
 * @example
 * ```ts
 * import { it } from '@jest/globals'
 * import { memoryStore } from 'latchkey'
 * import { storeContract } from 'latchkey/testing'
 *
 * it.each(storeContract)('$title', ({ run }) => run(async () => memoryStore()))
 * ```
 */
export const storeContract: readonly StoreCase[] = [
  ...recordCases,
  ...idCases,
  ...conditionCases,
  ...slotCases,
  ...discoveredCases,
  ...listCases,
  ...historyCases,
  ...statusCases,
  ...webhookCases,
  ...removalCases,
  ...attentionCases,
  ...leaseCases,
  ...reservationCases,
]
