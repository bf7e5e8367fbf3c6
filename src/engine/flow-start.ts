import type { ConfigFlowSource } from '../../machines/config-flow-setup.ts'
import {
  AlreadyInProgressError,
  IdempotencyConflictError,
  InvalidInputError,
  SlotTakenError,
  TooManyFlowsError,
  UnknownDomainError,
  UnknownEntryError,
  WrongIntegrationError,
} from '../errors.ts'
import type { Asked, EntryRecord, FlowRecord, ReauthReason, Write } from '../ports/store.ts'
import { Attempts } from './attempts.ts'
import { audit } from './audit.ts'
import { isConflict } from './conflict.ts'
import { type Core, integrationOf } from './core.ts'
import type { EntryHost } from './entry-host.ts'
import { checkEntry } from './entry-record.ts'
import { configFlow } from './flow-charts.ts'
import type { Parking } from './flow-parking.ts'
import { type CheckedFlow, checkFlow, type OpenFlow } from './flow-record.ts'
import { FlowWork } from './flow-work.ts'
import { newId } from './new-id.ts'
import { HOST } from './principals.ts'

export interface StartRequest {
  /** The integration; may be left out where an entry is named. */
  readonly domain?: string
  readonly source: ConfigFlowSource
  /** The entry to mend or change, for `reauth` and `reconfigure`. */
  readonly entryId?: string
}

/** Who asks for a flow. */
export interface StartBy {
  readonly principal?: string
  /** The same key and request again, by the same principal, answer with the flow that it opened. */
  readonly idempotencyKey?: string
}

/** Why an entry comes to need a person, to be written with the flow that asks. */
export interface Need {
  readonly reason: ReauthReason
  /** Whether the service refused the stored credential: then nobody connects with it again. */
  readonly rejected: boolean
}

const SOURCES: ReadonlySet<string> = new Set<ConfigFlowSource>(['user', 'reauth', 'reconfigure'])

interface Opening {
  readonly entry: EntryRecord | null
  readonly domain: string
  readonly source: ConfigFlowSource
  readonly scope: string
  readonly who: string
  readonly need: Need | null
  /** An idle reauth that gives way, and its end. */
  readonly superseded: { readonly flow: OpenFlow; readonly end: FlowRecord } | null
  /** Under which key it is asked for, if under one. */
  readonly asked: Asked | null
}

/** Opens flows: at most one that edits an entry, whoever asks and however many ask at once. */
export class FlowStart {
  readonly #core: Core
  readonly #host: EntryHost
  readonly #parking: Parking
  readonly #isWorking: (flow: OpenFlow) => boolean

  constructor(
    core: Core,
    host: EntryHost,
    parts: { parking: Parking; isWorking: (flow: OpenFlow) => boolean },
  ) {
    this.#core = core
    this.#host = host
    this.#parking = parts.parking
    this.#isWorking = parts.isWorking
  }

  /**
   * Opens a flow, once however often it is asked for under one key.
   *
   * @throws InvalidInputError, UnknownDomainError, UnknownEntryError, WrongIntegrationError, AlreadyInProgressError,
   *   TooManyFlowsError, IdempotencyConflictError
   */
  async start(scope: string, request: StartRequest, by: StartBy): Promise<CheckedFlow> {
    const { principal = HOST, idempotencyKey: key } = by
    if (key === undefined) return this.#start(scope, request, principal, null)
    const { domain = null, source, entryId = null } = request
    const asked = { principal, key, request: JSON.stringify([source, domain, entryId]) }
    try {
      return (await this.#asked(scope, asked)) ?? (await this.#start(scope, request, principal, asked))
    } catch (error) {
      const opened = isTaken(error, 'asked') ? await this.#asked(scope, asked) : null
      if (opened === null) throw error
      return opened
    }
  }

  /** The flow that was opened under a key before. */
  async #asked(scope: string, { principal, key, request }: Asked): Promise<CheckedFlow | null> {
    const flow = await this.#core.store.getFlowAsked(scope, principal, key)
    if (flow === undefined) return null
    if (flow.asked?.request !== request) throw new IdempotencyConflictError()
    return checkFlow(flow)
  }

  async #start(scope: string, request: StartRequest, who: string, asked: Asked | null): Promise<CheckedFlow> {
    const { domain, source, entryId } = request
    // Callers over a wire are held by no type; a flow of another source could never be read again.
    if (!SOURCES.has(source)) {
      throw new InvalidInputError('The source of a flow is user, reauth or reconfigure.', ['/source'])
    }
    if (source !== 'user') return this.#edit(scope, { domain, source, entryId: entryId ?? '', asked }, who)
    if (domain === undefined) throw new UnknownDomainError()
    integrationOf(this.#core, domain)
    const { openFlows } = this.#core.limits
    if ((await this.#core.store.countOpenFlows(scope)) >= openFlows) throw new TooManyFlowsError(openFlows)
    return this.#open({ entry: null, domain, source, scope, who, need: null, superseded: null, asked })
  }

  /**
   * Records that an entry needs a person, and opens the flow that asks, in one write.
   *
   * @returns the open flow that edits it; null where the need is gone: the entry is removed, or has a newer credential
   */
  async require(entry: EntryRecord, need: Need, who: string): Promise<OpenFlow | null> {
    const { scope, entryId, credentialRevision } = entry
    for (;;) {
      const stored = await this.#core.store.getEntry(scope, entryId)
      if (stored === undefined) return null
      const now = checkEntry(stored)
      if (now.credentialRevision !== credentialRevision) return null
      const open = await this.openEdit(scope, entryId)
      try {
        if (open === null) {
          const { domain } = now
          const flow = await this.#open({
            entry: now,
            domain,
            source: 'reauth',
            scope,
            who,
            need,
            superseded: null,
            asked: null,
          })
          return flow.open ? flow : null
        }
        if (!isRecorded(now, need)) await this.#core.store.apply(scope, this.#needWrites(now, need, who))
        return open
      } catch (error) {
        if (!isOvertaken(error)) throw error
      }
    }
  }

