import { UNREADABLE_LIFETIME } from '../../../machines/edit-slot.ts'
import { UnreadableRecordError } from '../../errors.ts'
import type { FlowRecord, FlowRow } from '../../ports/store.ts'
import { isBelievable } from '../lib/stored-time.ts'
import { chartsBySource } from './flow-charts.ts'
import { type CheckedFlow, checkFlow, isReadableFlow, tombstoneOf } from './flow-record.ts'

/**
 * A flow whose content this version cannot read: it is damaged, or another version wrote it. It can still be ended, which
 * frees its slots.
 */
export interface UnreadableFlow extends FlowRow {
  readonly unreadable: true
  /** The record, if the store could read it. Its members can have any value. */
  readonly record: FlowRecord | null
}

/** The reason why a flow ends that cannot be read. */
export type ReleaseReason =
  | 'cancelled'
  | 'flow_expired'
  | 'already_in_progress'
  | 'already_configured'
  | 'entry_removed'
  | 'entry_disabled'

export const isUnreadable = (flow: CheckedFlow | UnreadableFlow): flow is UnreadableFlow =>
  'unreadable' in flow

/** Returns a flow, or its readable part. `row` reads that part if the store could not read the record. */
export async function flowOf(
  read: () => Promise<FlowRecord | undefined>,
  row: (flowId: string) => Promise<FlowRow | undefined>,
): Promise<CheckedFlow | UnreadableFlow | null> {
  try {
    const record = await read()
    return record === undefined ? null : asFlow(record)
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) throw error
    const found = await row(error.id)
    return found === undefined ? null : { ...found, unreadable: true, record: null }
  }
}

/** Returns a flow that the store could read; without its content if this version cannot read it. */
export const asFlow = (record: FlowRecord): CheckedFlow | UnreadableFlow =>
  isReadableFlow(record) ? checkFlow(record) : { ...record, unreadable: true, record }

/** The error for a flow that cannot open because of one that cannot be read. */
export const heldByUnreadable = ({ flowId }: UnreadableFlow): UnreadableRecordError =>
  new UnreadableRecordError(
    'flow',
    flowId,
    'Another version of Latchkey may be running it. Cancel it, or wait until it has been idle for a day.',
  )

/** Whether a flow has not been written for a day. No process can write a damaged one. */
export function isIdle({ record }: UnreadableFlow, now: number): boolean {
  const updatedAt = numberIn(record?.updatedAt)
  return updatedAt === null || updatedAt <= now - UNREADABLE_LIFETIME || !isBelievable(updatedAt, now, 0)
}

/** Whether a flow may end: it has expired, or no process can continue it. */
export function isOver(flow: UnreadableFlow, now: number): boolean {
  const { record } = flow
  if (record === null || isIdle(flow, now)) return true
  const { expiresAt } = record
  return expiresAt !== null && (numberIn(expiresAt) ?? Number(flow.dueAt)) <= now
}

/** Returns the end of a flow that cannot be read. */
export function releasedRecordOf(
  flow: UnreadableFlow,
  reason: ReleaseReason,
  { now, expiresAt }: { readonly now: number; readonly expiresAt: number },
): FlowRecord {
  const { scope, flowId, slot, asked, revision, record } = flow
  const edits = flow.edits === true
  const entryId = typeof flow.entryId === 'string' ? flow.entryId : null
  // The source of a damaged record is unknown.
  const known = chartsBySource.get(String(record?.source))
  const source = known === undefined ? (edits ? 'reauth' : 'user') : String(record?.source)
  const chart = chartsBySource.get(source)
  return tombstoneOf(
    {
      scope,
      flowId,
      machine: String(chart?.record),
      domain: String(flow.domain),
      source,
      entryId,
      ...(slot !== undefined && { slot }),
      ...(asked !== undefined && { asked: { request: '', ...asked } }),
      step: 'abort',
      open: false,
      edits,
      context: {},
      sealedDraft: null,
      revision,
      createdAt: numberIn(record?.createdAt) ?? now,
      updatedAt: now,
      expiresAt,
      dueAt: expiresAt,
    },
    { type: 'abort', entryId, reason, success: false },
    { now, expiresAt },
  )
}

const numberIn = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null
