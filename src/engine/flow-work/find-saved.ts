import type { FindSavedResult } from '../../../machines/flow-result.ts'
import type { FlowRecord } from '../../ports/store.ts'
import { isStoredAs } from '../kernel/lost-answers.ts'
import { present } from '../statecharts/actors.ts'
import type { FlowCommit } from './commit.ts'

const saves: ReadonlySet<string> = new Set([
  ...['createEntry', 'updateEntry', 'ignoreAccount', 'saveOptions', 'saveSubentry'],
])

/** Whether an actor saves the result of a flow. If its answer is lost, the machine looks whether it is saved. */
export const savesResult = (actor: string): boolean => saves.has(actor)

/** Returns a record without its claim, which is not stored with it. */
const unclaimed = (flow: FlowRecord) => ({ ...flow, workingUntil: undefined })

/**
 * Reads whether the last write of a commit was made, because its answer was lost. If so, takes the steps after it. @throws
 * StoreError
 */
export async function findSaved(commit: FlowCommit): Promise<FindSavedResult> {
  const { scope, flowId, revision } = commit.flow
  const written = present(commit.written)
  const stored = await commit.core.store.getFlow(scope, flowId)
  if (!isStoredAs(stored && unclaimed(stored), unclaimed(written.flow)))
    return (stored?.revision ?? 0) === revision ? { type: 'unsaved' } : commit.supersede()
  await commit.saved(written)
  const { entry, end } = written
  if (end?.subentry != null) return { type: 'saved', subentryId: String(end.subentry.subentryId) }
  return entry.revision === 1 ? { type: 'created', entryId: entry.entryId } : { type: 'updated' }
}
