import * as z from 'zod'
import type { EndedFlow } from '../../authoring/next-flow.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { FlowRecord } from '../../ports/store.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'

/** The maximum length of a chain of follow-up flows. */
const LONGEST = 5

/** The time in which the process that ended a flow opens the follow-up, in milliseconds. Then any process does. */
const GRACE = 10_000

/** The sources that can have a follow-up flow: a user is present, with more rights than to repair. */
const LEADING: ReadonlySet<string> = new Set<EndedFlow['source']>([
  ...(['user', 'discovery', 'reconfigure', 'replace', 'options', 'subentry'] as const),
])

const Named = z
  .discriminatedUnion('source', [
    z.object({ source: z.literal('options') }),
    z.object({ source: z.literal('subentry'), type: z.string() }),
    z.object({ source: z.literal('user'), domain: z.string() }),
  ])
  .nullable()

/** The stored follow-up of an ended flow, until it is opened. */
export const followUpRecord = z.object({
  source: z.enum(['user', 'options', 'subentry']),
  domain: z.string(),
  /** The entry that it is about; null for a new one. */
  entryId: z.string().nullable(),
  /** The sub-entry type, if the follow-up adds one. */
  type: z.string().optional(),
  /** The principal of the follow-up. */
  who: z.string(),
  /** Its position in the chain. */
  after: z.int().positive(),
})

export type FollowUpRecord = z.infer<typeof followUpRecord>

/** The idempotency key of a follow-up flow. It is opened once. */
export const followUpKey = ({ after }: FollowUpRecord, flowId: string): string => `next ${after} ${flowId}`

/** The position of a flow in its chain, from its idempotency key. */
const cameBefore = ({ asked }: FlowRecord): number => Number(/^next (\d+) /.exec(asked?.key ?? '')?.[1] ?? 0)

/**
 * Adds the follow-up of the integration to the end of a flow, so that a crash after the write loses
 * nothing. An invalid follow-up is logged, and the end is written without it.
 */
export function withFollowUp(core: Core, end: FlowRecord, who: string): FlowRecord {
  const { domain, source, entryId, scope, flowId } = end
  const { integration } = integrationOf(core, domain)
  if (integration.next === undefined || !mayContinue(end)) return end
  const warn = (fields: { error?: ReturnType<typeof loggedError>; code?: string }) => {
    core.log.warn('No flow follows where an integration wanted one.', { scope, flowId, domain, ...fields })
    return end
  }
  try {
    const next = Named.parse(integration.next({ source, entryId } as EndedFlow))
    if (next === null) return end
    const after = cameBefore(end) + 1
    if (after > LONGEST) return warn({ code: 'TOO_MANY_FLOWS' })
    const about = { domain, ...next, entryId: next.source === 'user' ? null : entryId }
    const following: FollowUpRecord = { ...about, who, after }
    const context: JsonObject = { ...end.context, following: following as Json }
    return { ...end, context, dueAt: Math.min(end.updatedAt + GRACE, Number(end.expiresAt)) }
  } catch (error) {
    return warn({ error: loggedError(error) })
  }
}

/** Whether another flow may follow. After an ignored account there is no entry to continue with. */
const mayContinue = ({ open, source, context }: FlowRecord): boolean =>
  !open && LEADING.has(source) && context.success === true && context.reason !== 'ignored'

/** Whether an ended flow has a follow-up that is not open yet. */
export const hasPendingFollowUp = ({ context, expiresAt }: FlowRecord, now: number): boolean =>
  context.following !== undefined && Number(expiresAt) > now
