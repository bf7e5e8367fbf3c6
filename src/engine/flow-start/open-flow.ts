import type { ConfigFlowSource } from '../../../machines/config-flow-types.ts'
import type { Draft } from '../../../machines/draft.ts'
import type { FlowSubentry } from '../../../machines/subentry-result.ts'
import { StoppedError, TooManyFlowsError, UnknownEntryError, WrongIntegrationError } from '../../errors.ts'
import type { Asked, EntryRecord, FlowRecord, ReauthReason, Write } from '../../ports/store.ts'
import { chartsBySource, type FlowChart } from '../flow-state/flow-charts.ts'
import { type CheckedFlow, checkFlow, type OpenFlow } from '../flow-state/flow-record.ts'
import type { FlowRepository } from '../flow-state/flow-repository.ts'
import type { AccountClaims } from '../flow-work/account-claims.ts'
import type { EntryHost } from '../flow-work/entry-host.ts'
import { FlowRun } from '../flow-work/flow-run.ts'
import { methodOf } from '../integrations/compiled.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { isConflict } from '../lib/conflicts.ts'
import { newId } from '../lib/new-id.ts'
import { Attempts } from '../login-budget/attempts.ts'
import { audit } from '../records/audit.ts'
import { checkEntry } from '../records/entry-record.ts'
import { slots } from '../records/flow-slots.ts'
import { Migration } from '../records/migration.ts'
import type { Announced } from './discovery-request.ts'

/** Why an entry comes to need a person, to be written with the flow that asks. */
export interface Need {
  readonly reason: ReauthReason
  /** Whether the service refused the stored credential: then nobody connects with it again. */
  readonly rejected: boolean
}

/** What a flow is to be about. */
interface About {
  readonly scope: string
  readonly entryId: string
  readonly domain: string | undefined
  readonly source: ConfigFlowSource
}

/** A flow that is to be opened. */
export interface Opening {
  readonly entry: EntryRecord | null
  readonly domain: string
  readonly source: ConfigFlowSource
  readonly scope: string
  readonly who: string
  readonly need: Need | null
  /** An idle reauth that gives way, and its end. */
  readonly superseded: { readonly flow: OpenFlow; readonly end: FlowRecord } | null
  /** The slot that the flow holds while it is open; absent if it needs none. */
  readonly slot?: string
  /** Under which key it is asked for, if under one. */
  readonly asked: Asked | null
  /** What under the entry it is about, where it is not about the entry itself. */
  readonly subentry?: Omit<FlowSubentry, 'revision'>
  /** What was found, for a discovery. */
  readonly announced?: Announced
  /** What is imported, and the budget of logins that it draws on. */
  readonly imported?: { readonly draft: Draft; readonly attempts: Attempts }
}

/** Makes a flow: it works up to its first step, and is written there with all that opening it means. */
export class FlowOpening {
  readonly #core: Core
  readonly #host: EntryHost
  readonly #repository: FlowRepository
  readonly #migration: Migration
  readonly #claims: AccountClaims

  constructor(core: Core, host: EntryHost, parts: { repository: FlowRepository; claims: AccountClaims }) {
    this.#core = core
    this.#host = host
    this.#repository = parts.repository
    this.#claims = parts.claims
    this.#migration = new Migration(core)
  }

