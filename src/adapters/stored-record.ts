import { UnreadableRecordError } from '../errors.ts'
import type { AuditRow } from '../ports/history.ts'
import type { RemovalRecord } from '../ports/removals.ts'
import type { AttemptsRecord, EntryRecord, FlowRecord, FlowRow, NeedyEntry, Page } from '../ports/store.ts'
import type { WebhookRecord } from '../ports/webhooks.ts'
import { deepFreeze } from './deep-freeze.ts'

/** A row of a stored record: its id, its revision and its JSON. */
export interface RecordRow {
  readonly id: string
  readonly revision: number
  readonly record: string
  /** The end of the lease of a flow. */
  readonly workingUntil?: number | null
}

interface Records {
  entry: EntryRecord
  flow: FlowRecord
  attempts: AttemptsRecord
  webhook: WebhookRecord
  removal: RemovalRecord
}

const idOf = { entry: 'entryId', flow: 'flowId', attempts: 'key', webhook: 'id', removal: 'id' } as const

/**
 * Parses a stored record and checks that it agrees with its row. The engine validates its members.
 *
 * @throws UnreadableRecordError
 */
export function readRecord<Kind extends keyof Records>(
  kind: Kind,
  scope: string,
  row: RecordRow,
): Records[Kind] {
  const record = parse(row.record)
  if (!agrees(kind, scope, row, record)) throw new UnreadableRecordError(kind, row.id)
  return deepFreeze(row.workingUntil == null ? record : { ...record, workingUntil: row.workingUntil })
}

function agrees<Kind extends keyof Records>(
  kind: Kind,
  scope: string,
  row: RecordRow,
  record: unknown,
): record is Records[Kind] {
  return (
    isObject(record) &&
    record.scope === scope &&
    record[idOf[kind]] === row.id &&
    record.revision === row.revision
  )
}

/** Returns a page of records. `rows` has one row more than `limit` if there is a next page. */
export function readPage<Kind extends 'entry' | 'flow' | 'webhook' | 'removal'>(
  kind: Kind,
  scope: string,
  rows: readonly RecordRow[],
  limit: number,
): Page<Records[Kind]> {
  const shown = rows.slice(0, limit)
  const items: Records[Kind][] = []
  const unreadable: string[] = []
  for (const row of shown) {
    try {
      items.push(readRecord(kind, scope, row))
    } catch {
      unreadable.push(row.id)
    }
  }
  return { items, next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null, unreadable }
}

/** Reads a page of records. `read` returns the rows up to a number. */
export async function pageOf<Kind extends 'webhook' | 'removal'>(
  kind: Kind,
  { scope, limit }: { readonly scope: string; readonly limit: number },
  read: (count: number) => Promise<readonly RecordRow[]>,
): Promise<Page<Records[Kind]>> {
  const most = Math.max(1, limit)
  return readPage(kind, scope, await read(most + 1), most)
}

/** The limits of a read of due rows. `beyond`: later times were written while a clock was wrong, so they are due. */
interface DueQuery {
  readonly now: number
  readonly limit: number
  readonly beyond: number | undefined
}

/** Reads the rows that are due. `read` returns rows by their time, up to a number. */
export async function dueRows<Row>(
  { now, limit, beyond }: DueQuery,
  read: (is: '<=' | '>', time: number, count: number) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const rows = await read('<=', now, limit)
  if (beyond === undefined || rows.length === limit) return rows
  return [...rows, ...(await read('>', beyond, limit - rows.length))]
}

/** A row of an entry that needs attention, and its position in the list. */
export interface AttentionRow extends RecordRow {
  readonly editFlowId: string | null
  readonly cursor: string
}

/** Returns a page of the entries that need attention. `rows` has one row more than `limit` if there is a next page. */
export function readAttentionPage(
  scope: string,
  rows: readonly AttentionRow[],
  limit: number,
): Page<NeedyEntry> {
  const shown = rows.slice(0, limit)
  const items: NeedyEntry[] = []
  const unreadable: string[] = []
  for (const row of shown) {
    try {
      items.push({ entry: readRecord('entry', scope, row), editFlowId: row.editFlowId })
    } catch {
      unreadable.push(row.id)
    }
  }
  return { items, next: rows.length > limit ? (shown.at(-1)?.cursor ?? null) : null, unreadable }
}

/** The columns of a flow. SQLite has no booleans. */
interface FlowColumns {
  readonly domain: string
  readonly entry_id: string | null
  readonly slot: string | null
  readonly asked_by: string | null
  readonly asked_key: string | null
  readonly open: boolean | number
  readonly edits: boolean | number
  readonly due_at: number | null
  readonly revision: number
}

/** Returns the part of a flow that its columns hold. */
export function flowRowOf(scope: string, flowId: string, columns: FlowColumns): FlowRow {
  const { domain, entry_id: entryId, slot, asked_by: principal, asked_key: key, revision } = columns
  return {
    scope,
    flowId,
    domain,
    entryId,
    ...(slot !== null && { slot }),
    ...(principal !== null && key !== null && { asked: { principal, key } }),
    open: Boolean(columns.open),
    edits: Boolean(columns.edits),
    dueAt: columns.due_at,
    revision,
  }
}

/** Returns a page of history rows. `seq` is the position of a row in the history. */
export function readAuditPage(
  rows: readonly { readonly seq: number | string; readonly record: string }[],
  limit: number,
): Page<AuditRow> {
  const shown = rows.slice(0, limit)
  const items: AuditRow[] = []
  const unreadable: string[] = []
  for (const { seq, record } of shown) {
    const row = parse(record)
    if (isAuditRow(row)) items.push(deepFreeze(row))
    else unreadable.push(String(seq))
  }
  return { items, next: rows.length > limit ? String(shown.at(-1)?.seq) : null, unreadable }
}

/** Returns the encrypted secrets in the JSON of an entry; undefined if it is damaged. */
export function sealedIn(record: string): string | undefined {
  const entry = parse(record)
  return isObject(entry) && typeof entry.sealed === 'string' ? entry.sealed : undefined
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function isAuditRow(value: unknown): value is AuditRow {
  return isObject(value) && typeof value.kind === 'string'
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null
}
