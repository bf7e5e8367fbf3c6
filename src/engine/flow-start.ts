import type { ConfigFlowSource } from '../../machines/config-flow-setup.ts'
import {
  AlreadyInProgressError,
  IdempotencyConflictError,
  InvalidInputError,
  UnknownDomainError,
} from '../errors.ts'
import type { Asked, EntryRecord } from '../ports/store.ts'
import { isConflict } from './conflict.ts'
import { type Core, integrationOf } from './core.ts'
import type { EntryHost } from './entry-host.ts'
import { checkEntry } from './entry-record.ts'
import { FlowOpening, isTaken, type Need } from './flow-opening.ts'
import type { Parking } from './flow-parking.ts'
import { type CheckedFlow, checkFlow, type OpenFlow } from './flow-record.ts'
import { HOST } from './principals.ts'
import { startOptions } from './start-options.ts'

export interface StartRequest {
  /** The integration; may be left out where an entry is named. */
  readonly domain?: string
  readonly source: ConfigFlowSource
  /** The entry to mend or change, for every source but `user`. */
  readonly entryId?: string
}

/** Who asks for a flow. */
export interface StartBy {
  readonly principal?: string
  /** The same key and request again, by the same principal, answer with the flow that it opened. */
  readonly idempotencyKey?: string
}

/** More flows than are ever open about one entry. */
const FLOWS = 1_000
const SOURCES: ReadonlySet<string> = new Set<ConfigFlowSource>(['user', 'reauth', 'reconfigure', 'options'])

/** Opens flows: at most one that edits an entry, whoever asks and however many ask at once. */
export class FlowStart {
  readonly #core: Core
  readonly #opening: FlowOpening
  readonly #parking: Parking
  readonly #isWorking: (flow: OpenFlow) => boolean

  constructor(
    core: Core,
    host: EntryHost,
    parts: { parking: Parking; isWorking: (flow: OpenFlow) => boolean },
  ) {
    this.#core = core
    this.#opening = new FlowOpening(core, host, parts.parking)
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
      throw new InvalidInputError('The source of a flow is user, reauth, reconfigure or options.', [
        '/source',
      ])
    }
    if (source === 'options') {
      return startOptions(this.#core, this.#opening, { scope, domain, entryId: entryId ?? '', who, asked })
    }
    if (source !== 'user') return this.#edit(scope, { domain, source, entryId: entryId ?? '', asked }, who)
    if (domain === undefined) throw new UnknownDomainError()
    integrationOf(this.#core, domain)
    await this.#opening.expectRoom(scope)
    return this.#opening.open({
      entry: null,
      domain,
      source,
      scope,
      who,
      need: null,
      superseded: null,
      asked,
    })
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
          const flow = await this.#opening.open({
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
        if (!isRecorded(now, need))
          await this.#core.store.apply(scope, this.#opening.needWrites(now, need, who))
        return open
      } catch (error) {
        if (!isOvertaken(error)) throw error
      }
    }
  }

  /** The open flow that edits an entry. */
  async openEdit(scope: string, entryId: string): Promise<OpenFlow | null> {
    return (await this.openFlows(scope, entryId, true))[0] ?? null
  }

  /** The open flows about an entry; `edits`: only the one that holds its edit slot. */
  async openFlows(scope: string, entryId: string, edits: boolean): Promise<OpenFlow[]> {
    const query = { entryId, open: true, limit: FLOWS, ...(edits && { edits }) }
    const { items } = await this.#core.store.findFlows(scope, query)
    return items.map(checkFlow).filter((flow) => flow.open)
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
      const entry = await this.#opening.entryOf({ scope, entryId, domain, source })
      const open = await this.openEdit(scope, entryId)
      if (open?.source === source) return open
      const mayGiveWay = open?.source === 'reauth' && !this.#isWorking(open)
      if (open !== null && !mayGiveWay) throw new AlreadyInProgressError(open.flowId, open.source)
      const superseded =
        open === null ? null : { flow: open, end: await this.#parking.after(open, 'supersede') }
      try {
        return await this.#opening.open({
          ...{ entry, domain: entry.domain, source, scope, who, need: null, superseded, asked },
        })
      } catch (error) {
        if (!isOvertaken(error)) throw error
      }
    }
  }
}

const isRecorded = (entry: EntryRecord, { reason, rejected }: Need): boolean =>
  entry.reauth !== null &&
  (rejected ? entry.rejectedRevision === entry.credentialRevision : entry.reauth.reason === reason)

/** Somebody else was quicker: look again. */
const isOvertaken = (error: unknown): boolean =>
  isConflict(error, 'flow') || isConflict(error, 'entry') || isTaken(error, 'edit')
