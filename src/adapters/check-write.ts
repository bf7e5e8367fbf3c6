import { StoreError } from '../errors.ts'
import type { RemovalWrite } from '../ports/removals.ts'
import type { Write } from '../ports/store.ts'
import type { WebhookWrite } from '../ports/webhooks.ts'

/**
 * Maximum size of the ids that identify a row together, in bytes of UTF-8. An index of PostgreSQL has room for them. Any
 * unique id, scope and integration that the engine accepts fit.
 */
const MAX_KEY = 2_600

/** Ids by name that together identify a row in an index. Absent ones are not part of it. */
type Key = Readonly<Record<string, string | null | undefined>>

/**
 * Validates a write: the record must belong to the scope, its revision must be `ifRevision + 1`, and every store must be
 * able to save its ids. @throws StoreError
 */
export function checkWrite(scope: string, write: Write): void {
  for (const key of keysOf(write)) checkKey(scope, key)
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

/** Returns the keys of the rows that a write adds, changes or names. */
function keysOf(write: Write): readonly Key[] {
  if ('audit' in write) return [{ entryId: write.audit.entryId }]
  if ('settle' in write) return [{ key: write.key, id: write.settle }]
  if ('check' in write && write.check === 'flows') return [{ entryId: write.entryId }]
  if ('check' in write && write.check === 'unclaimed') return [{ flowId: write.flowId }]
  if (!('put' in write)) return [{ id: write.id }]
  switch (write.put) {
    case 'entry': {
      const { entryId, domain, uniqueId, matchKey } = write.record
      return [
        { domain, entryId },
        { domain, uniqueId },
        { domain, matchKey },
      ]
    }
    case 'flow': {
      const { flowId, domain, entryId, slot, asked, budget } = write.record
      const request = { principal: asked?.principal, key: asked?.key }
      return [{ domain, slot }, { entryId, flowId }, request, { budget }]
    }
    case 'attempts':
      return [{ key: write.record.key }]
    case 'webhook':
      return [{ list: write.record.list, id: write.record.id }]
    case 'removal':
      return [{ id: write.record.id }]
  }
}

/** @throws StoreError if a store cannot save the ids that identify a row together */
export function checkKey(scope: string, key: Key): void {
  let length = scope.length
  check('scope', scope)
  for (const name in key) {
    const id = key[name]
    if (id == null) continue
    check(name, id)
    length += id.length
  }
  // A code unit is at most three bytes. Only long keys are encoded.
  if (3 * length <= MAX_KEY) return
  const names = Object.keys(key).filter((name) => key[name] != null)
  const text = [scope, ...names.map((name) => key[name])].join('')
  if (new TextEncoder().encode(text).length > MAX_KEY)
    throw new StoreError(`Too long: scope + ${names.join(' + ')}. Use at most ${MAX_KEY} bytes together.`)
}

function check(name: string, id: string): void {
  if (!isStorable(id)) throw new StoreError(`The ${name} is not well-formed text, or contains NUL.`)
}

/** Whether every store can save and compare the id. Stores find no row for another one. */
export const isStorable = (id: string): boolean => id.isWellFormed() && !id.includes('\0')

/** Whether a write changes a row of the webhooks. */
export const isWebhookWrite = (write: Write): write is WebhookWrite =>
  ('put' in write && write.put === 'webhook') || ('remove' in write && write.remove === 'webhook')

/** Whether a write changes a removal. */
export const isRemovalWrite = (write: Write): write is RemovalWrite =>
  ('put' in write && write.put === 'removal') || ('remove' in write && write.remove === 'removal')
