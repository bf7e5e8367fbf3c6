import {
  CommittingError,
  FlowEndedError,
  StaleRevisionError,
  StoppedError,
  WrongStepError,
} from '../errors.ts'
import type { FlowQuery } from '../ports/store.ts'
import type { View } from '../view.ts'
import type { Attempts } from './attempts.ts'
import { AttemptsGate } from './attempts-gate.ts'
import { methodsOf, wayOf } from './compile.ts'
import { isConflict } from './conflict.ts'
import { type Core, integrationOf } from './core.ts'
import { type Endings, type EntryEvent, endingsOf } from './endings.ts'
import type { EntryHost } from './entry-host.ts'
import { checkEntry } from './entry-record.ts'
import type { SubmitOptions, ViewPage } from './flow-calls.ts'
import { chartOf, flowCharts } from './flow-charts.ts'
import { assertOffered, readChoice, readSubmission, type Submission } from './flow-input.ts'
import { type OutsideEvent, Parking, type PickEvent } from './flow-parking.ts'
import { type CheckedFlow, checkFlow, type OpenFlow } from './flow-record.ts'
import { FlowStart, type StartBy, type StartRequest } from './flow-start.ts'
import { progressView, viewOf } from './flow-view.ts'
import { FlowWork, type FlowWorkOptions } from './flow-work.ts'
import { FlowsAtWork, flowKey } from './flows-at-work.ts'
import { Holders } from './holders.ts'
import { Locks } from './locks.ts'
import { Migration } from './migration.ts'
import { isTried } from './pages.ts'
import { HOST } from './principals.ts'
import { stateName } from './state-name.ts'

/** Flows in conversation: parked as records, and moved by their machine only while they work. */
export class Flows {
  readonly starting: FlowStart
  readonly #core: Core
  readonly #host: EntryHost
  readonly #parking: Parking
  readonly #holders: Holders
  readonly #locks = new Locks()
  readonly #gate: AttemptsGate
  readonly #atWork = new FlowsAtWork()

  constructor(core: Core, host: EntryHost) {
    this.#core = core
    this.#host = host
    // What cannot be driven is found now, and not by the first flow.
    for (const { driver } of flowCharts.values()) void driver
    this.#gate = new AttemptsGate(core)
    this.#parking = new Parking(core)
    this.#holders = new Holders(core, this.#parking)
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
      const flow = await this.#expected(scope, flowId, options.revision)
      const principal = options.principal ?? HOST
      const stored = flow.entryId === null ? null : await this.#core.store.getEntry(scope, flow.entryId)
      if (stored === undefined) return this.#move(flow, 'entryRemoved', principal)
      const entry = stored === null ? null : checkEntry(stored)
      if (entry?.disabled === true) return this.#move(flow, 'entryDisabled', principal)
      const current = entry === null ? null : await new Migration(this.#core).current(entry, flow.source)
      const compiled = wayOf(integrationOf(this.#core, flow.domain), flow.context.method)
      const read = await readSubmission(this.#core, compiled, flow, current, input)
      return this.#try({ flow, entry: current, compiled, principal }, read, 'submit')
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
      const flow = await this.#expected(scope, flowId, options.revision)
      const { principal = HOST } = options
      const integration = integrationOf(this.#core, flow.domain)
      if (flow.step === 'pick_method') {
        assertOffered(methodsOf(integration), choice)
        return this.#move(flow, { type: 'pick', method: choice }, principal)
      }
      if (flow.step !== 'menu') throw new WrongStepError(flow.step, 'choose')
      const compiled = wayOf(integration, flow.context.method)
      const read = await readChoice(this.#core, compiled, flow, choice)
      return this.#try({ flow, entry: null, compiled, principal }, read, 'choose')
    })
  }

  /**
   * Back from a challenge to the form before it.
   *
   * @throws UnknownFlowError, FlowEndedError, StaleRevisionError, WrongStepError
   */
  back(scope: string, flowId: string, { revision, principal = HOST }: SubmitOptions): Promise<View> {
    return this.#locks.run(flowKey({ scope, flowId }), async () =>
      this.#move(await this.#expected(scope, flowId, revision), 'back', principal),
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

  async #try(asked: Asked, read: Submission, type: 'submit' | 'choose'): Promise<View> {
    const { flow, principal } = asked
    const { values } = read
    const of = { scope: flow.scope, domain: flow.domain, entryId: flow.entryId, principal }
    if (read.type === 'invalid') {
      const { attempts } = this.#gate.pass(of)
      const work = this.#workOf(asked, attempts)
      work.run.send({ type: 'reject', errors: read.errors, values })
      return this.#park(work, flow, principal)
    }
    const isAsked = chartOf(flow).connects && isTried(asked.compiled.pages, flow)
    const { attempts, leave } = isAsked ? await this.#gate.enter(of) : this.#gate.pass(of)
    try {
      const work = this.#workOf(asked, attempts)
      const until = attempts.blockedUntil
      if (until === null) {
        await this.#atWork.run(work, flow, () => work.run.send({ type, draft: read.draft, values }))
      } else {
        work.run.send({ type: 'reject', errors: { base: { code: 'rate_limited', until } }, values })
      }
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
    if (superseded) return this.#overtaken(flow)
    // Called back by the end of the engine: the form waits as it was, and nothing is counted or shown.
    if (this.#core.connector.calls.stopped && work.run.snapshot.hasTag('asking')) throw new StoppedError()
    const next = await this.#parking.atRest(flow, work.run.snapshot, flow)
    if (
      next.step === flow.step &&
      JSON.stringify(next.context) === JSON.stringify(flow.context) &&
      work.failure === null
    ) {
      return this.view(flow)
    }
    const { failure, attempts } = work
    const counted = failure === null ? null : { attempts, failure }
    try {
      return this.view(await this.#parking.write(flow, next, principal, counted))
    } catch (error) {
      if (isConflict(error, 'flow')) return this.#overtaken(flow)
      throw error
    }
  }

  async #move(flow: OpenFlow, event: OutsideEvent | PickEvent, principal: string): Promise<View> {
    const next = await this.#parking.after(flow, event)
    try {
      return this.view(await this.#parking.write(flow, next, principal, null))
    } catch (error) {
      if (isConflict(error, 'flow')) return this.#overtaken(flow)
      throw error
    }
  }

  /** Another process, or a commit whose answer was lost, has moved the flow: its record is what counts. */
  async #overtaken({ scope, flowId }: OpenFlow): Promise<View> {
    const flow = await this.#parking.load(scope, flowId)
    if (flow.open) throw new StaleRevisionError(this.view(flow))
    return this.view(flow)
  }

  async #expected(scope: string, flowId: string, revision: number): Promise<OpenFlow> {
    const flow = await this.#parking.current(scope, flowId)
    if (!flow.open) throw new FlowEndedError(this.view(flow))
    if (flow.revision !== revision) throw new StaleRevisionError(this.view(flow))
    return flow
  }
}

/** What a person has answered, and who. */
type Asked = Pick<FlowWorkOptions, 'entry' | 'compiled' | 'principal'> & { readonly flow: OpenFlow }
