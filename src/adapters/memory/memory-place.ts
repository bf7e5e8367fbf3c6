import type { Cipher } from '../../ports/cipher.ts'
import { joseCipher } from '../jose-cipher.ts'
import { LeaseTable } from './lease-table.ts'
import { MemoryCursors } from './memory-cursors.ts'
import { MemoryLogs } from './memory-feed.ts'
import { MemoryRemovals } from './memory-removals.ts'
import { MemoryWebhooks } from './memory-webhooks.ts'
import { ScopeTables } from './scope-tables.ts'
import { sharedIndexes } from './shared-indexes.ts'
import { byText, sortedSet } from './sorted-ids.ts'

/** The rows of one or several memory stores, like the file of several processes. See {@link memoryPlace}. */
export class MemoryPlace {
  /** @internal */
  readonly scopes = new Map<string, ScopeTables>()
  /** @internal */
  readonly usedScopes = sortedSet(byText)
  /** @internal */
  readonly indexes = sharedIndexes()
  /** @internal */
  readonly logs = new MemoryLogs()
  /** @internal */
  readonly webhooks = new MemoryWebhooks()
  /** @internal */
  readonly removals = new MemoryRemovals()
  readonly leases = new LeaseTable()
  /** @internal */
  readonly cursors = new MemoryCursors()
  #cipher: Cipher | undefined

  /** @internal */
  get cipher(): Cipher {
    this.#cipher ??= joseCipher([crypto.getRandomValues(new Uint8Array(32))])
    return this.#cipher
  }

  /** @internal */
  tablesOf(scope: string): ScopeTables {
    const tables = this.scopes.get(scope) ?? new ScopeTables(this.indexes)
    this.scopes.set(scope, tables)
    return tables
  }
}

/**
 * Returns a place for the rows of several memory stores. Tests use it to run several instances on the same rows.
 *
 * @example
 * ```ts
 * import { createLatchkey, memoryPlace, memoryStore } from 'latchkey'
 *
 * const place = memoryPlace()
 * const first = await createLatchkey({ integrations: [], store: memoryStore(place) })
 * const second = await createLatchkey({ integrations: [], store: memoryStore(place) })
 * ```
 */
export function memoryPlace(): MemoryPlace {
  return new MemoryPlace()
}
