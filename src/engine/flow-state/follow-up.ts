import * as z from 'zod'
import type { EndedFlow } from '../../authoring/next-flow.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { FlowRecord } from '../../ports/store.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'

/** At most this many flows follow one another: an integration that always leads on comes to an end. */
const LONGEST = 5

/** How long the process that ended a flow has for opening the next one, in milliseconds; then any process does. */
const GRACE = 10_000

/** After which flows another may follow: a person was there, who may do more than repair. */
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

/** What an end keeps of the flow that is to follow it, until that is opened. */
export const followUpRecord = z.object({
  source: z.enum(['user', 'options', 'subentry']),
  domain: z.string(),
  /** The entry that it is about; null for a new one. */
  entryId: z.string().nullable(),
  /** What is to be added under that entry, where it is not about the entry itself. */
  type: z.string().optional(),
  /** For whom it is opened. */
  who: z.string(),
  /** How many flows there are before it. */
  after: z.int().positive(),
})

export type FollowUpRecord = z.infer<typeof followUpRecord>

/** The key under which the flow is opened that follows another, so that it is opened once. */
export const followUpKey = ({ after }: FollowUpRecord, flowId: string): string => `next ${after} ${flowId}`

/** How many flows came before one, by the key that it was opened under. */
const cameBefore = ({ asked }: FlowRecord): number => Number(/^next (\d+) /.exec(asked?.key ?? '')?.[1] ?? 0)

/**
 * The end of a flow as it is to be written: with what the integration has follow it, so that a crash after the write loses
 * nothing. Whatever is wrong with that, the end is written all the same.
 */
export function withFollowUp(core: Core, end: FlowRecord, who: string): FlowRecord {
  const { domain, source, entryId, scope, flowId } = end
  const { integration } = integrationOf(core, domain)
  if (integration.next === undefined || !hasSucceeded(end)) return end
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

/** Whether a flow has done what it was for, and was one after which another may follow. */
const hasSucceeded = ({ open, step, source, context }: FlowRecord): boolean =>
  !open && LEADING.has(source) && (step === 'create_entry' || String(context.reason).endsWith('_successful'))

/** Whether a flow that has ended is still followed by one that nobody has opened. */
export const hasPendingFollowUp = ({ context, expiresAt }: FlowRecord, now: number): boolean =>
  context.following !== undefined && Number(expiresAt) > now
