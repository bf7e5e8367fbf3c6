import { StoreError } from '../errors.ts'
import type { Write } from '../ports/store.ts'
import type { WebhookWrite } from '../ports/webhooks.ts'

/**
 * Validates a write: the record must belong to the scope, and its revision must be `ifRevision + 1`. @throws
 * StoreError
 */
export function checkWrite(scope: string, write: Write): void {
  if ('audit' in write) {
    if (write.audit.scope !== scope) throw new StoreError('The audit row belongs to another scope.')
    return
  }
  if (!('put' in write)) return
  if (write.record.scope !== scope) throw new StoreError('The record belongs to another scope.')
  if (write.record.revision !== write.ifRevision + 1) {
    throw new StoreError('The revision of a record must be one more than the revision that it replaces.')
  }
}

/** Whether every store can save the id. */
export const isStorable = (id: string): boolean => id.isWellFormed() && !id.includes('\0')

/** Whether a write changes a row of the webhooks. */
export const isWebhookWrite = (write: Write): write is WebhookWrite =>
  ('put' in write && write.put === 'webhook') || ('remove' in write && write.remove === 'webhook')
