import type { EntryToEdit } from '../../ports/store.ts'
import { flowRowOf, readPage, readRecord } from '../stored-record.ts'
import type { SqliteReads } from './reads.ts'

/** Reads an entry and its open edit flow. @throws UnreadableRecordError if the row of the entry is damaged */
export function readEntryToEdit(reads: SqliteReads, scope: string, entryId: string): EntryToEdit {
  const entry = reads.entry.get(scope, entryId)
  const rows = reads.flows(scope, { entryId, open: true, edits: true, limit: 1 })
  const { items, unreadable } = readPage('flow', scope, rows, 1)
  const [flowId] = unreadable
  const row = flowId === undefined ? undefined : reads.flowRow.get(scope, flowId)
  return {
    entry: entry && readRecord('entry', scope, entry),
    flow: items[0],
    ...(flowId !== undefined && row !== undefined && { damaged: flowRowOf(scope, flowId, row) }),
  }
}
