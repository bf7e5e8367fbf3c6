import { RevisionConflictError } from '../../errors.ts'
import type { RemovalWrite } from '../../ports/removals.ts'
import type { WebhookWrite } from '../../ports/webhooks.ts'
import type { Prepared, SqliteValue } from './prepared.ts'

/** The statements that write the rows of a table. */
interface RowStatements {
  readonly insert: Pick<Prepared<never>, 'run'>
  readonly update: Pick<Prepared<never>, 'run'>
  readonly remove: Pick<Prepared<never>, 'run'>
}

/**
 * Returns a function that writes a webhook or a removal inside a transaction. The record is serialized once, even if the
 * transaction runs twice. The function throws a RevisionConflictError.
 */
export function rowWrite(
  { webhooks, removals }: { readonly webhooks: RowStatements; readonly removals: RowStatements },
  scope: string,
  write: WebhookWrite | RemovalWrite,
): () => void {
  const kind = 'remove' in write ? write.remove : write.put
  const statements = kind === 'webhook' ? webhooks : removals
  const { id, run } = changeOf(statements, scope, write)
  return () => {
    if (run() === 0) throw new RevisionConflictError(kind, id)
  }
}

function changeOf(
  { insert, update, remove }: RowStatements,
  scope: string,
  write: WebhookWrite | RemovalWrite,
): { readonly id: string; readonly run: () => number } {
  const { ifRevision } = write
  if ('remove' in write) return { id: write.id, run: () => remove.run(scope, write.id, ifRevision) }
  const { id } = write.record
  const columns = columnsOf(write)
  return {
    id,
    run: () =>
      ifRevision === 0 ? insert.run(scope, id, ...columns) : update.run(...columns, scope, id, ifRevision),
  }
}

/** Returns the columns of a record in the order of the statements. */
function columnsOf(write: Extract<WebhookWrite | RemovalWrite, { put: unknown }>): readonly SqliteValue[] {
  const { put, record } = write
  const { dueAt, revision } = record
  const json = JSON.stringify(record)
  return put === 'removal'
    ? [dueAt, revision, json]
    : [record.list, dueAt, record.position ?? null, revision, json]
}
