import type { EntryToEdit, FlowRecord } from '../../ports/store.ts'
import { flowRowOf, readRecord } from '../stored-record.ts'
import type { Nullable } from './reads.ts'
import type { PostgresSchema } from './schema.ts'

/** The result of the function `entries_to_edit`. The columns of an entry or a flow that does not exist are null. */
export type EntryToEditRow = Nullable<{ entry_id: string; entry_revision: number; entry: string }> &
  Nullable<Omit<PostgresSchema['flows'], 'scope' | 'entry_id' | 'budget'> & { workingUntil: number }>

/** Returns an entry and its open edit flow. @throws UnreadableRecordError if the row of the entry is damaged */
export function entryToEditOf(scope: string, row: EntryToEditRow | undefined): EntryToEdit {
  if (row === undefined) return { entry: undefined, flow: undefined }
  const { entry_id: entryId, entry_revision: entryRevision, entry: json } = row
  const entry =
    entryId === null || entryRevision === null || json === null
      ? undefined
      : readRecord('entry', scope, { id: entryId, revision: entryRevision, record: json })
  return { entry, ...editFlowOf(scope, row) }
}

function editFlowOf(scope: string, row: EntryToEditRow): Omit<EntryToEdit, 'entry'> {
  const { flow_id: id, domain, open, edits, revision, record, workingUntil } = row
  if (id === null || domain === null || open === null || edits === null) return { flow: undefined }
  if (revision === null || record === null) return { flow: undefined }
  try {
    const flow: FlowRecord = readRecord('flow', scope, { id, revision, record, workingUntil })
    return { flow }
  } catch {
    return { flow: undefined, damaged: flowRowOf(scope, id, { ...row, domain, open, edits, revision }) }
  }
}
