import type { ConfigFlowEvent } from '../../../machines/config-flow-events.ts'
import type { FormErrorCode } from '../../../machines/form-errors.ts'
import { StoppedError, WrongStepError } from '../../errors.ts'
import { readInput } from '../../form.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import { signsIn } from '../flow-state/flow-budget.ts'
import { chartOf, stepViewOf } from '../flow-state/flow-charts.ts'
import type { ClaimedFlow } from '../flow-state/flow-claims.ts'
import type { FlowGuard } from '../flow-state/flow-guard.ts'
import { type CheckedFlow, checkFlow, type OpenFlow } from '../flow-state/flow-record.ts'
import type { FlowRepository } from '../flow-state/flow-repository.ts'
import type { FlowUpdates } from '../flow-state/flow-updates.ts'
import { CONFIRMATION, formOf } from '../flow-state/flow-view.ts'
import { withFollowUp } from '../flow-state/follow-up.ts'
import type { OutsideEvent, PickEvent, Refusal } from '../flow-state/outside-events.ts'
import { closePendingConnection, type PendingConnection } from '../flow-state/pending-connections.ts'
import type { AccountClaims } from '../flow-work/account-claims.ts'
import type { EntryHost } from '../flow-work/entry-host.ts'
import { finishFound } from '../flow-work/find-saved.ts'
import { FlowRun } from '../flow-work/flow-run.ts'
import type { FlowRunOptions } from '../flow-work/flow-run-options.ts'
import { type Compiled, methodOf, methodOptions } from '../integrations/compiled.ts'
import { serviceKeyOf } from '../integrations/values.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { afterLostAnswer, announceLost } from '../kernel/lost-answers.ts'
import { ignore } from '../lib/ignore.ts'
import { jsonEqual } from '../lib/json.ts'
import type { Attempts, AttemptsKey } from '../login-budget/attempts.ts'
import type { AttemptsGate } from '../login-budget/attempts-gate.ts'
import { checkEntry } from '../records/entry-record.ts'
import { Migration } from '../records/migration.ts'
import { untilSaved } from '../records/revoke-grant.ts'
import type { ActiveFlows } from './active-flows.ts'
import type { FollowUps } from './follow-ups.ts'
import { assertOffered, inputOfChoice, readSubmission, type Submission } from './submitted-input.ts'

/** Validates an answer, given the entry of the flow; null for a new one. */
export type ReadAnswer = (entry: EntryRecord | null, compiled: Compiled) => Promise<Answer>

/** A claimed flow with an answer of the user. `entry` has the version of its integration. */
type AnsweredFlow = ClaimedFlow & Pick<FlowRunOptions, 'compiled' | 'stored'>

/** The parts of the engine that advance flows. */
interface Parts {
  readonly repository: FlowRepository
  readonly records: FlowUpdates
  readonly claims: AccountClaims
  readonly activeFlows: ActiveFlows
  readonly gate: AttemptsGate
  readonly followUps: FollowUps
}

/**
 * Advances a waiting flow by one answer: the flow runs until it waits or ends, and is stored. The caller holds the
 * lock of the flow, and has claimed it.
 */
export class FlowAdvancer {
  readonly #core: Core
  readonly #host: EntryHost
  readonly #parts: Parts

  constructor(core: Core, host: EntryHost, parts: Parts) {
    this.#core = core
    this.#host = host
    this.#parts = parts
  }

