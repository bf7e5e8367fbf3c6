import type { SnapshotFrom } from 'xstate'
import type { Draft } from '../../../machines/draft.ts'
import { decideEditSlot } from '../../../machines/edit-slot.ts'
import { UnknownFlowError, WrongStepError } from '../../errors.ts'
import type { FlowRecord, Write } from '../../ports/store.ts'
import type { Core } from '../kernel/core.ts'
import { isConflict } from '../lib/conflicts.ts'
import { ENGINE } from '../lib/principals.ts'
import { isAhead } from '../lib/stored-time.ts'
import type { Attempts } from '../login-budget/attempts.ts'
import { audit } from '../records/audit.ts'
import { budgetOf } from './flow-budget.ts'
import { chartOf, type FlowMachine, publishFlowStep } from './flow-charts.ts'
import { type FlowGuard, guardWrites, guardWritten, isWorking } from './flow-guard.ts'
import {
  type CheckedFlow,
  checkFlow,
  DRAFT_LIFETIME,
  hasSucceeded,
  type OpenFlow,
  openRecordOf,
  storedDraftOf,
  tombstoneOf,
  withoutDraft,
} from './flow-record.ts'
import { draftOf, withGrant } from './granted-draft.ts'
import { namedByEnd } from './named-by-end.ts'
import { OtherAccounts } from './other-accounts.ts'
import type { Configured, OutsideEvent, PickEvent, Refusal } from './outside-events.ts'
import { PendingConnections, restore } from './pending-connections.ts'
import type { PlannedStep } from './planned-step.ts'
import { keepPrepared, revokePrepared } from './prepared-values.ts'
import { expiredSignIn } from './sign-in-view.ts'
import { keepSignIn } from './signing-in-record.ts'
import {
  asFlow,
  flowOf,
  isIdle,
  type ReleaseReason,
  releasedRecordOf,
  type UnreadableFlow,
} from './unreadable-flow.ts'

/** A limit above the number of open flows that one entry can have. */
const MAX_FLOWS = 1_000

type Snapshot = SnapshotFrom<FlowMachine>

/** A failed attempt, counted in the write that shows it. */
interface Failure {
  readonly code: string
  readonly until: number | undefined
}

/** The options of {@link FlowRepository.write}. */
export interface FlowWriteOptions {
  readonly guard: FlowGuard
  /** The attempt that the write settles. */
  readonly attempts?: Attempts | null
  /** The failure to count; null if the attempt did not fail. */
  readonly failure?: Failure | null
}

