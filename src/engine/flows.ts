import { CommittingError, FlowEndedError, StoppedError, WrongStepError } from '../errors.ts'
import type { JsonObject } from '../ports/json.ts'
import type { EntryRecord, FlowQuery } from '../ports/store.ts'
import type { View } from '../view.ts'
import type { Attempts } from './attempts.ts'
import { AttemptsGate } from './attempts-gate.ts'
import { CodeSignIns } from './code-sign-ins.ts'
import { type Compiled, methodsOf, wayOf } from './compile.ts'
import { type Core, integrationOf } from './core.ts'
import { DeviceSignIns } from './device-sign-ins.ts'
import { type Endings, type EntryEvent, endingsOf } from './endings.ts'
import type { EntryHost } from './entry-host.ts'
import { checkEntry } from './entry-record.ts'
import { type Answer, answered, heldBack } from './flow-answer.ts'
import type { SubmitOptions, ViewPage } from './flow-calls.ts'
import { chartOf, flowCharts } from './flow-charts.ts'
import { assertOffered, readChoice, readSubmission } from './flow-input.ts'
import { type OutsideEvent, Parking, type PickEvent, type Refusal } from './flow-parking.ts'
import { type CheckedFlow, checkFlow, type OpenFlow } from './flow-record.ts'
import { FlowRecords } from './flow-records.ts'
import { FlowStart, type StartBy, type StartRequest } from './flow-start.ts'
import { progressView, viewOf } from './flow-view.ts'
import { FlowWork, type FlowWorkOptions } from './flow-work.ts'
import { FlowsAtWork, flowKey } from './flows-at-work.ts'
import { Holders } from './holders.ts'
import { Locks } from './locks.ts'
import { Migration } from './migration.ts'
import { isTried } from './pages.ts'
import { HOST } from './principals.ts'
import { sameJson } from './same-json.ts'
import type { SignInHost } from './sign-in-host.ts'
import { SignInRuns } from './sign-in-runs.ts'
import { stateName } from './state-name.ts'

/** Flows in conversation: parked as records, and moved by their machine only while they work. */
export class Flows {
  readonly starting: FlowStart
  readonly codeSignIns: CodeSignIns
  readonly deviceSignIns: DeviceSignIns
  readonly #core: Core
  readonly #host: EntryHost
  readonly #parking: Parking
  readonly #records: FlowRecords
  readonly #holders: Holders
  readonly #locks = new Locks()
  readonly #gate: AttemptsGate
  readonly #atWork = new FlowsAtWork()
  readonly #signInRuns = new SignInRuns()

  constructor(core: Core, host: EntryHost) {
    this.#core = core
    this.#host = host
    // What cannot be driven is found now, and not by the first flow.
    for (const { driver } of flowCharts.values()) void driver
    this.#gate = new AttemptsGate(core)
    this.#parking = new Parking(core)
    this.#records = new FlowRecords(this.#parking, (flow) => this.view(flow))
    this.#holders = new Holders(core, this.#parking)
    const signIns: SignInHost = {
      ...{ parking: this.#parking, records: this.#records, runs: this.#signInRuns },
      locked: (scope, flowId, run) => this.#locks.run(flowKey({ scope, flowId }), run),
      view: (flow) => this.view(flow),
      authorized: (flow, draft, principal) =>
        this.#answer(flow, principal, async () => ({ type: 'authorized', draft })),
      refused: (flow, error, principal) => this.#move(flow, { type: 'refused', error }, principal),
    }
    this.codeSignIns = new CodeSignIns(core, signIns)
    this.deviceSignIns = new DeviceSignIns(core, signIns)
    this.starting = new FlowStart(core, host, {
      parking: this.#parking,
      isWorking: (flow) => this.#atWork.has(flow),
      holders: this.#holders,
      gate: this.#gate,
    })
  }

  /** Opens a flow; the open one where the entry already has one of this source. */
  async start(scope: string, request: StartRequest, by: StartBy = {}): Promise<View> {
    return this.view(await this.starting.start(scope, request, by))
  }

  /**
   * Takes what a person entered, and answers with what the flow shows then.
   *
   * @throws UnknownFlowError, FlowEndedError, StaleRevisionError, InvalidInputError, EntryVersionError, StoreError
   */
  submit(scope: string, flowId: string, input: unknown, options: SubmitOptions): Promise<View> {
    return this.#locks.run(flowKey({ scope, flowId }), async () => {
      const flow = await this.#records.expected(scope, flowId, options.revision)
      const principal = options.principal ?? HOST
      return this.#answer(flow, principal, async (entry, compiled) =>
        answered('submit', await readSubmission(this.#core, compiled, flow, entry, input)),
      )
    })
  }