  /** Submits an answer. `read` validates it after the entry of the flow is known. */
  async answer(claimed: ClaimedFlow, read: ReadAnswer): Promise<CheckedFlow> {
    const { flow, lease, principal } = claimed
    const stored = claimed.entry
    if (stored === null && flow.entryId !== null) return this.move(flow, 'entryRemoved', principal, lease)
    const entry = stored === null ? null : checkEntry(stored)
    if (entry?.disabled === true) return this.move(flow, 'entryDisabled', principal, lease)
    const compiled = methodOf(integrationOf(this.#core, flow.domain), flow.context.method)
    const current = entry === null ? null : await new Migration(this.#core).current(entry, flow.source)
    return this.#submit({ ...claimed, stored, entry: current, compiled }, await read(current, compiled))
  }

  /** Selects an option of a menu. @throws WrongStepError, InvalidInputError */
  async choose(claimed: ClaimedFlow, choice: string): Promise<CheckedFlow> {
    const { flow, lease, principal } = claimed
    const integration = integrationOf(this.#core, flow.domain)
    const { shows } = stepViewOf(flow)
    if (shows === 'methods') {
      assertOffered(methodOptions(integration), choice)
      const compiled = methodOf(integration, choice)
      if (compiled.pages[0]?.kind !== 'found_form')
        return this.move(flow, { type: 'pick', method: choice }, principal, lease)
      return this.#submit({ ...claimed, entry: null, compiled }, { type: 'pick', method: choice })
    }
    if (shows === 'confirmation') {
      assertOffered(CONFIRMATION, choice)
      return choice === 'cancel'
        ? this.move(flow, 'cancel', principal, lease)
        : this.decide(claimed, 'replace')
    }
    const input = inputOfChoice(methodOf(integration, flow.context.method), flow, choice)
    return this.answer(claimed, async (entry, compiled) =>
      toAnswer(await readSubmission(this.#core, compiled, flow, entry, input)),
    )
  }

  /** Loads the choices of a page again. @throws WrongStepError if the service has provided them */
  retry(claimed: ClaimedFlow): Promise<CheckedFlow> {
    const { flow } = claimed
    if (!this.#parts.repository.resume(flow).can({ type: 'retry' }))
      throw new WrongStepError(flow.step, 'retry')
    return this.answer(claimed, async () => ({ type: 'retry' }))
  }

  /** Confirms a step without fields. @throws WrongStepError, InvalidInputError if the input has a field */
  confirm(claimed: ClaimedFlow, input: unknown): Promise<CheckedFlow> {
    const { flow } = claimed
    const compiled = methodOf(integrationOf(this.#core, flow.domain), flow.context.method)
    readInput(formOf(compiled, flow), input)
    return this.decide(claimed, 'confirm')
  }

  /** Performs a decision that needs neither input nor a connection. @throws WrongStepError */
  async decide(claimed: ClaimedFlow, type: 'ignore' | 'replace' | 'confirm'): Promise<CheckedFlow> {
    const { flow, principal } = claimed
    const { scope, domain, entryId } = flow
    const compiled = methodOf(integrationOf(this.#core, domain), flow.context.method)
    const attempts = this.#parts.gate.pass({ scope, domain, entryId, principal })
    const target = { ...claimed, entry: null, compiled }
    const flowRun = this.#runOf(target, attempts)
    let isAccepted = false
    await this.#parts.activeFlows.run(flowRun, flow, () => {
      isAccepted = flowRun.run.send({ type })
      // From here on the run owns the verified connection.
      if (isAccepted) this.#parts.repository.pendingConnections.forget(flow)
    })
    if (!isAccepted) throw new WrongStepError(flow.step, type)
    return this.#afterSignIn(flowRun, await this.#save(flowRun, target))
  }

  /** Sends an event that starts no actor. @throws WrongStepError */
  async move(
    flow: OpenFlow,
    event: OutsideEvent | PickEvent | Refusal,
    principal: string,
    guard: FlowGuard = 'unclaimed',
  ): Promise<CheckedFlow> {
    const { repository, records } = this.#parts
    return records.save(flow, await repository.stepAfter(flow, event), principal, { guard })
  }

  async #submit(target: AnsweredFlow, answer: Answer): Promise<CheckedFlow> {
    const { flow, compiled, principal, reserved } = target
    const { gate } = this.#parts
    const key = { scope: flow.scope, domain: flow.domain, entryId: flow.entryId, principal }
    if (!reachesService(compiled, flow, answer)) return this.#run(target, answer, gate.pass(key))
    const values = 'draft' in answer ? answer.draft.reveal().values : flow.context.values
    const about = { ...key, ...(await serviceOf(target, values as JsonObject)) }
    const attempts = await gate.enter(about, reserved)
    try {
      return await this.#run(target, answer, attempts)
    } finally {
      await gate.leave(about, attempts)
    }
  }

  /** Runs a flow with an answer, and stores it. */
  async #run(target: AnsweredFlow, given: Answer, attempts: Attempts): Promise<CheckedFlow> {
    const { flow, lease } = target
    const { answer, saved } = withStoredGrant(given)
    const flowRun = this.#runOf(target, attempts)
    const until = attempts.blockedUntil
    lease.onLost = () => void flowRun.run.send({ type: 'leaseLost' })
    // The work after a choice of a method shows the error on the form of the method.
    if (until !== null && answer.type !== 'pick')
      flowRun.run.send(rateLimited(answer, flow, { code: 'rate_limited', until }))
    else await this.#parts.activeFlows.run(flowRun, flow, () => flowRun.run.send(answer))
    const next = await this.#save(flowRun, target)
    // Another process that works on the flow uses its grant.
    if (!flowRun.commit.superseded && !lease.isLost) saved()
    // A sign-in revokes its grant, or holds it for the next attempt.
    return answer.type === 'authorized' ? next : this.#afterSignIn(flowRun, next)
  }

  /** Revokes the grant of an earlier sign-in, if its flow shows the sign-in again because the grant could not be saved. */
  #afterSignIn(flowRun: FlowRun, flow: CheckedFlow): CheckedFlow {
    if (flow.open && stepViewOf(flow).shows === 'sign_in') flowRun.revokeUnsaved()
    return flow
  }

  /** Creates the run of a waiting flow. */
  #runOf(target: AnsweredFlow, attempts: Attempts): FlowRun {
    const { claims, repository } = this.#parts
    const parts = { core: this.#core, host: this.#host, claims, attempts }
    return new FlowRun({ ...target, ...parts }, repository.resume(target.flow))
  }

  /**
   * Stores the flow after its run, unless a commit has already done so. If the answer to a commit was lost, the revision of
   * the flow shows whether it was made.
   */
  async #save(flowRun: FlowRun, target: AnsweredFlow): Promise<CheckedFlow> {
    const { commit } = flowRun
    try {
      const flow = await this.#written(flowRun, target)
      if (commit.isUncertain) announceLost(this.#core, flow)
      return flow
    } catch (error) {
      if (!commit.isUncertain) throw error
      // The flow of a new entry does not name it.
      const { entryId = null } = commit.written?.entry ?? target.flow
      announceLost(this.#core, { ...target.flow, entryId })
      throw afterLostAnswer(error)
    }
  }

  async #written(flowRun: FlowRun, { flow: before, lease, principal }: AnsweredFlow): Promise<CheckedFlow> {
    const { repository, records, followUps } = this.#parts
    const { tombstone, superseded, isUncertain } = flowRun.commit
    const { snapshot } = flowRun.run
    // A commit that was rolled back has increased the revision.
    const flow: OpenFlow = { ...before, revision: flowRun.commit.flow.revision }
    if (tombstone !== null) return repository.announce({ record: await followUps.open(checkFlow(tombstone)) })
    if (superseded || lease.isLost) {
      await closePendingConnection(flowRun.other ?? snapshot.context)
      return this.#reread(flowRun, await records.readChanged(flow))
    }
    // The engine stopped: the form waits unchanged, and nothing is counted or shown.
    if (this.#core.lifetime.ended && snapshot.hasTag('asking')) {
      await closePendingConnection(snapshot.context)
      throw new StoppedError()
    }
    const next = withFollowUp(this.#core, await repository.recordOf(flow, snapshot, flow), principal)
    const { failure, attempts } = flowRun
    const options = { guard: lease, attempts, failure }
    const isSame = next.step === flow.step && jsonEqual(next.context, flow.context as JsonObject)
    if (failure === null && isSame && !isUncertain) return flow
    const save = () => records.save(flow, { record: next }, principal, options)
    const written =
      flowRun.other === null
        ? await repository.pendingConnections.holdWhile(snapshot.context, save)
        : await this.#keepWhile(flowRun.other, flow, principal, save)
    return this.#reread(flowRun, written)
  }

  /** Returns the stored flow. It can have the result of a commit whose answer was lost. */
  async #reread({ commit }: FlowRun, stored: CheckedFlow): Promise<CheckedFlow> {
    const { repository, followUps } = this.#parts
    await finishFound(commit, stored)
    const flow = await followUps.open(stored)
    return commit.tombstone === null ? flow : repository.announce({ record: flow })
  }

  /** Keeps the other account that ends a flow, before the end is visible. Closes it if the end was not stored. */
  async #keepWhile(
    other: PendingConnection,
    flow: OpenFlow,
    principal: string,
    save: () => Promise<CheckedFlow>,
  ): Promise<CheckedFlow> {
    const { scope, flowId, entryId, context } = flow
    const { otherAccounts } = this.#parts.repository
    // Only a flow of an entry can find another account.
    const { credentialRevision } = context.entry as NonNullable<typeof context.entry>
    const place = { scope, entryId: entryId as string, flowId, principal }
    await otherAccounts.keep({ ...other, ...place, credentialRevision })
    let isEnded = false
    try {
      const written = await save()
      isEnded = !written.open
      return written
    } finally {
      if (!isEnded) {
        otherAccounts.take(place)
        await closePendingConnection(other)
      }
    }
  }
}

/** Returns the budget of an answer: that of sub-entries, or that of the service which it reaches. */
async function serviceOf(
  { flow, entry, compiled }: AnsweredFlow,
  values: JsonObject,
): Promise<Pick<AttemptsKey, 'service' | 'ofSubentries'>> {
  if (flow.context.subentry !== undefined) return { ofSubentries: true }
  const service = await serviceKeyOf(compiled, values, entry?.data)
  return service === undefined ? {} : { service }
}

/** The event of an answer. */
export type Answer = Extract<ConfigFlowEvent, { type: 'submit' | 'reject' | 'authorized' | 'pick' | 'retry' }>

/** Whether the work after an answer sends a credential to the service, or asks it for choices. */
function reachesService(compiled: Compiled, flow: OpenFlow, { type }: Answer): boolean {
  if (type === 'reject') return false
  return type === 'retry' ? chartOf(flow).connects : type === 'pick' || signsIn(compiled, flow)
}

/** Returns an answer whose revocation waits for `saved`: the grant of a submitted one is stored in its flow. */
function withStoredGrant(answer: Answer): { readonly answer: Answer; saved(): void } {
  if (answer.type !== 'submit') return { answer, saved: ignore }
  const { draft, saved } = untilSaved(answer.draft)
  return { answer: { ...answer, draft }, saved }
}

/** Returns the event of a validated answer, or of its errors. */
export const toAnswer = (submission: Submission): Answer =>
  submission.type === 'invalid'
    ? { type: 'reject', errors: submission.errors, values: submission.values }
    : { type: 'submit', draft: submission.draft, values: submission.values }

/** Returns the event that shows an error instead of an answer that the budget delays. */
function rateLimited(
  answer: Exclude<Answer, { type: 'pick' }>,
  { context }: OpenFlow,
  error: FormErrorCode,
): ConfigFlowEvent {
  if (answer.type === 'authorized') return { type: 'refused', error }
  const values = 'values' in answer ? answer.values : context.values
  return { type: 'reject', errors: { base: error }, values }
}
