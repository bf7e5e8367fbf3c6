import { UnreadableRecordError } from '../../errors.ts'
import type { RemovalRow, RemovalWrite } from '../../ports/removals.ts'
import type { Core } from '../kernel/core.ts'
import { Call } from '../lib/call.ts'
import { isConflict } from '../lib/conflicts.ts'
import { loggedError } from '../lib/redact.ts'
import {
  checkRemoval,
  type Removal,
  type RemovalPut,
  removalAfter,
  removalDriver,
  removalRow,
  resumeRemoval,
} from '../records/removal-record.ts'
import { performWith } from '../statecharts/actors.ts'
import { Run } from '../statecharts/runner.ts'
import { removalActors } from './inform-service.ts'

/** The deadline of the calls of one attempt, in milliseconds. Shorter than `REMOVAL_LOST_AFTER`. */
const DEADLINE = 30_000

/** Begins the removals that a transaction has written. The caller does not wait for them. */
export function beginRemovals(core: Core, writes: readonly RemovalPut[]): void {
  for (const { record } of writes) core.background.add(settleRemoval(core, record))
}

/**
 * Informs the service of a removed entry, if its removal is due and no other process does. Deletes the removal afterwards,
 * or when its time is over. Never throws: a failure is logged, and the next turn of the task continues.
 */
export async function settleRemoval(core: Core, row: RemovalRow): Promise<void> {
  const { scope, id: removalId } = row
  try {
    const removal = await readOrDelete(core, row)
    if (removal !== null) await attempt(core, removal)
  } catch (error) {
    const fields = { scope, removalId, error: loggedError(error) }
    core.log.warn(fields, 'A removal could not be processed.')
  }
}

/** Reads a removal, and deletes it if it is damaged. Returns null without one. @throws StoreError */
async function readOrDelete(core: Core, { scope, id, revision }: RemovalRow): Promise<Removal | null> {
  try {
    const record = await core.store.removals.get(scope, id)
    return record === undefined ? null : checkRemoval(record)
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) throw error
    const fields = { scope, removalId: id, error: loggedError(error) }
    core.log.warn(fields, 'A damaged removal was deleted. The service of its entry was not informed.')
    await write(core, scope, { remove: 'removal', id, ifRevision: revision })
    return null
  }
}

/** Takes the next step of a removal. The first write claims the attempt: another process finds it changed. */
async function attempt(core: Core, removal: Removal): Promise<void> {
  const now = core.clock.now()
  const taken = removalDriver.send(resumeRemoval(removal.content, now), { type: 'due', now })
  if (taken === null) return
  const begun = removalAfter(removal, taken.snapshot)
  if (taken.work === null) return end(core, removal, begun)
  if (!(await save(core, begun))) return
  const call = new Call()
  const timer = core.clock.setTimeout(() => call.abort(), DEADLINE)
  const run = new Run(removalDriver, taken, {
    clock: core.clock,
    perform: (invocation) => performWith(removalActors, { core, removal: begun, call }, invocation),
    stepped: () => {},
  })
  await run.settled()
  core.clock.clearTimeout(timer)
  const next = removalAfter(begun, run.snapshot)
  if (next.content.step === 'waiting') await save(core, next)
  else await end(core, begun, next)
}

/** Deletes the row of a removal that has ended. */
async function end(
  core: Core,
  before: Removal,
  { content: { step, entryId, domain } }: Removal,
): Promise<void> {
  const { scope, id, revision } = before
  if (!(await write(core, scope, { remove: 'removal', id, ifRevision: revision }))) return
  const fields = { scope, entryId, domain }
  if (step === 'given_up')
    core.log.warn(fields, 'The service of a removed entry was not informed. Its stored values were deleted.')
}

const save = (core: Core, removal: Removal): Promise<boolean> =>
  write(core, removal.scope, {
    put: 'removal',
    record: removalRow(removal),
    ifRevision: removal.revision - 1,
  })

/** Writes a row. Returns false if another process has changed it. */
async function write(core: Core, scope: string, change: RemovalWrite): Promise<boolean> {
  try {
    await core.store.apply(scope, [change])
    return true
  } catch (error) {
    if (isConflict(error, 'removal')) return false
    throw error
  }
}