  /**
   * A person wants nothing of what was found: its identity is kept, so that it is not offered again.
   *
   * @throws UnknownFlowError, FlowEndedError, WrongStepError where the flow waits with no discovery
   */
  ignore(scope: string, flowId: string, principal = HOST): Promise<View> {
    return this.#locks.run(flowKey({ scope, flowId }), async () => {
      const flow = await this.#parking.current(scope, flowId)
      if (!flow.open) throw new FlowEndedError(this.view(flow))
      const { domain, entryId } = flow
      const compiled = wayOf(integrationOf(this.#core, domain), flow.context.method)
      const { attempts } = this.#gate.pass({ scope, domain, entryId, principal })
      const work = this.#workOf({ flow, entry: null, compiled, principal }, attempts)
      let isIgnored = false
      await this.#atWork.run(work, flow, () => {
        isIgnored = work.run.send({ type: 'ignore' })
      })
      if (!isIgnored) throw new WrongStepError(flow.step, 'ignore')
      return this.#park(work, flow, principal)
    })
  }

  /** Where a flow stands; never moves it. @throws UnknownFlowError, UnreadableRecordError */
  async get(scope: string, flowId: string): Promise<View> {
    return this.view(await this.#parking.load(scope, flowId))
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
   * Ends a flow, or calls its work back; one that has ended already answers with its end.
   *
   * @throws UnknownFlowError, CommittingError
   */
  async cancel(scope: string, flowId: string, principal = HOST): Promise<View> {
    this.#signInRuns.cancel({ scope, flowId })
    const run = this.#atWork.of({ scope, flowId })?.run
    if (run?.send({ type: 'cancel' }) === false) throw new CommittingError(stateName(run.snapshot.value))
    return this.#locks.run(flowKey({ scope, flowId }), async () => {
      const flow = await this.#parking.current(scope, flowId)
      return flow.open ? this.#move(flow, 'cancel', principal) : this.view(flow)
    })
  }

  /**
   * Takes one of the options that a menu shows.
   *
   * @throws UnknownFlowError, FlowEndedError, StaleRevisionError, WrongStepError
   */
  choose(scope: string, flowId: string, choice: string, options: SubmitOptions): Promise<View> {
    return this.#locks.run(flowKey({ scope, flowId }), async () => {
      const flow = await this.#records.expected(scope, flowId, options.revision)
      const { principal = HOST } = options
      const integration = integrationOf(this.#core, flow.domain)
      if (flow.step === 'pick_method') {
        assertOffered(methodsOf(integration), choice)
        return this.#move(flow, { type: 'pick', method: choice }, principal)
      }
      if (flow.step !== 'menu') throw new WrongStepError(flow.step, 'choose')
      const compiled = wayOf(integration, flow.context.method)
      const read = await readChoice(this.#core, compiled, flow, choice)
      return this.#try({ flow, entry: null, compiled, principal }, answered('choose', read))
    })
  }

  /**
   * Back from a challenge to the form before it.
   *
   * @throws UnknownFlowError, FlowEndedError, StaleRevisionError, WrongStepError
   */
  back(scope: string, flowId: string, { revision, principal = HOST }: SubmitOptions): Promise<View> {
    return this.#locks.run(flowKey({ scope, flowId }), async () =>
      this.#move(await this.#records.expected(scope, flowId, revision), 'back', principal),
    )
  }

  /** Does what has fallen due about a flow: wipes a challenge, expires it, purges its tombstone. */
  async settleDue(scope: string, flowId: string): Promise<void> {
    // A flow at work is not expired under its feet: it is due again at the next sweep.
    if (this.#atWork.has({ scope, flowId })) return
    await this.#locks.run(flowKey({ scope, flowId }), async () => {
      const { store, clock } = this.#core
      const stored = await store.getFlow(scope, flowId)
      if (stored === undefined || stored.dueAt === null || stored.dueAt > clock.now()) return
      if (stored.open) await this.#parking.current(scope, flowId)
      else await store.apply(scope, [{ remove: 'flow', id: flowId, ifRevision: stored.revision }])
    })
  }

  /** Resolves when no flow is at work in this process. */
  settled(): Promise<void> {
    return this.#locks.idle()
  }

  /** Tells the edit flow of an entry that is at work here; one that is saving is past being told. */
  interrupt(scope: string, entryId: string, event: 'entryRemoved' | 'entryDisabled'): void {
    this.#atWork.tell(scope, entryId, event)
  }

  /** The ends of the flows about an entry that wait here, to be written with the entry's own write. */
  async endingsOf(scope: string, entryId: string, event: EntryEvent): Promise<Endings> {
    const flows = await this.starting.openFlows(scope, entryId, event === 'entryRepaired')
    const waiting = flows.filter((flow) => !this.#atWork.has(flow))
    return endingsOf(this.#parking, waiting, event)
  }

  /** What a flow shows: its form, its work, or its end. */
  view(flow: CheckedFlow): View {
    const work = this.#atWork.of(flow)
    if (flow.open && work !== undefined) {
      return progressView(this.#core, flow, stateName(work.run.snapshot.value))
    }
    return viewOf(this.#core, flow, (entryId) => this.#host.stateOf(flow.scope, entryId))
  }

  /** Has a flow take an answer, and reads what it is with the entry that the flow is about; null for a new one. */
  async #answer(
    flow: OpenFlow,
    principal: string,
    read: (entry: EntryRecord | null, compiled: Compiled) => Promise<Answer>,
  ): Promise<View> {
    const { scope, entryId } = flow
    const stored = entryId === null ? null : await this.#core.store.getEntry(scope, entryId)
    if (stored === undefined) return this.#move(flow, 'entryRemoved', principal)
    const entry = stored === null ? null : checkEntry(stored)
    if (entry?.disabled === true) return this.#move(flow, 'entryDisabled', principal)
    const compiled = wayOf(integrationOf(this.#core, flow.domain), flow.context.method)
    const current = entry === null ? null : await new Migration(this.#core).current(entry, flow.source)
    return this.#try({ flow, entry: current, compiled, principal }, await read(current, compiled))
  }

  async #try(asked: Asked, answer: Answer): Promise<View> {
    const { flow, principal } = asked
    const of = { scope: flow.scope, domain: flow.domain, entryId: flow.entryId, principal }
    const isAsked = answer.type !== 'reject' && chartOf(flow).connects && isTried(asked.compiled.pages, flow)
    const { attempts, leave } = isAsked ? await this.#gate.enter(of) : this.#gate.pass(of)
    try {
      const work = this.#workOf(asked, attempts)
      const until = attempts.blockedUntil
      if (until === null) await this.#atWork.run(work, flow, () => work.run.send(answer))
      else work.run.send(heldBack(answer, { code: 'rate_limited', until }))
      return await this.#park(work, flow, principal)
    } finally {
      leave()
    }
  }

  /** A waiting flow, put back to work. */
  #workOf(asked: Asked, attempts: Attempts): FlowWork {
    const parts = { core: this.#core, host: this.#host, holders: this.#holders, attempts }
    return new FlowWork({ ...asked, ...parts }, this.#parking.resume(asked.flow))
  }

  /** Writes where the work has come to rest, unless its commit already has. */
  async #park(work: FlowWork, before: OpenFlow, principal: string): Promise<View> {
    const { tombstone, superseded } = work.commit
    // A commit that was rolled back has moved the record.
    const flow: OpenFlow = { ...before, revision: work.commit.flow.revision }
    if (tombstone !== null) return this.view(this.#parking.announce(checkFlow(tombstone)))
    if (superseded) return this.view(await this.#records.overtaken(flow))
    // Called back by the end of the engine: the form waits as it was, and nothing is counted or shown.
    if (this.#core.connector.calls.stopped && work.run.snapshot.hasTag('asking')) throw new StoppedError()
    const next = await this.#parking.atRest(flow, work.run.snapshot, flow)
    if (
      work.failure === null &&
      next.step === flow.step &&
      sameJson(next.context, flow.context as JsonObject)
    ) {
      return this.view(flow)
    }
    const { failure, attempts } = work
    const counted = failure === null ? null : { attempts, failure }
    return this.view(await this.#records.save(flow, next, principal, counted))
  }

  async #move(flow: OpenFlow, event: OutsideEvent | PickEvent | Refusal, principal: string): Promise<View> {
    return this.view(await this.#records.save(flow, await this.#parking.after(flow, event), principal))
  }
}

/** What a person has answered, and who. */
type Asked = Pick<FlowWorkOptions, 'entry' | 'compiled' | 'principal'> & { readonly flow: OpenFlow }
