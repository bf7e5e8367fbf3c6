import { StoreError } from '../errors.ts'
import type { Write } from '../ports/store.ts'

/**
 * Refuses a write that contradicts itself: a record of another scope, or whose revision does not follow
 * `ifRevision`.
 * @throws StoreError
 */
export function checkWrite(scope: string, write: Write): void {
  if ('audit' in write) {
    if (write.audit.scope !== scope) throw new StoreError('The audit row belongs to another scope.')
    return
  }
  if ('remove' in write) return
  if (write.record.scope !== scope) throw new StoreError('The record belongs to another scope.')
  if (write.record.revision !== write.ifRevision + 1) {
    throw new StoreError('The revision of a record has to be one more than the one that it replaces.')
  }
}
