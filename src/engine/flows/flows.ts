import type { Draft } from '../../../machines/draft.ts'
import { CommittingError, FlowEndedError, UnreadableRecordError } from '../../errors.ts'
import type { Check, EntryRecord, FlowQuery } from '../../ports/store.ts'
import type { View } from '../../view.ts'
import type { StartBy, StartRequest, SubmitOptions, ViewPage } from '../api/flows.ts'
import { FlowStart } from '../flow-start/flow-start.ts'
import { type Endings, type EntryEvent, endingsOf } from '../flow-state/entry-endings.ts'
import { flowCharts, stepViewOf } from '../flow-state/flow-charts.ts'
import { type ClaimedFlow, FlowClaims } from '../flow-state/flow-claims.ts'
import { guardWrites, isWorking } from '../flow-state/flow-guard.ts'
import { type FlowName, flowKey } from '../flow-state/flow-name.ts'
import { type CheckedFlow, checkFlow, type OpenFlow } from '../flow-state/flow-record.ts'
import { FlowRepository } from '../flow-state/flow-repository.ts'
import { FlowUpdates } from '../flow-state/flow-updates.ts'
import { progressView, viewOf } from '../flow-state/flow-view.ts'
import { hasPendingFollowUp } from '../flow-state/follow-up.ts'
import { isOver, isUnreadable, type UnreadableFlow } from '../flow-state/unreadable-flow.ts'
import { AccountClaims } from '../flow-work/account-claims.ts'
import type { EntryHost } from '../flow-work/entry-host.ts'
import type { Core } from '../kernel/core.ts'
import { ignore } from '../lib/ignore.ts'
import { KeyedMutex } from '../lib/keyed-mutex.ts'
import { ENGINE, HOST } from '../lib/principals.ts'
import { isBelievable } from '../lib/stored-time.ts'
import { AttemptsGate } from '../login-budget/attempts-gate.ts'
import { slots } from '../records/flow-slots.ts'
import { CodeSignIns } from '../sign-in/code-sign-ins.ts'
import { DeviceSignIns } from '../sign-in/device-sign-ins.ts'
import type { SignInHost } from '../sign-in/sign-in-runs.ts'
import { SignInRuns } from '../sign-in/sign-in-runs.ts'
import { stateName } from '../statecharts/state-name.ts'
import { ActiveFlows } from './active-flows.ts'
import { FlowAdvancer, type ReadAnswer, toAnswer } from './flow-advancer.ts'
import { FollowUps } from './follow-ups.ts'
import { readSubmission } from './submitted-input.ts'

/** Returns the condition that an entry has no open flow except these. */
const onlyThese = (entryId: string, flows: readonly FlowName[]): Check => ({
  check: 'flows',
  entryId,
  open: flows.map(({ flowId }) => flowId),
})

/** The API calls on flows. A waiting flow is a stored record; its machine only runs while it works. */
export class Flows {
  readonly starting: FlowStart
  readonly claims: AccountClaims
  readonly codeSignIns: CodeSignIns
  readonly deviceSignIns: DeviceSignIns
  readonly #core: Core
  readonly #host: EntryHost
  readonly #repository: FlowRepository
  readonly #updates: FlowUpdates
  readonly #claims: FlowClaims
  readonly #locks = new KeyedMutex()
  readonly #advancer: FlowAdvancer
  readonly #followUps: FollowUps
  readonly #activeFlows: ActiveFlows
  readonly #signInRuns: SignInRuns

