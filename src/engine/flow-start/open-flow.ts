import type { VerifiedAccount } from '../../../machines/config-flow-input.ts'
import type { ConfigFlowContext, ConfigFlowSource } from '../../../machines/config-flow-types.ts'
import type { Draft } from '../../../machines/draft.ts'
import type { FlowSubentry } from '../../../machines/subentry-result.ts'
import { StoppedError, TooManyFlowsError, UnknownEntryError, WrongIntegrationError } from '../../errors.ts'
import type { Asked, EntryRecord, FlowRecord, ReauthReason, Write } from '../../ports/store.ts'
import { chartsBySource, type FlowChart } from '../flow-state/flow-charts.ts'
import { guardWrites } from '../flow-state/flow-guard.ts'
import { pagesOf } from '../flow-state/flow-pages.ts'
import { type CheckedFlow, checkFlow } from '../flow-state/flow-record.ts'
import type { FlowRepository } from '../flow-state/flow-repository.ts'
import { readLost } from '../flow-state/lost-commit.ts'
import { type TakenAccount, titleOf } from '../flow-state/other-accounts.ts'
import { closePendingConnection } from '../flow-state/pending-connections.ts'
import type { PlannedStep } from '../flow-state/planned-step.ts'
import type { AccountClaims } from '../flow-work/account-claims.ts'
import type { EntryHost } from '../flow-work/entry-host.ts'
import { finishFound } from '../flow-work/find-saved.ts'
import { FlowRun } from '../flow-work/flow-run.ts'
import type { Importing } from '../flow-work/importing.ts'
import { type Compiled, methodOf } from '../integrations/compiled.ts'
import { serviceKeyOf } from '../integrations/values.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { announceLost } from '../kernel/lost-answers.ts'
import { newId } from '../lib/new-id.ts'
import { Attempts } from '../login-budget/attempts.ts'
import type { AttemptsGate } from '../login-budget/attempts-gate.ts'
import { audit } from '../records/audit.ts'
import { checkEntry, withoutSetupFailure } from '../records/entry-record.ts'
import { slots } from '../records/flow-slots.ts'
import { Migration } from '../records/migration.ts'
import { present } from '../statecharts/actors.ts'
import type { Announced } from './discovery-request.ts'

/** The need of an entry, written together with its flow. */
export interface Need {
  readonly reason: ReauthReason
  /** Whether the service refused the stored credential. Latchkey does not connect with it again. */
  readonly rejected: boolean
  /** The host's explanation for the user. */
  readonly message?: string
}

/** Returns the need of an entry after another one arises. A refusal of the service is not replaced by a request. */
export function needOf({ reauth }: EntryRecord, need: Need, at: number): NonNullable<EntryRecord['reauth']> {
  const since = reauth?.since ?? at
  if (need.rejected || reauth?.reason === 'invalid_auth') return { since, reason: 'invalid_auth' }
  const message = need.message ?? reauth?.message
  return { since, reason: need.reason, ...(message !== undefined && { message }) }
}

/** The subject of a new flow. */
interface About {
  readonly scope: string
  readonly entryId: string
  readonly domain: string | undefined
  readonly source: ConfigFlowSource
}

/** A flow to open. */
export interface Opening {
  readonly entry: EntryRecord | null
  readonly domain: string
  readonly source: ConfigFlowSource
  readonly scope: string
  readonly who: string
  readonly need: Need | null
  /** A flow that yields, and its end: an idle reauthentication, or one that cannot be read. */
  readonly superseded: { readonly flow: Pick<FlowRecord, 'revision'>; readonly end: PlannedStep } | null
  /** The slot that the flow holds while it is open. */
  readonly slot?: string
  /** The idempotency key, if any. */
  readonly asked: Asked | null
  /** The sub-entry, if the flow has one. */
  readonly subentry?: Omit<FlowSubentry, 'revision'>
  /** The discovered account or device. */
  readonly announced?: Announced
  /** The verified account of a replacement. */
  readonly verified?: TakenAccount
  /** The imported values and their login budget. */
  readonly imported?: Importing & { readonly draft: Draft; readonly attempts: Attempts }
}

/** Opens a flow: runs it to its first step, and stores it with all related writes. */
export class FlowOpening {
  readonly #core: Core
  readonly #host: EntryHost
  readonly repository: FlowRepository
  readonly #migration: Migration
  readonly #claims: AccountClaims
  readonly #gate: AttemptsGate

