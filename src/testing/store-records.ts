import type { AuditRow } from '../ports/history.ts'
import type { AttemptsRecord, EntryRecord, FlowRecord, Store, Write } from '../ports/store.ts'

/** Creates a complete entry record. Tests pass only the relevant members. */
export function entryRecord(changes: Partial<EntryRecord> = {}): EntryRecord {
  return {
    scope: 'home',
    entryId: 'entry-1',
    domain: 'hub',
    uniqueId: null,
    title: 'Hub',
    data: { host: 'hub.example' },
    sealed: 'sealed',
    options: {},
    version: 1,
    revision: 1,
    credentialRevision: 1,
    rejectedRevision: null,
    reauth: null,
    disabled: false,
    migrationError: null,
    createdBy: 'flow-0',
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_000,
    ...changes,
  }
}

/** Creates a complete flow record: an open user flow without an edit slot. */
export function flowRecord(changes: Partial<FlowRecord> = {}): FlowRecord {
  return {
    scope: 'home',
    flowId: 'flow-1',
    machine: 'config-flow@1',
    domain: 'hub',
    source: 'user',
    entryId: null,
    step: 'user',
    open: true,
    edits: false,
    context: {},
    sealedDraft: null,
    revision: 1,
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_000,
    expiresAt: null,
    dueAt: null,
    ...changes,
  }
}

/** Creates an open flow that holds the edit slot of `entry-1`. */
export function editRecord(changes: Partial<FlowRecord> = {}): FlowRecord {
  return flowRecord({ source: 'reauth', step: 'reauth_confirm', entryId: 'entry-1', edits: true, ...changes })
}

export function attemptsRecord(changes: Partial<AttemptsRecord> = {}): AttemptsRecord {
  const failures = [{ at: 1_700_000_000_000, principal: 'ada', code: 'invalid_auth' }]
  return { scope: 'home', key: 'entry-1', failures, blockedUntil: null, revision: 1, dueAt: 100, ...changes }
}

export function auditRow(changes: Partial<AuditRow> = {}): AuditRow {
  return {
    scope: 'home',
    at: 1_700_000_000_000,
    who: 'ada',
    entryId: 'entry-1',
    flowId: 'flow-1',
    kind: 'entry_updated',
    code: null,
    revision: 1,
    ...changes,
  }
}

/** Returns the write that replaces a record by its next revision. */
export function put(record: EntryRecord | FlowRecord | AttemptsRecord): Write {
  const ifRevision = record.revision - 1
  if ('flowId' in record) return { put: 'flow', record, ifRevision }
  return 'key' in record ? { put: 'attempts', record, ifRevision } : { put: 'entry', record, ifRevision }
}

/** Writes into the scope of the fixtures. */
export function write(store: Store, ...writes: readonly Write[]): Promise<void> {
  return store.apply('home', writes)
}