  constructor(core: Core, host: EntryHost) {
    this.#core = core
    this.#host = host
    // Creates the drivers, so that an unsupported chart fails at start and not with the first flow.
    for (const { driver } of flowCharts.values()) void driver
    this.#activeFlows = new ActiveFlows(core)
    this.#repository = new FlowRepository(core)
    this.#updates = new FlowUpdates(this.#repository, {
      view: (flow) => this.view(flow),
      changed: (scope, entryId) => host.noticeChange(scope, entryId),
    })
    this.#claims = new FlowClaims(core, this.#repository, (flow) => this.view(flow))
    this.claims = new AccountClaims(core, this.#repository)
    const parts = {
      repository: this.#repository,
      records: this.#updates,
      activeFlows: this.#activeFlows,
      claims: this.claims,
      gate: new AttemptsGate(core),
    }
    this.starting = new FlowStart(core, host, { ...parts, isWorking: (flow) => this.#isWorking(flow) })
    this.#followUps = new FollowUps(core, this.starting)
    this.#advancer = new FlowAdvancer(core, host, { ...parts, followUps: this.#followUps })
    this.#signInRuns = new SignInRuns(core)
    const signIns: SignInHost = {
      repository: this.#repository,
      updates: this.#updates,
      runs: this.#signInRuns,
      locked: (scope, flowId, run) => this.#locks.run(flowKey({ scope, flowId }), run),
      view: (flow) => this.view(flow),
      authorized: (flow, draft, principal) => this.#authorized(flow, draft, principal),
      refused: (flow, refusal, principal) =>
        this.#advancer.move(flow, { type: 'refused', ...refusal }, principal),
    }
    this.codeSignIns = new CodeSignIns(core, signIns)
    this.deviceSignIns = new DeviceSignIns(core, signIns)
  }

  /** Opens a flow, or returns the open one if the entry already has a flow of this source. */
  async start(scope: string, request: StartRequest, by: StartBy = {}): Promise<View> {
    const flow = await this.starting.start(scope, request, by)
    return flow.joined === true ? { ...this.view(flow), joined: true } : this.view(flow)
  }

  /**
   * Submits the input of a user, and returns the next view.
   *
   * @throws UnknownFlowError, FlowEndedError, StaleRevisionError, InvalidInputError, EntryVersionError, StoreError
   */
  submit(scope: string, flowId: string, input: unknown, options: SubmitOptions): Promise<View> {
    return this.#claimed(scope, flowId, options, async (claimed) => {
      const { flow } = claimed
      const { view, shows } = stepViewOf(flow)
      if (view === 'form' && shows === 'confirmation') return this.#advancer.confirm(claimed, input)
      const read: ReadAnswer = async (entry, compiled) =>
        toAnswer(await readSubmission(this.#core, compiled, flow, entry, input))
      return this.#advancer.answer(claimed, read)
    })
  }

  /**
   * Ignores a discovered account: its unique id is stored, so that it is not offered again.
   *
   * @throws UnknownFlowError, FlowEndedError, WrongStepError where the flow waits with no discovery
   */
  ignore(scope: string, flowId: string, principal = HOST): Promise<View> {
    return this.#locks.run(flowKey({ scope, flowId }), async () => {
      const flow = await this.#repository.current(scope, flowId)
      if (!flow.open) throw new FlowEndedError(this.view(flow))
      const request = { scope, flowId, revision: flow.revision, principal }
      return this.#claims.run(request, (claimed) => this.#advancer.decide(claimed, 'ignore'))
    })
  }

  /** Returns the view of a flow, without side effects. @throws UnknownFlowError, UnreadableRecordError */
  async get(scope: string, flowId: string): Promise<View> {
    return this.view(await this.#repository.load(scope, flowId))
  }

  async list(scope: string, query: FlowQuery): Promise<ViewPage> {
    const page = await this.#core.store.findFlows(scope, query)
    const unreadable = [...page.unreadable]
    const items = page.items.flatMap((flow) => {
      try {
        return [this.view(checkFlow(flow))]
      } catch {
        unreadable.push(flow.flowId)
        return []
      }
    })
    return { items, next: page.next, unreadable }
  }

  /**
   * Cancels a flow and its work. Returns the result of a flow that has already ended, and closes the connection of the
   * other account that ended it.
   *
   * @throws UnknownFlowError, CommittingError
   */
  async cancel(scope: string, flowId: string, principal = HOST): Promise<View> {
    this.#signInRuns.cancel({ scope, flowId })
    const run = this.#activeFlows.of({ scope, flowId })?.run
    if (run?.send({ type: 'cancel' }) === false) throw new CommittingError(stateName(run.snapshot.value))
    const cancelled = async (): Promise<View> => {
      for (;;) {
        const found = await this.#repository.find(scope, flowId)
        if (!isUnreadable(found) || !found.open) break
        const released = await this.#repository.release(found, 'cancelled', principal)
        if (released !== null) return this.view(released)
      }
      const flow = await this.#repository.current(scope, flowId)
      if (flow.open) return this.view(await this.#advancer.move(flow, 'cancel', principal, null))
      await this.#repository.otherAccounts.discard({ ...flow, principal })
      return this.view(flow)
    }
    // A submit that has just come may begin its work before this call has the lock.
    return this.#activeFlows.cancelUntil({ scope, flowId }, () =>
      this.#locks.run(flowKey({ scope, flowId }), cancelled),
    )
  }

  /**
   * Selects an option of a menu.
   *
   * @throws UnknownFlowError, FlowEndedError, StaleRevisionError, WrongStepError
   */
  choose(scope: string, flowId: string, choice: string, options: SubmitOptions): Promise<View> {
    return this.#claimed(scope, flowId, options, (claimed) => this.#advancer.choose(claimed, choice))
  }

  /**
   * Loads the choices of the current page again.
   *
   * @throws UnknownFlowError, FlowEndedError, StaleRevisionError, WrongStepError
   */
  retry(scope: string, flowId: string, options: SubmitOptions): Promise<View> {
    return this.#claimed(scope, flowId, options, async (claimed) => this.#advancer.retry(claimed))
  }

  /**
   * Returns to the previous step.
   *
   * @throws UnknownFlowError, FlowEndedError, StaleRevisionError, WrongStepError
   */
  back(scope: string, flowId: string, { revision, principal = HOST }: SubmitOptions): Promise<View> {
    return this.#locks.run(flowKey({ scope, flowId }), async () => {
      const flow = await this.#updates.expected(scope, flowId, revision)
      return this.view(await this.#advancer.move(flow, 'back', principal))
    })
  }

  /** Continues a flow with a grant. Revokes the grant if another process has the flow, or has continued it. */
  async #authorized({ scope, flowId, revision }: OpenFlow, draft: Draft, principal: string): Promise<View> {
    let isTaken = false
    try {
      return await this.#claims.run({ scope, flowId, revision, principal }, (claimed) => {
        isTaken = true
        return this.#advancer.answer(claimed, async () => ({ type: 'authorized', draft }))
      })
    } finally {
      if (!isTaken) draft.reveal().revokeGrant?.(null)
    }
  }

  /** Claims a flow, while this process holds its lock, and returns the view of the result. */
  #claimed(
    scope: string,
    flowId: string,
    { revision, principal = HOST }: SubmitOptions,
    work: (claimed: ClaimedFlow) => Promise<CheckedFlow>,
  ): Promise<View> {
    return this.#locks.run(flowKey({ scope, flowId }), () =>
      this.#claims.run({ scope, flowId, revision, principal }, work),
    )
  }

  /** Processes a due flow: deletes a challenge, expires the flow, opens its follow-up, or purges its tombstone. */
  async settleDue(scope: string, flowId: string): Promise<void> {
    // A working flow does not expire: it is due again at the next turn.
    if (this.#activeFlows.has({ scope, flowId })) return
    await this.#locks.run(flowKey({ scope, flowId }), async () => {
      const { store, clock } = this.#core
      const now = clock.now()
      const flow = await this.#repository.find(scope, flowId)
      if (flow.dueAt === null) return
      if (isUnreadable(flow)) await this.#settleUnreadable(flow)
      else if (!isBelievable(flow.dueAt, now, this.#repository.lifetimeOf(flow))) await this.#redate(flow)
      else if (flow.dueAt > now) return
      else if (flow.open) await this.#repository.expired(flow)
      else if (hasPendingFollowUp(flow, now)) await this.#followUps.open(flow)
      else await store.apply(scope, [{ remove: 'flow', id: flowId, ifRevision: flow.revision }])
    })
  }

  /** Corrects the times of a flow that a clock wrote while it was ahead. */
  async #redate(flow: CheckedFlow): Promise<void> {
    // A draft or a sign-in of that time ends, which corrects them, too.
    const current = flow.open ? await this.#repository.expired(flow) : flow
    if (current === flow) await this.#repository.redate(flow)
  }

  /** Ends a due flow that cannot be read, or removes its tombstone. */
  async #settleUnreadable(flow: UnreadableFlow): Promise<void> {
    const { store, clock } = this.#core
    const { scope, flowId, open, revision } = flow
    if (!isOver(flow, clock.now())) throw new UnreadableRecordError('flow', flowId)
    if (open) await this.#repository.release(flow, 'flow_expired', ENGINE)
    else await store.apply(scope, [{ remove: 'flow', id: flowId, ifRevision: revision }])
  }

  /** Closes the verified connections that wait for a confirmation, because the process ends. */
  close(): Promise<void> {
    this.codeSignIns.stop()
    const { pendingConnections, otherAccounts } = this.#repository
    return Promise.all([pendingConnections.close(), otherAccounts.close()]).then(ignore)
  }

  /** Resolves when no flow works in this process. */
  settled(): Promise<void> {
    return this.#locks.idle()
  }

  /** Sends an event to the working edit flow of an entry. A flow that is saving ignores it. */
  interrupt(scope: string, entryId: string, event: 'entryRemoved' | 'entryDisabled'): void {
    this.#activeFlows.send(scope, entryId, event)
  }

  /** Returns the ends of the waiting flows of an entry, for the write of the entry. */
  async endingsOf(scope: string, entryId: string, event: EntryEvent): Promise<Endings> {
    const flows = await this.#repository.openOf(scope, entryId, event === 'entryRepaired')
    // The work of a flow may repair the entry again. Otherwise the end of the entry also ends it.
    if (event === 'entryRepaired') {
      const waiting = flows.filter((flow) => !this.#isWorking(flow))
      const unclaimed = waiting.flatMap(({ flowId }) => guardWrites(this.#core, 'unclaimed', flowId))
      return endingsOf(this.#repository, waiting, event, unclaimed)
    }
    const waiting = flows.filter((flow) => !this.#activeFlows.has(flow))
    // A flow that opens at the same time must not outlive a removed or disabled entry.
    return endingsOf(this.#repository, waiting, event, [onlyThese(entryId, flows)])
  }

  /** Whether this or another process works on a flow. */
  #isWorking(flow: OpenFlow | UnreadableFlow): boolean {
    return this.#activeFlows.has(flow) || (!isUnreadable(flow) && isWorking(this.#core, flow))
  }

  /** Returns the end of the waiting reauthentication of an entry, and cancels one that works. @throws CommittingError */
  async endingsOfReauth(scope: string, entryId: string, who: string): Promise<Endings> {
    const waiting: OpenFlow[] = []
    const flow = await this.starting.openEdit(scope, entryId)
    if (flow === null || isUnreadable(flow) || flow.source !== 'reauth')
      return endingsOf(this.#repository, waiting, 'cancel')
    if (this.#activeFlows.has(flow)) await this.cancel(scope, flow.flowId, who)
    else waiting.push(flow)
    return endingsOf(this.#repository, waiting, 'cancel')
  }

  /** Returns the end of the waiting flow of a sub-entry, for its removal. */
  async endingsOfSubentry({ scope, entryId }: EntryRecord, subentryId: string): Promise<Endings> {
    const flows = await this.#repository.openOf(scope, entryId, false)
    const slot = slots.subentry(entryId, subentryId)
    const waiting = flows.filter((flow) => flow.slot === slot && !this.#activeFlows.has(flow))
    return endingsOf(this.#repository, waiting, 'entryRemoved', [onlyThese(entryId, flows)])
  }

  /** Returns the view of a flow: its form, its progress or its result. */
  view(flow: CheckedFlow): View {
    const active = this.#activeFlows.of(flow)
    if (flow.open && active !== undefined) {
      const { value, context } = active.run.snapshot
      return progressView(this.#core, flow, stateName(value), context.values)
    }
    if (flow.open && isWorking(this.#core, flow))
      return progressView(this.#core, flow, 'working', flow.context.values)
    return viewOf(this.#core, flow, {
      stateOf: (entryId) => this.#host.stateOf(flow.scope, entryId),
      isKept: this.#repository.otherAccounts.has(flow),
    })
  }
}