  constructor(
    core: Core,
    host: EntryHost,
    parts: { repository: FlowRepository; claims: AccountClaims; gate: AttemptsGate },
  ) {
    this.#core = core
    this.#gate = parts.gate
    this.#host = host
    this.repository = parts.repository
    this.#claims = parts.claims
    this.#migration = new Migration(core)
  }

  /** Checks the limit of open flows. `share` is the part of it that this flow may use. @throws TooManyFlowsError */
  async assertBelowLimit(scope: string, share = 1): Promise<void> {
    const limit = Math.floor(this.#core.limits.openFlows * share)
    if ((await this.#core.store.countOpenFlows(scope, limit)) >= limit) throw new TooManyFlowsError(limit)
  }

  /**
   * Returns the entry of a flow, migrated to the version of its integration.
   *
   * @throws UnknownEntryError, WrongIntegrationError, UnknownDomainError, EntryVersionError
   */
  async entryOf(about: About): Promise<EntryRecord> {
    return this.currentOf(about, await this.#core.store.getEntry(about.scope, about.entryId))
  }

  /** Returns a stored entry, migrated to the version of its integration. @throws the errors of `entryOf` */
  async currentOf({ entryId, domain, source }: About, stored: EntryRecord | undefined): Promise<EntryRecord> {
    if (stored === undefined) throw new UnknownEntryError(entryId)
    const entry = checkEntry(stored)
    if (domain !== undefined && domain !== entry.domain)
      throw new WrongIntegrationError(entryId, entry.domain)
    return this.#migration.current(entry, source)
  }

  /**
   * Opens a flow. If the service provides choices of its first page, that counts as an attempt.
   *
   * @throws SlotTakenError, RevisionConflictError if another process wrote first, or has changed the entry
   */
  async open(opening: Opening): Promise<CheckedFlow> {
    const { entry, domain, source, scope, who: principal, imported } = opening
    const compiled = methodOf(integrationOf(this.#core, domain), entry?.method)
    const key = { scope, domain, entryId: entry?.entryId ?? null, principal }
    if (imported !== undefined || !findsChoices(compiled, source))
      return this.#open(opening, imported?.attempts ?? Attempts.none(this.#core, key))
    const service = await serviceKeyOf(compiled, entry?.data ?? {}, entry?.data)
    const about = { ...key, ...(service !== undefined && { service }) }
    const attempts = await this.#gate.enter(about, null)
    try {
      return await this.#open(opening, attempts)
    } finally {
      await this.#gate.leave(about, attempts)
    }
  }

  async #open(opening: Opening, attempts: Attempts): Promise<CheckedFlow> {
    const {
      entry,
      domain,
      source,
      scope,
      who,
      need,
      superseded,
      asked,
      announced,
      imported,
      subentry,
      verified,
    } = opening
    const slot = announced === undefined ? opening.slot : slots.account(announced.found.uniqueId)
    const core = this.#core
    const compiled = methodOf(integrationOf(core, domain), entry?.method)
    const chart = chartsBySource.get(source) as FlowChart
    const now = core.clock.now()
    const needed = need !== null || (source === 'reauth' && entry?.reauth != null)
    const base: FlowRecord = {
      scope,
      flowId: newId(),
      machine: chart.record,
      domain,
      source,
      entryId: entry?.entryId ?? null,
      step: source,
      open: true,
      edits: entry !== null && chart.connects,
      ...(slot !== undefined && { slot }),
      ...(asked !== null && { asked }),
      context: {},
      sealedDraft: null,
      revision: 0,
      createdAt: now,
      updatedAt: now,
      expiresAt: needed ? null : now,
      dueAt: null,
    }
    const input = {
      flowId: base.flowId,
      source,
      entryId: base.entryId,
      ...compiled.facts,
      ...(entry !== null && { method: compiled.method }),
      singleInstance: entry === null && compiled.integration.singleInstance === true,
      ...announced,
      ...(verified !== undefined && { verified: accountOf(verified) }),
      ...(imported !== undefined && { draft: imported.draft }),
      ...(subentry !== undefined && { subentry }),
    }
    const work = new FlowRun(
      {
        core,
        host: this.#host,
        compiled,
        flow: base,
        entry: entry !== null && need !== null ? { ...entry, reauth: needOf(entry, need, now) } : entry,
        claims: this.#claims,
        attempts,
        principal: who,
        ...(imported !== undefined && { importing: imported }),
      },
      chart.driver.start(input),
    )
    await work.run.settled()
    // If the flow has ended, it has closed the connection.
    if (verified !== undefined) verified.isUsed = work.run.snapshot.output !== undefined
    const record = await this.repository.recordOf(base, work.run.snapshot, null)
    const { tombstone, isUncertain } = work.commit
    if (tombstone !== null && isUncertain) announceLost(core, tombstone)
    if (tombstone !== null) return this.repository.announce({ record: tombstone })
    if (isUncertain) {
      const found = await readLost(core, base)
      await finishFound(work.commit, found)
      return this.repository.announce({ record: found })
    }
    if (!record.open) {
      // The engine stopped, or the flow was refused. A flow that ended before its first view is returned, but not
      // stored.
      if (imported !== undefined && core.lifetime.ended) throw new StoppedError()
      await this.#count(work)
      return checkFlow(record)
    }
    if (announced !== undefined) await this.assertBelowLimit(scope, 1 / 2)
    const { failure } = work
    await attempts.apply((current) => [
      ...(failure === null ? current.settle() : current.count(failure.code, failure.until)),
      ...(superseded === null ? [] : [put(superseded.end.record, superseded.flow.revision)]),
      ...(superseded === null ? [] : guardWrites(core, 'unclaimed', superseded.end.record.flowId)),
      put(record, 0),
      ...(entry === null ? [] : this.#openingWrites(entry, record, need, who)),
    ])
    await this.#hold(record, work.run.snapshot.context)
    if (verified !== undefined) verified.isUsed = true
    if (superseded !== null) this.repository.announce(superseded.end)
    core.events.emit('flow_started', { scope, flowId: base.flowId, domain, source, entryId: base.entryId })
    if (entry !== null) core.events.emit('attention_changed', { scope, entryId: entry.entryId })
    return checkFlow(record)
  }

  /** Holds the verified account that a new flow asks its user to confirm. */
  async #hold(record: FlowRecord, context: ConfigFlowContext): Promise<void> {
    if (this.#core.lifetime.ended) await closePendingConnection(context)
    else this.repository.pendingConnections.hold(record, context)
  }

  /** Counts a refused login of a flow that is not stored. */
  async #count({ attempts, failure }: FlowRun): Promise<void> {
    if (failure === null) return
    await attempts.apply((current) => current.count(failure.code, failure.until))
  }

  #openingWrites(entry: EntryRecord, flow: FlowRecord, need: Need | null, who: string): Write[] {
    const { scope, entryId } = entry
    const { createdAt: at, flowId, revision } = flow
    const row = audit({ scope, at, who, entryId, flowId, kind: 'flow_started', code: flow.source, revision })
    // A flow must not outlive an entry that is removed or disabled at the same time.
    if (need === null) return [{ check: 'entry', id: entryId, ifRevision: entry.revision }, row]
    return [...this.needWrites(entry, need, who), row]
  }

  /** Returns the writes that record the need of an entry. */
  needWrites(entry: EntryRecord, need: Need, who: string): Write[] {
    const { scope, entryId } = entry
    const at = this.#core.clock.now()
    const record: EntryRecord = {
      ...entry,
      ...(need.rejected && withoutSetupFailure(entry)),
      ...(need.rejected && entry.refreshAt != null && { refreshAt: null }),
      revision: entry.revision + 1,
      reauth: needOf(entry, need, at),
      rejectedRevision: need.rejected ? entry.credentialRevision : entry.rejectedRevision,
      updatedAt: at,
    }
    return [
      { put: 'entry', record, ifRevision: entry.revision },
      audit({
        scope,
        at,
        who,
        entryId,
        kind: 'reauth_required',
        code: need.reason,
        revision: record.revision,
      }),
    ]
  }
}

/** Returns a verified account for the machine. */
const accountOf = (taken: TakenAccount): VerifiedAccount => {
  const { draft, connection, uniqueId } = taken.other
  return { draft: present(draft), connection: present(connection), uniqueId, account: titleOf(taken) }
}

/** Whether the service provides choices of the first page of a flow. */
const findsChoices = (compiled: Compiled, source: ConfigFlowSource): boolean =>
  source !== 'reauth' &&
  (chartsBySource.get(source) as FlowChart).connects &&
  pagesOf(compiled, { source, context: {} })[0]?.kind === 'found_form'

const put = (record: FlowRecord, ifRevision: number): Write => ({ put: 'flow', record, ifRevision })
