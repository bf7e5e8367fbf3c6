import type { JsonObject } from '../../ports/json.ts'
import type { FlowRecord } from '../../ports/store.ts'
import type { SignInRecord } from './authorization-record.ts'
import { definedOf, draftUntil, type OpenFlow, OWN_RECORD } from './flow-record.ts'

/**
 * Returns the next record of a flow whose sign-in has progressed. The flow stays at its step, without the errors of
 * an earlier sign-in. The input before the sign-in lives as long again.
 */
export function signingInRecordOf(
  before: OpenFlow,
  authorization: SignInRecord,
  { now, idle }: { readonly now: number; readonly idle: number },
): FlowRecord {
  const expiresAt = before.expiresAt === null ? null : now + idle
  const ends = authorization.machine === 'authorization-code@1' ? [authorization.request.expiresAt] : []
  // The input before the sign-in is needed until its end.
  const challengeUntil = before.sealedDraft === null ? null : draftUntil(now)
  const due = [expiresAt, challengeUntil, ...ends].filter((end) => end !== null)
  // The request of this sign-in has the prepared values.
  const { prepared: _, ...rest } = before.context
  const context = { ...rest, errors: {}, authorization, challengeUntil } as JsonObject
  return {
    ...before,
    ...OWN_RECORD,
    context,
    revision: before.revision + 1,
    updatedAt: now,
    expiresAt,
    dueAt: due.length === 0 ? null : Math.min(...due),
  }
}

/** Copies the sign-in of the previous record, and its prepared values. */
export const keepSignIn = (next: FlowRecord, { context }: OpenFlow): FlowRecord => ({
  ...next,
  context: { ...next.context, ...definedOf(context, ['authorization', 'prepared']) },
})
