import type { CheckFailed, CheckResult, FlowAborted } from '../../../machines/check-result.ts'
import type { configFlowMachine } from '../../../machines/config-flow.ts'
import { Connection, Draft, type DraftContent } from '../../../machines/draft.ts'
import type {
  CreateEntryResult,
  EntryCommit,
  FindChoicesResult,
  FindEntryResult,
  Found,
} from '../../../machines/flow-result.ts'
import type { CheckSubentryResult, FlowSubentry } from '../../../machines/subentry-result.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import { type LiveConnection, liveConnectionOf } from '../connections/live-connection.ts'
import type { CallFailed } from '../connections/service-calls.ts'
import { chartOf, type FlowMachine, publishFlowStep } from '../flow-state/flow-charts.ts'
import type { PendingConnection } from '../flow-state/pending-connections.ts'
import { secretsOf } from '../integrations/values.ts'
import { isLostAnswer } from '../kernel/lost-answers.ts'
import { jsonEqual } from '../lib/json.ts'
import { loggedError } from '../lib/redact.ts'
import type { Attempts } from '../login-budget/attempts.ts'
import { openSubentries } from '../records/subentries.ts'
import { type ActorsOf, performWith, present } from '../statecharts/actors.ts'
import type { Step } from '../statecharts/driver.ts'
import { type Invocation, Run } from '../statecharts/runner.ts'
import { checkSubmit } from './check-submit.ts'
import { ChoiceActors, type ChoicesOfPage } from './choice-actors.ts'
import { FlowCommit } from './commit.ts'
import type { NewEntryCommit } from './commit-writes.ts'
import { DiscoveryActors } from './discovery-actors.ts'
import { reloadRunning } from './entry-host.ts'
import { findSaved, savesResult } from './find-saved.ts'
import type { FlowRunOptions } from './flow-run-options.ts'
import { checkImported } from './import-choices.ts'
import { formerEntry, knownBy } from './linked-entry.ts'
import { flowEntryOf } from './prefill.ts'
import { restoreEntry, tryEntry } from './roll-back.ts'
import { saveOptions } from './save-options.ts'
import { formIn, shownTo } from './shown-failure.ts'
import { SubentryActors, type SubmittedSubentry } from './subentry-actors.ts'

/** A sign-in that the service has refused. */
const REFUSED = { code: 'invalid_auth', until: undefined } as const

/** Runs the machine of one flow, performs its actors, and commits its result. */
export class FlowRun {
  static readonly #actors = {
    findEntry: (flow) => flow.#findEntry(present(flow.#options.entry)),
    findChoices: (flow, input, invocation) => flow.#findChoices(input, invocation),
    checkConnection: (flow, { draft }, invocation) =>
      flow.#checkConnection(present(draft).reveal(), invocation),
    createEntry: (flow, input) => flow.#createEntry(input),
    updateEntry: ({ commit }, input) =>
      commit.update({ ...input, entryId: present(input.entryId), entry: present(input.entry) }),
    tryEntry: (flow, { connection }) =>
      tryEntry(flow.#options.host, present(flow.commit.entry), liveConnectionOf(connection)),
    restoreEntry: (flow) => restoreEntry(flow.commit, flow.#options.host, flow.#options.flow),
    findSubentry: (flow, { subentry }) => flow.#under.find(present(flow.#options.entry), subentry),
    checkSubentry: (flow, input, invocation) => flow.#checkSubentry(input, invocation),
    saveSubentry: (flow, input) =>
      flow.#under.save(flow.commit, { ...input, entryId: present(input.entryId) }),
    saveOptions: ({ commit }, input) => saveOptions(commit, { ...input, entryId: present(input.entryId) }),
    findSaved: (flow, { connection }) => flow.#findSaved(connection),
    findAccount: (flow, input) => flow.#account.find(input),
    noticeEntry: (flow, { entryId }) => flow.#account.notice(present(entryId)),
    withdrawProposal: (flow, { entryId }) => flow.#account.withdraw(present(entryId)),
    proposeAddress: (flow, { entryId, values }) =>
      flow.#account.propose(present(entryId), values as JsonObject),
    keepAddress: (flow, { entryId, values }) => flow.#account.keep(present(entryId), values as JsonObject),
    ignoreAccount: ({ commit }, input) => commit.ignore(input),
    reloadEntry: (flow, { connection }) => flow.#reload(present(flow.commit.entry), connection),
  } satisfies ActorsOf<typeof configFlowMachine, FlowRun>

  readonly run: Run<FlowMachine>
  readonly #options: FlowRunOptions
  readonly commit: FlowCommit
  readonly #account: DiscoveryActors
  readonly #under: SubentryActors
  readonly #choices: ChoiceActors
  readonly attempts: Attempts
  /** The failure to count as an attempt. */
  failure: { readonly code: string; readonly until: number | undefined } | null = null
  /** The other account that has ended the flow, with its open connection; null without one. */
  other: PendingConnection | null = null

  /** The verified values that were saved last, or could not be saved. */
  #verified: Pick<EntryCommit, 'draft' | 'uniqueId'> | null = null

  constructor(options: FlowRunOptions, from: Step<FlowMachine> | Step<FlowMachine>['snapshot']) {
    this.#options = options
    this.commit = new FlowCommit(options)
    this.#account = new DiscoveryActors(options)
    this.#under = new SubentryActors(options)
    this.#choices = new ChoiceActors(options)
    this.attempts = options.attempts
    this.run = new Run(chartOf(options.flow).driver, from, {
      clock: options.core.clock,
      perform: (invocation) => this.#perform(invocation),
      stepped: (step, before) => {
        for (const { draft, connection, uniqueId } of step.emitted)
          this.other = { draft, connection, uniqueId }
        publishFlowStep(options.core, options.flow, step, before)
      },
      late: (_work, output) => this.#closeLate(output),
    })
  }

  async #perform(invocation: Invocation): Promise<unknown> {
    const { src, input } = invocation.work
    if (src === 'createEntry' || src === 'updateEntry') this.#verified = input as EntryCommit
    try {
      return await performWith(FlowRun.#actors, this, invocation)
    } catch (error) {
      const { core, flow } = this.#options
      this.commit.isUncertain ||= isLostAnswer(error)
      core.log.error(
        {
          scope: flow.scope,
          flowId: flow.flowId,
          domain: flow.domain,
          code: src,
          error: loggedError(error, this.#secretsIn(input)),
        },
        'An actor of a flow failed unexpectedly.',
      )
      if (isLostAnswer(error) && savesResult(src)) return { type: 'unanswered' }
      throw error
    }
  }

  #secretsIn(input: unknown): readonly string[] {
    const { draft, subentry } = input as { draft?: Draft; subentry?: FlowSubentry }
    if (draft === undefined) return []
    if (subentry !== undefined) return this.#under.secretsOf(subentry, draft)
    const { values, challenge } = draft.reveal()
    const answer = challenge?.values as JsonObject | undefined
    return secretsOf(this.#options.compiled, {
      values: values as JsonObject,
      ...(challenge !== undefined &&
        answer !== undefined && { challenge: { name: challenge.name, values: answer } }),
    })
  }