  /** `share`: of the open flows that the host allows. @throws TooManyFlowsError */
  async expectRoom(scope: string, share = 1): Promise<void> {
    const limit = Math.floor(this.#core.limits.openFlows * share)
    if ((await this.#core.store.countOpenFlows(scope)) >= limit) throw new TooManyFlowsError(limit)
  }

  /**
   * The entry that a flow is to be about, at the version of its integration.
   *
   * @throws UnknownEntryError, WrongIntegrationError, UnknownDomainError, EntryVersionError
   */
  async entryOf({ scope, entryId, domain, source }: About): Promise<EntryRecord> {
    const stored = await this.#core.store.getEntry(scope, entryId)
    if (stored === undefined) throw new UnknownEntryError(entryId)
    const entry = checkEntry(stored)
    if (domain !== undefined && domain !== entry.domain)
      throw new WrongIntegrationError(entryId, entry.domain)
    return this.#migration.current(entry, source)
  }

  /** @throws SlotTakenError, RevisionConflictError where somebody else was quicker */
  async open(opening: Opening): Promise<CheckedFlow> {
    const { entry, domain, source, scope, who, need, superseded, asked, announced, imported, subentry } =
      opening
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
      ...{ flowId: base.flowId, source, entryId: base.entryId, ...compiled.facts },
      ...(entry !== null && { method: compiled.method }),
      singleInstance: entry === null && compiled.integration.singleInstance === true,
      ...announced,
      ...(imported !== undefined && { draft: imported.draft }),
      ...(subentry !== undefined && { subentry }),
    }
    const none = { scope, domain, entryId: base.entryId, principal: who }
    const work = new FlowRun(
      {
        core,
        host: this.#host,
        compiled,
        flow: base,
        entry,
        claims: this.#claims,
        attempts: imported?.attempts ?? Attempts.none(core, none),
        principal: who,
      },
      chart.driver.start(input),
    )
    await work.run.settled()
    const record = await this.#repository.atRest(base, work.run.snapshot, null)
    const { tombstone } = work.commit
    if (tombstone !== null) return this.#repository.announce(checkFlow(tombstone))
    if (!record.open) {
      // Called back by the end of the engine, or refused: a flow that ended before anybody saw it is told, and not kept.
      if (imported !== undefined && core.connector.calls.stopped) throw new StoppedError()
      await this.#count(work, scope)
      return checkFlow(record)
    }
    if (announced !== undefined) await this.expectRoom(scope, 1 / 2)
    await core.store.apply(scope, [
      ...(superseded === null ? [] : [put(superseded.end, superseded.flow.revision)]),
      put(record, 0),
      ...(entry === null ? [] : this.#openingWrites(entry, record, need, who)),
    ])
    if (superseded !== null) this.#repository.announce(checkFlow(superseded.end))
    core.events.emit('flow_started', { scope, flowId: base.flowId, domain, source, entryId: base.entryId })
    if (entry !== null) core.events.emit('attention_changed', { scope, entryId: entry.entryId })
    return checkFlow(record)
  }

  /** Counts a login that was refused where no flow is kept that would show it. */
  async #count({ attempts, failure }: FlowRun, scope: string): Promise<void> {
    if (failure === null) return
    for (let budget = attempts; ; budget = await budget.reread()) {
      try {
        const writes = budget.count(failure.code, failure.until)
        return writes.length === 0 ? undefined : await this.#core.store.apply(scope, writes)
      } catch (error) {
        if (!isConflict(error, 'attempts')) throw error
      }
    }
  }

  #openingWrites(entry: EntryRecord, flow: FlowRecord, need: Need | null, who: string): Write[] {
    const { scope, entryId } = entry
    const { createdAt: at, flowId, revision } = flow
    const row = audit({ scope, at, who, entryId, flowId, kind: 'flow_started', code: flow.source, revision })
    return need === null ? [row] : [...this.needWrites(entry, need, who), row]
  }

  /** The writes that record a need. */
  needWrites(entry: EntryRecord, { reason, rejected }: Need, who: string): Write[] {
    const { scope, entryId } = entry
    const at = this.#core.clock.now()
    const record: EntryRecord = {
      ...entry,
      revision: entry.revision + 1,
      reauth: { since: entry.reauth?.since ?? at, reason },
      rejectedRevision: rejected ? entry.credentialRevision : entry.rejectedRevision,
      updatedAt: at,
    }
    return [
      { put: 'entry', record, ifRevision: entry.revision },
      audit({ scope, at, who, entryId, kind: 'reauth_required', code: reason, revision: record.revision }),
    ]
  }
}

const put = (record: FlowRecord, ifRevision: number): Write => ({ put: 'flow', record, ifRevision })
