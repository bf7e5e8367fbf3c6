import type { ConfigFlowEvent } from '../../../machines/config-flow-events.ts'
import type { FormErrorCode } from '../../../machines/form-errors.ts'
import { StoppedError, WrongStepError } from '../../errors.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import { chartOf, stepViewOf } from '../flow-state/flow-charts.ts'
import { isTried } from '../flow-state/flow-page.ts'
import { type CheckedFlow, checkFlow, type OpenFlow } from '../flow-state/flow-record.ts'
import type { FlowRepository, OutsideEvent, PickEvent, Refusal } from '../flow-state/flow-repository.ts'
import type { FlowUpdates } from '../flow-state/flow-updates.ts'
import { CONFIRMATION } from '../flow-state/flow-view.ts'
import { withFollowUp } from '../flow-state/follow-up.ts'
import { closePendingConnection } from '../flow-state/pending-connections.ts'
import type { AccountClaims } from '../flow-work/account-claims.ts'
import type { FlowRunOptions } from '../flow-work/commit.ts'
import type { EntryHost } from '../flow-work/entry-host.ts'
import { FlowRun } from '../flow-work/flow-run.ts'
import { type Compiled, methodOf, methodOptions } from '../integrations/compiled.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { jsonEqual } from '../lib/json.ts'
import type { Attempts, AttemptsGate } from '../login-budget/attempts.ts'
import { checkEntry } from '../records/entry-record.ts'
import { Migration } from '../records/migration.ts'
import type { ActiveFlows } from './active-flows.ts'
import type { FollowUps } from './follow-ups.ts'
import { assertOffered, readChoice, type Submission } from './submitted-input.ts'

/** Reads an answer with the entry that the flow is about; null for a new one. */
export type ReadAnswer = (entry: EntryRecord | null, compiled: Compiled) => Promise<Answer>

/** The answer of a user, and the principal. */
type Asked = Pick<FlowRunOptions, 'entry' | 'compiled' | 'principal'> & { readonly flow: OpenFlow }

/** The parts of the engine that advance flows. */
interface Parts {
  readonly repository: FlowRepository
  readonly records: FlowUpdates
  readonly claims: AccountClaims
  readonly activeFlows: ActiveFlows
  readonly gate: AttemptsGate
  readonly followUps: FollowUps
}

/** Advances a waiting flow by one answer: it works until it rests, and is stored. The caller holds the lock of the flow. */
export class FlowAdvancer {
  readonly #core: Core
  readonly #host: EntryHost
  readonly #parts: Parts

  constructor(core: Core, host: EntryHost, parts: Parts) {
    this.#core = core
    this.#host = host
    this.#parts = parts
  }