/** Stores waiting flows as records, and restores their machines. */
export class FlowRepository {
  /** The verified connections that wait for a confirmation. */
  readonly pendingConnections: PendingConnections
  /** The verified connections of other accounts than those of their entries. */
  readonly otherAccounts: OtherAccounts
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
    this.pendingConnections = new PendingConnections(core)
    this.otherAccounts = new OtherAccounts(core)
  }

  /** Reads a flow, also if its content cannot be read. @throws UnknownFlowError */
  async find(scope: string, flowId: string): Promise<CheckedFlow | UnreadableFlow> {
    const { store } = this.#core
    const flow = await this.#flowOf(scope, () => store.getFlow(scope, flowId))
    if (flow === null) throw new UnknownFlowError(flowId)
    return flow
  }

  /** Returns the open flow that holds a slot, also if its content cannot be read. */
  holding(scope: string, domain: string, slot: string): Promise<CheckedFlow | UnreadableFlow | null> {
    return this.#flowOf(scope, () => this.#core.store.getFlowHolding(scope, domain, slot))
  }

  /** Returns the open flows of an entry; with `edits`, only the one that holds its edit slot. */
  async openOf(scope: string, entryId: string, edits: boolean): Promise<(OpenFlow | UnreadableFlow)[]> {
    const query = { entryId, open: true, limit: MAX_FLOWS, ...(edits && { edits }) }
    const { items, unreadable } = await this.#core.store.findFlows(scope, query)
    const damaged = await Promise.all(unreadable.map((flowId) => this.#core.store.getFlowRow(scope, flowId)))
    return [
      ...items.map(asFlow),
      ...damaged
        .filter((row) => row !== undefined)
        .map((row) => ({ ...row, unreadable: true, record: null }) as const),
    ].filter((flow): flow is OpenFlow | UnreadableFlow => flow.open)
  }

  /** Reads an entry and the open flow that holds its edit slot, also if the content of the flow cannot be read. */
  async entryToEdit(scope: string, entryId: string) {
    const { entry, flow, damaged } = await this.#core.store.getEntryToEdit(scope, entryId)
    if (flow !== undefined) return { entry, open: asFlow(flow) as OpenFlow | UnreadableFlow }
    const unreadable = damaged && ({ ...damaged, unreadable: true, record: null } as const)
    return { entry, open: unreadable ?? null }
  }

  #flowOf(
    scope: string,
    read: () => Promise<FlowRecord | undefined>,
  ): Promise<CheckedFlow | UnreadableFlow | null> {
    return flowOf(read, (flowId) => this.#core.store.getFlowRow(scope, flowId))
  }

  /** Returns the end of a flow that cannot be read. */
  released(flow: UnreadableFlow, reason: ReleaseReason): PlannedStep {
    const now = this.#core.clock.now()
    const times = { now, expiresAt: now + this.#core.limits.tombstone }
    return { record: releasedRecordOf(flow, reason, times) }
  }

  /** Returns a flow that cannot be read with its end, if it yields to another flow; otherwise null. */
  yielding(flow: UnreadableFlow): { readonly flow: UnreadableFlow; readonly end: PlannedStep } | null {
    const decision = decideEditSlot({ source: null, isIdle: isIdle(flow, this.#core.clock.now()) }, 'reauth')
    return decision === 'supersede' ? { flow, end: this.released(flow, 'already_in_progress') } : null
  }

  /** Ends a flow that cannot be read. Returns null if it has changed since it was read. */
  async release(flow: UnreadableFlow, reason: ReleaseReason, who: string): Promise<CheckedFlow | null> {
    try {
      const guard = reason === 'flow_expired' ? 'unclaimed' : null
      return await this.write(flow, this.released(flow, reason), who, { guard })
    } catch (error) {
      if (isConflict(error, 'flow')) return null
      throw error
    }
  }

  /** Reads a flow. @throws UnknownFlowError, UnreadableRecordError */
  async load(scope: string, flowId: string): Promise<CheckedFlow> {
    const flow = await this.#core.store.getFlow(scope, flowId)
    if (flow === undefined) throw new UnknownFlowError(flowId)
    return checkFlow(flow)
  }

  /** Reads a flow, and processes its expiration first: of the flow, its draft or its sign-in. */
  async current(scope: string, flowId: string): Promise<CheckedFlow> {
    const flow = await this.load(scope, flowId)
    return flow.open ? this.expired(flow) : flow
  }

  /**
   * Processes the expiration of a flow, its draft or its sign-in. Returns the flow itself if none is due, and if another
   * process works on it.
   */
  async expired(flow: OpenFlow, guard: FlowGuard = 'unclaimed'): Promise<CheckedFlow> {
    if (guard === 'unclaimed' && isWorking(this.#core, flow)) return flow
    const now = this.#core.clock.now()
    if (flow.expiresAt !== null && flow.expiresAt <= now) return this.#expire(flow, 'expire', guard)
    const { challengeUntil } = flow.context
    if (challengeUntil !== null && !isAhead(challengeUntil, now, DRAFT_LIFETIME))
      return this.resume(flow).can({ type: 'expireDraft' })
        ? this.#expire(flow, 'expireDraft', guard)
        : this.#writeUnasked(flow, this.#withoutDraft(flow, now), guard)
    const refusal = expiredSignIn(flow, now)
    return refusal === null ? flow : this.#expire(flow, { type: 'refused', ...refusal }, guard)
  }

  /** Returns the longest time that a flow can be due in, in milliseconds. */
  lifetimeOf({ open, source }: CheckedFlow): number {
    const { tombstone, discoveryIdle, flowIdle } = this.#core.limits
    return open ? Math.max(source === 'discovery' ? discoveryIdle : flowIdle, DRAFT_LIFETIME) : tombstone
  }

  /** Writes when a flow expires, as if it was written now: its times are those of a clock that was ahead. */
  async redate(flow: CheckedFlow): Promise<void> {
    const now = this.#core.clock.now()
    const dueAt = now + this.lifetimeOf(flow)
    // One that does not expire is due only because of a draft or a sign-in, which has ended.
    const record: FlowRecord = {
      ...flow,
      expiresAt: dueAt,
      dueAt,
      updatedAt: now,
      revision: flow.revision + 1,
    }
    await this.#core.store.apply(flow.scope, [
      { put: 'flow', record, ifRevision: flow.revision },
      ...guardWrites(this.#core, 'unclaimed', flow.flowId),
    ])
    if (flow.open) this.announce({ record })
  }

  async #expire(
    flow: OpenFlow,
    event: 'expire' | 'expireDraft' | Refusal,
    guard: FlowGuard,
  ): Promise<CheckedFlow> {
    return this.#writeUnasked(flow, await this.stepAfter(flow, event), guard)
  }

  /** Writes the next record of a flow, or returns the one that another process has written. */
  async #writeUnasked(flow: OpenFlow, next: PlannedStep, guard: FlowGuard): Promise<CheckedFlow> {
    try {
      return await this.write(flow, next, ENGINE, { guard })
    } catch (error) {
      if (isConflict(error, 'flow')) return this.load(flow.scope, flow.flowId)
      throw error
    }
  }

  resume(flow: OpenFlow): Snapshot {
    return restore(this.#core, flow, this.pendingConnections.of(flow))
  }

  #withoutDraft(flow: OpenFlow, now: number): PlannedStep {
    return { record: withoutDraft(flow, { now, expiresAt: this.#expiryOf(flow, now) }) }
  }

  /**
   * Returns the step of a waiting flow after an event. Pass it to `write` or, after its record was written, to `announce`.
   *
   * @throws WrongStepError if the step does not accept the event
   */
  async stepAfter(
    flow: OpenFlow,
    event: OutsideEvent | PickEvent | Refusal | Configured,
  ): Promise<PlannedStep> {
    const before = await withGrant(this.#core, flow, this.resume(flow))
    const sent = typeof event === 'string' ? { type: event } : event
    const step = chartOf(flow).driver.plan(before, sent)
    if (step === null) throw new WrongStepError(flow.step, sent.type)
    const next = await this.recordOf(flow, step.snapshot, flow, before.context.draft)
    const record = next.step === flow.step ? await this.#withSignIn(next, flow, sent) : next
    const written = () => {
      publishFlowStep(this.#core, flow, step.perform(), before)
      this.pendingConnections.hold(record, step.snapshot.context)
      const { authorization, prepared } = record.context
      if (authorization === undefined && prepared === undefined) void revokePrepared(this.#core, flow)
    }
    return { record, written }
  }

  /** Returns the record of a flow that stays at its step. Only a refusal affects the sign-in. */
  async #withSignIn(
    next: FlowRecord,
    flow: OpenFlow,
    event: { type: string } | Refusal,
  ): Promise<FlowRecord> {
    return 'error' in event ? keepPrepared(this.#core, next, flow, event) : keepSignIn(next, flow)
  }

  /**
   * Returns the record of a machine that waits or has ended. `before` is its previous record, if it had one, and `opened` the
   * draft of that.
   */
  async recordOf(
    base: FlowRecord,
    snapshot: Snapshot,
    before: OpenFlow | null,
    opened: Draft | null = null,
  ): Promise<FlowRecord> {
    const now = this.#core.clock.now()
    const { limits } = this.#core
    if (snapshot.output !== undefined) {
      const named = await namedByEnd(this.#core, base, snapshot.context, snapshot.output)
      return tombstoneOf(base, snapshot.output, { now, expiresAt: now + limits.tombstone }, named)
    }
    const expiresAt = this.#expiryOf(base, now)
    // The text of the chart, because a new text for each record takes memory.
    const { asking: step } = snapshot.value as { readonly asking: string }
    const { context } = snapshot
    const isSame = opened !== null && context.draft === opened && step === before?.step
    const kept = isSame ? storedDraftOf(before) : null
    const draft = kept ?? (await draftOf(this.#core, { base, step, context, before }))
    const record = openRecordOf(base, step, context, { now, expiresAt }, draft)
    const budget = budgetOf(this.#core, record)
    return budget === undefined ? record : { ...record, budget }
  }

  /** Writes the next step of a flow, with its history row and the failed attempt. @throws RevisionConflictError */
  async write(
    before: Pick<FlowRecord, 'revision'>,
    step: PlannedStep,
    who: string,
    { guard, attempts = null, failure = null }: FlowWriteOptions,
  ): Promise<CheckedFlow> {
    const { record: next } = step
    const code = next.open ? (failure?.code ?? null) : reasonOf(next)
    const hasRow = next.entryId !== null && (!next.open || code !== null)
    const writes: readonly Write[] = [
      ...guardWrites(this.#core, guard, next.flowId),
      { put: 'flow', record: next, ifRevision: before.revision },
      ...(hasRow ? [this.#historyRow(next, who, code)] : []),
    ]
    if (attempts === null) await this.#core.store.apply(next.scope, writes)
    else {
      const counted = (current: Attempts) =>
        failure === null ? current.settle() : current.count(failure.code, failure.until)
      await attempts.apply((current) => [...writes, ...counted(current)])
    }
    guardWritten(guard)
    return this.announce(step)
  }

  /** Executes the actions of a step after its record was written, and emits the state of the flow. */
  announce(written: PlannedStep): CheckedFlow {
    written.written?.()
    const flow = checkFlow(written.record)
    const { scope, flowId, domain, source, entryId, step, revision } = flow
    if (flow.open) {
      this.#core.events.emit('flow_progressed', { scope, flowId, domain, step, revision })
    } else {
      const { reason } = flow.context
      const end = { type: flow.step, reason, success: hasSucceeded(flow) }
      this.#core.events.emit('flow_finished', { scope, flowId, domain, source, entryId, ...end })
    }
    return flow
  }

  #historyRow(next: FlowRecord, who: string, code: string | null): Write {
    const { scope, updatedAt: at, entryId, flowId, revision } = next
    const kind = next.open ? 'flow_rejected' : 'flow_finished'
    return audit({ scope, at, who, entryId, flowId, kind, code, revision })
  }

  /** Returns when a flow that is written now expires; null while its entry needs it. */
  #expiryOf({ source, expiresAt }: FlowRecord, now: number): number | null {
    const { discoveryIdle, flowIdle } = this.#core.limits
    return expiresAt === null ? null : now + (source === 'discovery' ? discoveryIdle : flowIdle)
  }
}

/** Returns the reason of an ended flow. */
const reasonOf = (flow: FlowRecord): string | null => flow.context.reason as string | null
