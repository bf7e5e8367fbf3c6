import { RevisionConflictError, SlotTakenError, StoreError } from '../../errors.ts'
import type { Check, Write } from '../../ports/store.ts'
import { checkWrite, isRemovalWrite, isWebhookWrite } from '../check-write.ts'
import { statusOf } from '../entry-status.ts'
import { isLive } from '../lease-time.ts'
import { needsPerson } from '../needs-person.ts'
import { driverCode } from '../node/driver-code.ts'
import { endedLeases, leaseConflict } from '../record-leases.ts'
import { storedFlow } from '../stored-flow.ts'
import type { SqliteValue } from './prepared.ts'
import { rowWrite } from './row-write.ts'
import type { SqliteStatements } from './statements.ts'

type Kind = 'entry' | 'flow' | 'attempts'

/** A unique slot of a write, and the columns that identify its holder. */
interface Slot {
  readonly name: SlotTakenError['slot']
  readonly columns: readonly SqliteValue[]
}

/** The row that a write changes. */
interface Target {
  readonly kind: Kind
  readonly scope: string
  readonly id: string
  readonly ifRevision: number
  readonly slots: readonly Slot[]
}

/** SQLite's extended error code SQLITE_CONSTRAINT_UNIQUE. */
const uniqueViolation = 2067

/**
 * Returns a function that performs a write inside a transaction. The record is serialized once, even if the
 * transaction runs twice.
 *
 * @throws StoreError if the write is invalid
 */
export function sqliteWrite(statements: SqliteStatements, scope: string, write: Write): () => void {
  checkWrite(scope, write)
  if ('audit' in write) {
    const { audit } = write
    const json = JSON.stringify(audit)
    return () => void statements.insert.audit.run(scope, audit.entryId, json, audit.at)
  }
  if ('release' in write) {
    const { release: kind, id, fence } = write
    return () => {
      if (statements.leases.dropHeld.run(scope, kind, id, fence) === 0) throw leaseConflict(kind, id)
    }
  }
  if ('settle' in write) return () => void statements.leases.settle.run(scope, write.key, write.settle)
  if ('check' in write) return () => check(statements, scope, write)
  const change =
    isWebhookWrite(write) || isRemovalWrite(write)
      ? rowWrite(statements, scope, write)
      : recordWrite(statements, scope, write)
  const ended = endedLeases(write)
  if (ended.length === 0) return change
  return () => {
    change()
    for (const { kind, id } of ended) statements.leases.drop.run(scope, kind, id)
  }
}

/** A write of an entry, a flow or attempts. */
type RecordWrite = Exclude<
  Extract<Write, { put: unknown } | { remove: unknown }>,
  { put: 'webhook' | 'removal' } | { remove: 'webhook' | 'removal' }
>

function recordWrite(statements: SqliteStatements, scope: string, write: RecordWrite): () => void {
  const { ifRevision } = write
  if ('remove' in write) {
    const { remove: kind, id } = write
    const target: Target = { kind, scope, id, ifRevision, slots: [] }
    return () => {
      if (statements.remove[kind].run(scope, id, ifRevision) === 0) checkRemoved(statements, target)
    }
  }
  const { id, columns, slots } = columnsOf(scope, write)
  return () => put(statements, { kind: write.put, scope, id, ifRevision, slots }, columns)
}

function check(statements: SqliteStatements, scope: string, condition: Check): void {
  if (condition.check === 'entry') {
    const { id, ifRevision } = condition
    const stored = statements.revision.entry.get(scope, id)?.revision ?? 0
    if (stored !== ifRevision) throw new RevisionConflictError('entry', id)
    return
  }
  if (condition.check === 'lease') {
    const { kind, id, fence } = condition
    if (statements.leases.lease.get(scope, kind, id)?.fence !== fence) throw leaseConflict(kind, id)
    return
  }
  if (condition.check === 'unclaimed') {
    const { flowId, now } = condition
    const lease = statements.leases.lease.get(scope, 'flow', flowId)
    if (lease !== undefined && isLive(lease, now)) throw new RevisionConflictError('flow', flowId)
    return
  }
  const open = statements.openFlows.all(scope, condition.entryId)
  const other = open.find(({ id }) => !condition.open.includes(id))
  if (other !== undefined) throw new RevisionConflictError('flow', other.id)
}

