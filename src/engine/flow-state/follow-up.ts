import * as z from 'zod'
import type { EndedFlow } from '../../authoring/next-flow.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { FlowRecord } from '../../ports/store.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'

/** Maximum number of follow-up flows in a row, so that an integration cannot create an endless chain. */
const MAX_CHAIN = 5

/** Milliseconds reserved for the process that ended the flow. Then any process may open the follow-up flow. */
const GRACE_PERIOD = 10_000

/** Sources whose flows may have a follow-up. Reauthentications and imports may not. */
const SOURCES: ReadonlySet<string> = new Set<EndedFlow['source']>([
  ...(['user', 'discovery', 'reconfigure', 'replace', 'options', 'subentry'] as const),
])

/** Validates the return value of an integration's `next`. */
const NextFlowSchema = z
  .discriminatedUnion('source', [
    z.object({ source: z.literal('options') }),
    z.object({ source: z.literal('subentry'), type: z.string() }),
    z.object({ source: z.literal('user'), domain: z.string() }),
  ])
  .nullable()

/** A pending follow-up flow, stored in the record of the flow that ended until it is opened. */
export const followUpRecord = z.object({
  source: z.enum(['user', 'options', 'subentry']),
  domain: z.string(),
  /** The entry of the follow-up flow; `null` for a new entry. */
  entryId: z.string().nullable(),
  /** The type of sub-entry to add. Only set for the source `subentry`. */
  type: z.string().optional(),
  /** The principal that the follow-up flow is opened for. */
  who: z.string(),
  /** The position in the chain: 1 for the first follow-up flow. */
  after: z.int().positive(),
})

export type FollowUpRecord = z.infer<typeof followUpRecord>

/** Returns the idempotency key of a follow-up flow, so that it is opened only once. */
export const followUpKey = ({ after }: FollowUpRecord, flowId: string): string => `next ${after} ${flowId}`

/** Returns the position of a flow in its chain, read from its idempotency key; 0 if it is not a follow-up. */
const positionOf = ({ asked }: FlowRecord): number => Number(/^next (\d+) /.exec(asked?.key ?? '')?.[1] ?? 0)

/**
 * Adds the follow-up flow that the integration requests to the record of a flow that is about to end.
 *
 * Both are stored in one write, so a crash cannot lose the follow-up. If `next` throws, returns an invalid value or
 * exceeds the chain limit, the error is logged and the flow ends without a follow-up.
 */
export function withFollowUp(core: Core, end: FlowRecord, who: string): FlowRecord {
  const { domain, source, entryId, scope, flowId } = end
  const { integration } = integrationOf(core, domain)
  if (integration.next === undefined || !mayContinue(end)) return end
  const warn = (fields: { error?: ReturnType<typeof loggedError>; code?: string }) => {
    core.log.warn({ scope, flowId, domain, ...fields }, 'The follow-up flow could not be scheduled.')
    return end
  }
  try {
    const next = NextFlowSchema.parse(integration.next({ source, entryId } as EndedFlow))
    if (next === null) return end
    const after = positionOf(end) + 1
    if (after > MAX_CHAIN) return warn({ code: 'TOO_MANY_FLOWS' })
    const about = { domain, ...next, entryId: next.source === 'user' ? null : entryId }
    const following: FollowUpRecord = { ...about, who, after }
    const context: JsonObject = { ...end.context, following: following as Json }
    return { ...end, context, dueAt: Math.min(end.updatedAt + GRACE_PERIOD, Number(end.expiresAt)) }
  } catch (error) {
    return warn({ error: loggedError(error) })
  }
}

/** Successes without a follow-up: an ignored account has no entry, and a repaired one has had its follow-up. */
const CLOSED: ReadonlySet<unknown> = new Set(['ignored', 'reauth_successful'])

/** Whether a flow may have a follow-up. */
const mayContinue = ({ open, source, context }: FlowRecord): boolean =>
  !open && SOURCES.has(source) && context.success === true && !CLOSED.has(context.reason)

/** Whether the follow-up of an ended flow is still pending and has not expired. */
export const hasPendingFollowUp = ({ context, expiresAt }: FlowRecord, now: number): boolean =>
  context.following !== undefined && Number(expiresAt) > now
