import type { FindSavedResult } from '../../../machines/flow-result.ts'
import type { FlowRecord } from '../../ports/store.ts'
import { isStoredAs } from '../kernel/lost-answers.ts'
import { present } from '../statecharts/actors.ts'
import type { FlowCommit } from './commit.ts'

const saves: ReadonlySet<string> = new Set([
  ...['createEntry', 'updateEntry', 'ignoreAccount', 'saveOptions', 'saveSubentry', 'restoreEntry'],
])

/**
 * Whether an actor saves the result of a flow, or restores the values before it. If its answer is lost, the machine looks
 * whether that was done.
 */
export const savesResult = (actor: string): boolean => saves.has(actor)

/** Returns a record without its claim, which is not stored with it. */
const unclaimed = (flow: FlowRecord) => ({ ...flow, workingUntil: undefined })

/** Takes the steps after the last write of a commit if a stored flow shows that it was made. Returns whether it does. */
async function finish(commit: FlowCommit, stored: FlowRecord | undefined): Promise<boolean> {
  const written = present(commit.written)
  if (!isStoredAs(stored && unclaimed(stored), unclaimed(written.flow))) return false
  await commit.saved(written)
  return true
}

/**
 * Reads whether the last write of a commit was made, because its answer was lost. If so, takes the steps after it. @throws
 * StoreError
 */
export async function findSaved(commit: FlowCommit): Promise<FindSavedResult> {
  const { scope, flowId, revision } = commit.flow
  const stored = await commit.core.store.getFlow(scope, flowId)
  if (!(await finish(commit, stored)))
    return (stored?.revision ?? 0) === revision ? { type: 'unsaved' } : commit.supersede()
  const { entry, end } = present(commit.written)
  // The flow continues with a change that may be restored, or without it.
  if (end === null && entry.previous === undefined)
    return { type: 'restored', credentialRevision: entry.credentialRevision }
  if (end?.subentry != null) return { type: 'saved', subentryId: String(end.subentry.subentryId) }
  return entry.revision === 1 ? { type: 'created', entryId: entry.entryId } : { type: 'updated' }
}

/** Takes the steps after a lost write that is found only when the flow is read again. */
export async function finishFound(commit: FlowCommit, stored: FlowRecord): Promise<void> {
  const { isUncertain, written, entry } = commit
  if (isUncertain && written !== null && written.entry !== entry) await finish(commit, stored)
}