  /** Takes an answer, which is read once it is known what the flow is about. */
  async answer(flow: OpenFlow, principal: string, read: ReadAnswer): Promise<CheckedFlow> {
    const { scope, entryId } = flow
    const stored = entryId === null ? null : await this.#core.store.getEntry(scope, entryId)
    if (stored === undefined) return this.move(flow, 'entryRemoved', principal)
    const entry = stored === null ? null : checkEntry(stored)
    if (entry?.disabled === true) return this.move(flow, 'entryDisabled', principal)
    const compiled = methodOf(integrationOf(this.#core, flow.domain), flow.context.method)
    const current = entry === null ? null : await new Migration(this.#core).current(entry, flow.source)
    return this.#try({ flow, entry: current, compiled, principal }, await read(current, compiled))
  }

  /** Takes one of the options that a menu shows. @throws WrongStepError, InvalidInputError */
  async choose(flow: OpenFlow, choice: string, principal: string): Promise<CheckedFlow> {
    const integration = integrationOf(this.#core, flow.domain)
    const { view, shows } = stepViewOf(flow)
    if (shows === 'methods') {
      assertOffered(methodOptions(integration), choice)
      return this.move(flow, { type: 'pick', method: choice }, principal)
    }
    if (shows === 'confirmation') {
      assertOffered(CONFIRMATION, choice)
      return choice === 'cancel'
        ? this.move(flow, 'cancel', principal)
        : this.press(flow, 'replace', principal)
    }
    if (view !== 'menu') throw new WrongStepError(flow.step, 'choose')
    const compiled = methodOf(integration, flow.context.method)
    const read = await readChoice(this.#core, compiled, flow, choice)
    return this.#try({ flow, entry: null, compiled, principal }, answered('choose', read))
  }

  /** Takes a decision that needs no input and no login. @throws WrongStepError */
  async press(flow: OpenFlow, type: 'ignore' | 'replace', principal: string): Promise<CheckedFlow> {
    const { scope, domain, entryId } = flow
    const compiled = methodOf(integrationOf(this.#core, domain), flow.context.method)
    const { attempts } = this.#parts.gate.pass({ scope, domain, entryId, principal })
    const work = this.#workOf({ flow, entry: null, compiled, principal }, attempts)
    let isTaken = false
    await this.#parts.activeFlows.run(work, flow, () => {
      isTaken = work.run.send({ type })
      // From here on the work owns the verified connection.
      if (isTaken) this.#parts.repository.pendingConnections.forget(flow)
    })
    if (!isTaken) throw new WrongStepError(flow.step, type)
    return this.#park(work, flow, principal)
  }

  /** Moves a flow by an event that starts no work. @throws WrongStepError */
  async move(
    flow: OpenFlow,
    event: OutsideEvent | PickEvent | Refusal,
    principal: string,
  ): Promise<CheckedFlow> {
    const { repository, records } = this.#parts
    return records.save(flow, await repository.after(flow, event), principal)
  }

  async #try(asked: Asked, answer: Answer): Promise<CheckedFlow> {
    const { flow, principal } = asked
    const { gate, activeFlows } = this.#parts
    const of = { scope: flow.scope, domain: flow.domain, entryId: flow.entryId, principal }
    const isAsked = answer.type !== 'reject' && chartOf(flow).connects && isTried(asked.compiled.pages, flow)
    const { attempts, leave } = isAsked ? await gate.enter(of) : gate.pass(of)
    try {
      const work = this.#workOf(asked, attempts)
      const until = attempts.blockedUntil
      if (until === null) await activeFlows.run(work, flow, () => work.run.send(answer))
      else work.run.send(rateLimited(answer, { code: 'rate_limited', until }))
      return await this.#park(work, flow, principal)
    } finally {
      leave()
    }
  }

  /** A waiting flow, put back to work. */
  #workOf(asked: Asked, attempts: Attempts): FlowRun {
    const { claims, repository } = this.#parts
    const parts = { core: this.#core, host: this.#host, claims, attempts }
    return new FlowRun({ ...asked, ...parts }, repository.resume(asked.flow))
  }

  /** Writes where the work has come to rest, unless its commit already has. */
  async #park(work: FlowRun, before: OpenFlow, principal: string): Promise<CheckedFlow> {
    const { repository, records, followUps } = this.#parts
    const { tombstone, superseded } = work.commit
    const { snapshot } = work.run
    // A commit that was rolled back has moved the record.
    const flow: OpenFlow = { ...before, revision: work.commit.flow.revision }
    if (tombstone !== null) return repository.announce(await followUps.open(checkFlow(tombstone)))
    if (superseded) return followUps.open(await records.overtaken(flow))
    // The engine stopped: the form waits unchanged, and nothing is counted or shown.
    if (this.#core.connector.calls.stopped && snapshot.hasTag('asking')) {
      await closePendingConnection(snapshot.context)
      throw new StoppedError()
    }
    const next = withFollowUp(this.#core, await repository.atRest(flow, snapshot, flow), principal)
    const { failure, attempts } = work
    if (failure === null && next.step === flow.step && jsonEqual(next.context, flow.context as JsonObject)) {
      return flow
    }
    const counted = failure === null ? null : { attempts, failure }
    const written = await repository.pendingConnections.kept(snapshot.context, () =>
      records.save(flow, next, principal, counted),
    )
    return followUps.open(written)
  }
}

/** An answer as the machine takes it. */
export type Answer = Extract<ConfigFlowEvent, { type: 'submit' | 'choose' | 'reject' | 'authorized' }>

/** Returns the event of a validated answer, or of its errors. */
export const answered = (type: 'submit' | 'choose', read: Submission): Answer =>
  read.type === 'invalid'
    ? { type: 'reject', errors: read.errors, values: read.values }
    : { type, draft: read.draft, values: read.values }

/** Returns the event that shows an error instead of an answer that the budget delays. */
const rateLimited = (answer: Answer, error: FormErrorCode): ConfigFlowEvent =>
  answer.type === 'authorized'
    ? { type: 'refused', error }
    : { type: 'reject', errors: { base: error }, values: answer.values }