  async #findEntry(entry: EntryRecord): Promise<FindEntryResult> {
    const { core, compiled, flow } = this.#options
    if (entry.disabled) return { type: 'disabled' }
    return { type: 'found', entry: await flowEntryOf(core, { compiled, source: flow.source }, entry) }
  }

  async #checkConnection(draft: DraftContent, invocation: Invocation): Promise<CheckResult> {
    const { core, compiled, entry, importing } = this.#options
    const known = await knownBy(this.#options, draft.values as JsonObject)
    if (known !== null) return { type: 'matched', entryId: known }
    let ref: string | undefined
    const failed = (each: string | undefined) => {
      ref = each
    }
    const find = (of: ChoicesOfPage) => this.#findChoices(of, invocation)
    const refused = await checkImported(this.#options, draft, find)
    if (refused !== null) return refused
    const { outcome, kept } = await checkSubmit(core, compiled, draft, {
      ...(importing !== undefined && { initial: importing.initial }),
      ...(entry !== null && { options: entry.options, subentries: await openSubentries(core, entry) }),
      ...{ call: invocation, failed },
    })
    if (outcome.type === 'connected') {
      const linked = await this.#linkedInstead(outcome.live)
      if (linked !== null) return { type: 'matched', entryId: linked }
      const { uniqueId, formerUniqueIds } = outcome.live
      const connection = new Connection(outcome.live)
      return {
        type: 'connected',
        uniqueId,
        formerUniqueIds,
        connection,
        title: outcome.live.title,
        ...(outcome.live.account !== null && { account: outcome.live.account }),
        ...(kept !== undefined && { kept }),
      }
    }
    if (outcome.type === 'challenged') {
      const { challenge, state, error } = outcome
      // The service has refused the answer, so this was a failed sign-in.
      if (error !== undefined || draft.challenge?.name === challenge) this.failure = REFUSED
      const { values, submitted, revokeGrant } = draft
      const pending = new Draft({
        values,
        ...(submitted !== undefined && { submitted }),
        ...(revokeGrant !== undefined && { revokeGrant }),
        challenge: { name: challenge, state },
      })
      return { type: 'challenged', challenge, draft: pending, ...(error !== undefined && { error }) }
    }
    const { explained } = outcome
    if (explained?.type !== 'account') return this.#fail(outcome, ref)
    this.failure = REFUSED
    const { account } = explained
    return { type: 'wrong_account', ...(account !== undefined && { title: account }) }
  }

  async #findChoices(of: ChoicesOfPage, call: Invocation): Promise<FindChoicesResult> {
    // The attempts of a flow that does not sign in are never blocked.
    const { blockedUntil: until } = this.attempts
    if (until !== null) return { type: 'failed', error: 'rate_limited', until, unlisted: [] }
    let ref: string | undefined
    const failed = (each: string | undefined) => {
      ref = each
    }
    const outcome = await this.#choices.find(of, { call, failed })
    if (outcome.type === 'none') return { type: 'failed', error: 'no_options', unlisted: [] }
    if (outcome.type !== 'failed') return outcome
    const failure = this.#fail(outcome, ref)
    return failure.type === 'aborted' ? failure : { ...failure, unlisted: outcome.unlisted }
  }

  async #checkSubentry(submitted: SubmittedSubentry, invocation: Invocation): Promise<CheckSubentryResult> {
    const result = await this.#under.check(submitted, invocation)
    if (this.#under.refuses(submitted.subentry, result)) this.failure = REFUSED
    return result
  }

  /** Records a failure as an attempt, and returns it for the form, with the reference of its log line. */
  #fail(
    { error: code, until: demanded, explained }: Omit<CallFailed, 'error'> & { readonly error: string },
    ref: string | undefined,
  ): CheckFailed | FlowAborted {
    const until = demanded === undefined ? undefined : this.attempts.bounded(demanded)
    // The connection of an entry makes no sign-in.
    if (chartOf(this.#options.flow).connects)
      this.failure = explained?.refuses === true ? REFUSED : { code, until }
    if (explained !== undefined)
      return shownTo(formIn(this.#options.compiled, this.#options.flow), explained, ref)
    return {
      type: 'failed',
      error: code === 'client_refused' ? 'unknown' : code,
      ...(until !== undefined && { until }),
      ...(ref !== undefined && { ref }),
    }
  }

  /**
   * Returns the id of the entry that has the account which a discovery found instead of the announced one, and closes the
   * connection; null without one.
   */
  async #linkedInstead(live: LiveConnection): Promise<string | null> {
    const { core, flow } = this.#options
    const found = flow.context.found as Found | undefined
    const { uniqueId, formerUniqueIds } = live
    if (found === undefined || uniqueId === null || uniqueId === found.uniqueId) return null
    try {
      const entry = await formerEntry(core, flow, [uniqueId, ...formerUniqueIds])
      // An ignored entry gives its place to the new one.
      if (entry === null || entry.ignored === true) return null
      await live.close()
      return entry.entryId
    } catch (error) {
      await live.close()
      throw error
    }
  }

  /** Revokes the grant that could not be saved. */
  revokeUnsaved(): void {
    this.#verified?.draft.reveal().revokeGrant?.(this.#verified.uniqueId)
  }

  async #createEntry(commit: NewEntryCommit): Promise<CreateEntryResult> {
    const result = await this.commit.create(commit)
    const { entry } = this.commit
    const live = liveConnectionOf(commit.connection)
    if (entry !== null) await this.#takeOver(entry, live)
    // Another process has created the entry of this flow and has its own connection.
    else if (result.type === 'created') await live.close()
    return result
  }

  /** Reads whether the last write was made. A new entry then adopts the verified connection. */
  async #findSaved(connection: Connection | null) {
    const found = await findSaved(this.commit)
    if (found.type === 'created' && connection !== null)
      await this.#takeOver(present(this.commit.entry), liveConnectionOf(connection))
    return found
  }

  async #reload(entry: EntryRecord, connection: Connection | null): Promise<void> {
    if (connection !== null) return this.#takeOver(entry, liveConnectionOf(connection))
    await reloadRunning(this.#options.host, entry)
  }

  /** Makes the verified connection that of the entry, or reloads the entry if the integration does not allow this. */
  async #takeOver(entry: EntryRecord, live: LiveConnection): Promise<void> {
    const { host, compiled } = this.#options
    // A new link has connected without the options and sub-entries of the entry that it repairs. Another entry can have
    // the unique id.
    const isComplete =
      live.uniqueId === entry.uniqueId &&
      jsonEqual(live.storedOptions, entry.options) &&
      live.subentriesRevision === (entry.subentries?.revision ?? 0)
    if (compiled.integration.adopt === false || !isComplete) {
      await live.close()
      return host.reloadStored(entry)
    }
    try {
      await host.adopt(entry, live)
    } catch (error) {
      await live.close()
      throw error
    }
  }

  /** Closes a connection that opened after the flow had left the state. */
  #closeLate(output: unknown): void {
    const result = output as CheckResult | undefined
    if (result?.type !== 'connected') return
    void liveConnectionOf(result.connection).close()
  }
}