  /** The open flow that edits an entry. */
  async openEdit(scope: string, entryId: string): Promise<OpenFlow | null> {
    const { items } = await this.#core.store.findFlows(scope, { entryId, open: true, limit: 1 })
    const flow = items[0] === undefined ? null : checkFlow(items[0])
    return flow?.open === true ? flow : null
  }

  async #edit(
    scope: string,
    request: {
      domain: string | undefined
      source: ConfigFlowSource
      entryId: string
      asked: Asked | null
    },
    who: string,
  ): Promise<CheckedFlow> {
    const { domain, source, entryId, asked } = request
    for (;;) {
      const stored = await this.#core.store.getEntry(scope, entryId)
      if (stored === undefined) throw new UnknownEntryError(entryId)
      const entry = checkEntry(stored)
      if (domain !== undefined && domain !== entry.domain)
        throw new WrongIntegrationError(entryId, entry.domain)
      integrationOf(this.#core, entry.domain)
      const open = await this.openEdit(scope, entryId)
      if (open?.source === source) return open
      const mayGiveWay = open?.source === 'reauth' && !this.#isWorking(open)
      if (open !== null && !mayGiveWay) throw new AlreadyInProgressError(open.flowId, open.source)
      const superseded =
        open === null ? null : { flow: open, end: await this.#parking.after(open, 'supersede') }
      try {
        return await this.#open({
          ...{ entry, domain: entry.domain, source, scope, who, need: null, superseded, asked },
        })
      } catch (error) {
        if (!isOvertaken(error)) throw error
      }
    }
  }

  async #open(opening: Opening): Promise<CheckedFlow> {
    const { entry, domain, source, scope, who, need, superseded, asked } = opening
    const core = this.#core
    const compiled = integrationOf(core, domain)
    const chart = configFlow
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
      edits: entry !== null,
      ...(asked !== null && { asked }),
      context: {},
      sealedDraft: null,
      revision: 0,
      createdAt: now,
      updatedAt: now,
      expiresAt: needed ? null : now,
      dueAt: null,
    }
    const input = { flowId: base.flowId, source, entryId: base.entryId, ...compiled.facts }
    const work = new FlowWork(
      {
        core,
        host: this.#host,
        compiled,
        flow: base,
        entry,
        attempts: Attempts.none(core, { scope, domain, entryId: base.entryId, principal: who }),
        principal: who,
      },
      chart.driver.start(input),
    )
    await work.run.settled()
    const record = await this.#parking.atRest(base, work.run.snapshot, null)
    // A flow that ended before anybody saw it is told, and not kept.
    if (!record.open) return checkFlow(record)
    await core.store.apply(scope, [
      ...(superseded === null ? [] : [put(superseded.end, superseded.flow.revision)]),
      put(record, 0),
      ...(entry === null ? [] : this.#openingWrites(entry, record, need, who)),
    ])
    if (superseded !== null) this.#parking.announce(checkFlow(superseded.end))
    core.events.emit('flow_started', { scope, flowId: base.flowId, domain, source, entryId: base.entryId })
    if (entry !== null) core.events.emit('attention_changed', { scope, entryId: entry.entryId })
    return checkFlow(record)
  }

  #openingWrites(entry: EntryRecord, flow: FlowRecord, need: Need | null, who: string): Write[] {
    const { scope, entryId } = entry
    const { createdAt: at, flowId, revision } = flow
    const row = audit({ scope, at, who, entryId, flowId, kind: 'flow_started', code: flow.source, revision })
    return need === null ? [row] : [...this.#needWrites(entry, need, who), row]
  }

  #needWrites(entry: EntryRecord, { reason, rejected }: Need, who: string): Write[] {
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

const isRecorded = (entry: EntryRecord, { reason, rejected }: Need): boolean =>
  entry.reauth !== null &&
  (rejected ? entry.rejectedRevision === entry.credentialRevision : entry.reauth.reason === reason)

/** Somebody else was quicker: look again. */
const isOvertaken = (error: unknown): boolean =>
  isConflict(error, 'flow') || isConflict(error, 'entry') || isTaken(error, 'edit')

const isTaken = (error: unknown, slot: SlotTakenError['slot']): boolean =>
  error instanceof SlotTakenError && error.slot === slot
