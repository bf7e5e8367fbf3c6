import type { Check, Write } from '../../ports/store.ts'
import { changedIds, isChange, timeOf } from '../changed-ids.ts'
import { checkWrite } from '../check-write.ts'
import { statusOf } from '../entry-status.ts'
import { needsPerson } from '../needs-person.ts'
import { endedLeases } from '../record-leases.ts'
import { storedFlow } from '../stored-flow.ts'

/** A write as the function `write` of the schema reads it: its kind, then the columns. */
type Encoded = readonly (string | number | boolean | null | readonly string[])[]

/**
 * A transaction as the functions of the schema read it: the ids and the time of its change, the number of its history
 * rows, and its writes. The ids are JSON text; null if the feed leaves it out.
 */
export type EncodedTransaction = readonly [
  ids: string | null,
  at: number,
  rows: number,
  writes: readonly Encoded[],
]

/** @throws StoreError if a write is invalid */
export function encode(scope: string, writes: readonly Write[]): EncodedTransaction {
  for (const write of writes) checkWrite(scope, write)
  // The rows of flows are locked before their leases, here and in `begin_work`. The leases of a record that ends go last,
  // without those that the transaction releases itself. `unclaimed` applies after all writes.
  const releases = writes.filter((write) => 'release' in write)
  const ended = writes
    .flatMap(endedLeases)
    .filter(({ kind, id }) => !releases.some((lease) => lease.release === kind && lease.id === id))
  const encoded = [
    ...writes.filter((write) => !isOfLease(write)).map(encodeWrite),
    ...writes.filter((write) => isOfLease(write) && !isUnclaimed(write)).map(encodeWrite),
    ...ended.map(({ kind, id }) => ['drop', id, kind] as const),
    ...writes.filter(isUnclaimed).map(encodeWrite),
  ]
  const ids = writes.some(isChange) ? JSON.stringify(changedIds(writes)) : null
  return [ids, timeOf(writes), writes.filter((write) => 'audit' in write).length, encoded]
}

const isUnclaimed = (write: Write): boolean => 'check' in write && write.check === 'unclaimed'

const isOfLease = (write: Write): boolean =>
  'release' in write ||
  'settle' in write ||
  isUnclaimed(write) ||
  ('check' in write && write.check === 'lease')

function encodeWrite(write: Write): Encoded {
  if ('audit' in write) return ['audit', write.audit.entryId, write.audit.at, JSON.stringify(write.audit)]
  if ('remove' in write) return ['remove', write.id, write.ifRevision, write.remove]
  if ('release' in write) return ['release', write.id, write.release, write.fence]
  if ('settle' in write) return ['settle', write.settle, write.key]
  if ('check' in write) return encodeCheck(write)
  const { ifRevision } = write
  // Serialized now: the caller may change the object while the write waits for its commit.
  const json = JSON.stringify(write.put === 'flow' ? storedFlow(write.record) : write.record)
  switch (write.put) {
    case 'entry': {
      const { entryId, domain, uniqueId, ignored = false, expiresAt = null, matchKey = null } = write.record
      const { refreshAt = null } = write.record
      const needs = needsPerson(write.record)
      return [
        'entry',
        entryId,
        ifRevision,
        domain,
        uniqueId,
        needs,
        ignored,
        expiresAt,
        matchKey,
        json,
        refreshAt,
        statusOf(write.record),
      ]
    }
    case 'flow': {
      const { flowId, domain, entryId, open, edits, dueAt, slot = null, asked, budget = null } = write.record
      const { principal = null, key = null } = asked ?? {}
      return [
        'flow',
        flowId,
        ifRevision,
        domain,
        entryId,
        open,
        edits,
        dueAt,
        slot,
        principal,
        key,
        json,
        budget,
      ]
    }
    case 'attempts':
      return ['attempts', write.record.key, ifRevision, write.record.dueAt, json]
    case 'webhook': {
      const { id, list, dueAt, position = null } = write.record
      return ['webhook', id, ifRevision, list, dueAt, position, json]
    }
    case 'removal':
      return ['removal', write.record.id, ifRevision, write.record.dueAt, json]
  }
}

function encodeCheck(check: Check): Encoded {
  switch (check.check) {
    case 'entry':
      return ['?entry', check.id, check.ifRevision]
    case 'flows':
      return ['?flows', check.entryId, check.open]
    case 'lease':
      return ['?lease', check.id, check.kind, check.fence]
    case 'unclaimed':
      return ['?unclaimed', check.flowId]
  }
}
