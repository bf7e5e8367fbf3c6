import type { SnapshotFrom } from 'xstate'
import { keepsDraft } from '../../../machines/config-flow-setup.ts'
import type { ConfigFlowContext } from '../../../machines/config-flow-types.ts'
import type { DraftContent } from '../../../machines/draft.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { FlowRecord } from '../../ports/store.ts'
import { type Compiled, methodOf } from '../integrations/compiled.ts'
import type { Core } from '../kernel/core.ts'
import { pickFields } from '../lib/json.ts'
import { grantDraft } from '../records/revoke-grant.ts'
import { openDraft, sealDraft } from '../secrets/vault.ts'
import type { FlowMachine } from './flow-charts.ts'
import { pagesOf } from './flow-pages.ts'
import { draftUntil, type OpenFlow, type StoredDraft, storedDraftOf } from './flow-record.ts'

type Snapshot = SnapshotFrom<FlowMachine>

/** Whether the stored draft of a flow has a grant: the flow waits for a choice or a challenge after a sign-in. */
export function hasGrant(compiled: Compiled, flow: OpenFlow): boolean {
  if (isSignIn(flow.step)) return false
  const pages = pagesOf(compiled, flow).slice(0, (flow.context.page ?? 0) + 1)
  return pages.some(({ kind }) => isSignIn(kind))
}

/**
 * Returns the record of a flow whose entry now has the grant and the prepared values of its sign-in. If the flow has asked
 * for a choice since, it waits at the sign-in again.
 */
export function withoutSignIn(compiled: Compiled, flow: OpenFlow): FlowRecord {
  const { authorization: _, prepared: __, ...context } = flow.context
  if (!hasGrant(compiled, flow)) return { ...flow, context: context as JsonObject }
  const pages = pagesOf(compiled, flow)
  const page = pages.slice(0, (context.page ?? 0) + 1).findLastIndex(({ kind }) => isSignIn(kind))
  return {
    ...flow,
    step: String(pages[page]?.kind),
    context: { ...context, page, challenge: null, challengeUntil: null } as JsonObject,
    sealedDraft: null,
    dueAt: flow.expiresAt,
  }
}

const isSignIn = (step: string): boolean => step === 'authorize' || step === 'device'

/** Returns the state of a flow with its grant if it waits after a sign-in, so that its machine can revoke the grant. */
export async function withGrant(core: Core, flow: OpenFlow, before: Snapshot): Promise<Snapshot> {
  const compiled = compiledOf(core, flow)
  if (compiled === null || flow.sealedDraft === null || !hasGrant(compiled, flow)) return before
  // A grant that cannot be decrypted cannot be revoked.
  const opened = await openDraft(core, flow).catch(() => null)
  if (opened === null) return before
  const draft = grantDraft(core, { scope: flow.scope, compiled, values: opened.values })
  return { ...before, context: { ...before.context, draft } }
}

/** The next state of a flow. */
interface Next {
  readonly base: FlowRecord
  readonly step: string
  readonly context: ConfigFlowContext
  /** The previous record, if the flow had one. */
  readonly before: OpenFlow | null
}

/** Returns the encrypted draft of a waiting flow; null without one. */
export async function draftOf(
  core: Core,
  { base, step, context, before }: Next,
): Promise<StoredDraft | null> {
  if (context.connection !== null) return { sealed: null, until: draftUntil(core.clock.now()) }
  if (!keepsDraft(context)) return null
  const content = context.draft?.reveal()
  const stored = before && storedDraftOf(before)
  // After a wrong answer, the draft of a challenge stays unchanged, with the same expiry.
  if (content === undefined || (content.challenge?.values !== undefined && stored !== null)) return stored
  const until = draftUntil(core.clock.now())
  return { sealed: await sealDraft(core, base, withoutGrant(core, { ...base, step }, content)), until }
}

/** Returns the draft to store. At a sign-in, that is the input before it, without the grant of one that failed. */
function withoutGrant(core: Core, flow: FlowRecord, content: DraftContent): DraftContent {
  if (!isSignIn(flow.step)) return content
  const { values, submitted } = content
  const order = compiledOf(core, flow)?.fullForm.order ?? []
  const input = pickFields(values as JsonObject, order)
  return { values: input, ...(submitted !== undefined && { submitted }) }
}

/** Returns the method of a flow; null if its integration is no longer registered. */
export function compiledOf({ integrations }: Core, { domain, context }: FlowRecord): Compiled | null {
  const integration = integrations.get(domain)
  return integration === undefined ? null : methodOf(integration, (context as OpenFlow['context']).method)
}