/** Returns the columns of a record in the order of the statements. */
function columnsOf(
  scope: string,
  write: Extract<Write, { put: Kind }>,
): { id: string; columns: readonly SqliteValue[]; slots: readonly Slot[] } {
  const json = JSON.stringify(write.put === 'flow' ? storedFlow(write.record) : write.record)
  switch (write.put) {
    case 'entry': {
      const {
        entryId,
        domain,
        uniqueId,
        ignored = false,
        matchKey = null,
        expiresAt = null,
        refreshAt = null,
        revision,
      } = write.record
      const slots: Slot[] = []
      if (uniqueId !== null) slots.push({ name: 'identity', columns: [scope, domain, uniqueId] })
      if (matchKey !== null) slots.push({ name: 'exclusive', columns: [scope, domain, matchKey] })
      const needs = Number(needsPerson(write.record))
      return {
        id: entryId,
        columns: [
          domain,
          uniqueId,
          needs,
          Number(ignored),
          expiresAt,
          matchKey,
          refreshAt,
          statusOf(write.record),
          revision,
          json,
        ],
        slots,
      }
    }
    case 'flow': {
      const { flowId, domain, entryId, open, edits, dueAt, slot = null, asked, revision } = write.record
      const { principal = null, key = null } = asked ?? {}
      const slots: Slot[] = []
      if (entryId !== null && open && edits) slots.push({ name: 'edit', columns: [scope, entryId] })
      if (open && slot !== null) slots.push({ name: 'held', columns: [scope, domain, slot] })
      if (asked !== undefined) slots.push({ name: 'asked', columns: [scope, principal, key] })
      return {
        id: flowId,
        columns: [domain, entryId, Number(open), Number(edits), dueAt, slot, principal, key, revision, json],
        slots,
      }
    }
    case 'attempts': {
      const { key, dueAt, revision } = write.record
      return { id: key, columns: [dueAt, revision, json], slots: [] }
    }
  }
}

function put(statements: SqliteStatements, target: Target, columns: readonly SqliteValue[]): void {
  const { kind, scope, id, ifRevision } = target
  if (ifRevision === 0) {
    if (statements.insert[kind].run(scope, id, ...columns) === 0) throwWriteError(statements, target)
    return
  }
  try {
    if (statements.update[kind].run(...columns, scope, id, ifRevision) === 0)
      throwWriteError(statements, target)
  } catch (error) {
    if (driverCode(error, 'errcode') === uniqueViolation) throwWriteError(statements, target)
    throw error
  }
}

/** Throws the reason for a failed write: first a different revision, as in each store, then a taken slot. */
function throwWriteError(statements: SqliteStatements, target: Target): never {
  const { kind, id, ifRevision, slots } = target
  if (storedRevision(statements, target) !== ifRevision) throw new RevisionConflictError(kind, id)
  for (const { name, columns } of slots) {
    const holder = statements.holder[name].get(...columns)
    if (holder !== undefined && holder.id !== id) throw new SlotTakenError(name, holder.id)
  }
  throw new StoreError('The record was not written.')
}

function checkRemoved(statements: SqliteStatements, target: Target): void {
  const { kind, id, ifRevision } = target
  if (storedRevision(statements, target) !== ifRevision) throw new RevisionConflictError(kind, id)
}

function storedRevision(statements: SqliteStatements, { kind, scope, id }: Target): number {
  return statements.revision[kind].get(scope, id)?.revision ?? 0
}
