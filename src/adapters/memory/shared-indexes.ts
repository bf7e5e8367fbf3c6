import type { AttemptsRecord, EntryRecord, FlowRecord } from '../../ports/store.ts'
import { byText, sortedSet } from './sorted-ids.ts'

/** Entries with an expiry, the earliest first. */
const byExpiry = () =>
  sortedSet<Pick<EntryRecord, 'scope' | 'entryId' | 'expiresAt'>>(
    (a, b) =>
      Number(a.expiresAt) - Number(b.expiresAt) || byText(a.scope, b.scope) || byText(a.entryId, b.entryId),
  )

/** Entries whose token is refreshed without a call, the earliest first. */
const byRefresh = () =>
  sortedSet<Pick<EntryRecord, 'scope' | 'entryId' | 'refreshAt'>>(
    (a, b) =>
      Number(a.refreshAt) - Number(b.refreshAt) || byText(a.scope, b.scope) || byText(a.entryId, b.entryId),
  )

/** The entries of one scope with an expiry, the earliest first. */
export const byExpiryOfScope = () =>
  sortedSet<Pick<EntryRecord, 'entryId' | 'expiresAt'>>(
    (a, b) => Number(a.expiresAt) - Number(b.expiresAt) || byText(a.entryId, b.entryId),
  )

/** The members of a row that sort the due times. */
export type DueRow =
  | Pick<FlowRecord, 'scope' | 'flowId' | 'dueAt'>
  | Pick<AttemptsRecord, 'scope' | 'key' | 'dueAt'>

/** Rows with a due time, the longest overdue first. */
const byDueTime = () =>
  sortedSet<DueRow>(
    (a, b) => Number(a.dueAt) - Number(b.dueAt) || byText(a.scope, b.scope) || byText(idOf(a), idOf(b)),
  )

const idOf = (record: DueRow): string =>
  'flowId' in record ? `flow ${record.flowId}` : `attempts ${record.key}`

/** The indexes of all scopes. */
export const sharedIndexes = () => ({ due: byDueTime(), expiring: byExpiry(), refreshes: byRefresh() })
