import { decideEditSlot, type EditSource } from '../../../machines/edit-slot.ts'
import {
  AlreadyInProgressError,
  IdempotencyConflictError,
  InvalidInputError,
  UnknownDomainError,
} from '../../errors.ts'
import type { Asked, EntryRecord } from '../../ports/store.ts'
import type { StartBy, StartRequest } from '../api/flows.ts'
import { chartsBySource } from '../flow-state/flow-charts.ts'
import { type CheckedFlow, checkFlow, type OpenFlow, type StartedFlow } from '../flow-state/flow-record.ts'
import type { FlowRepository } from '../flow-state/flow-repository.ts'
import type { TakenAccount } from '../flow-state/other-accounts.ts'
import type { PlannedStep } from '../flow-state/planned-step.ts'
import { heldByUnreadable, isUnreadable, type UnreadableFlow } from '../flow-state/unreadable-flow.ts'
import type { AccountClaims } from '../flow-work/account-claims.ts'
import type { EntryHost } from '../flow-work/entry-host.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { isConflict, isTaken } from '../lib/conflicts.ts'
import { jsonEqual } from '../lib/json.ts'
import { HOST } from '../lib/principals.ts'
import type { AttemptsGate } from '../login-budget/attempts-gate.ts'
import { checkEntry } from '../records/entry-record.ts'
import { readDiscovery, readImport } from './discovery-request.ts'
import { FlowOpening, type Need, needOf, type Opening } from './open-flow.ts'
import { startOptions, startSubentry } from './parallel-flows.ts'
import { assertUsed } from './start-members.ts'
import { UnattendedStart } from './unattended-start.ts'

/** The principal and the idempotency key of a start. */
interface OnceBy {
  readonly principal: string
  readonly asked: Pick<Asked, 'principal' | 'key'>
}

/** A flow that holds the edit slot of its entry. */
type EditFlow = OpenFlow & { readonly source: EditSource }

/** Opens flows: at most one edit flow per entry, regardless of how many callers start one. */
export class FlowStart {
  readonly #core: Core
  readonly #opening: FlowOpening
  readonly #repository: FlowRepository
  readonly #isWorking: (flow: OpenFlow) => boolean
  readonly #unattended: UnattendedStart

  constructor(
    core: Core,
    host: EntryHost,
    parts: {
      repository: FlowRepository
      isWorking: (flow: OpenFlow) => boolean
      claims: AccountClaims
      gate: AttemptsGate
    },
  ) {
    this.#core = core
    this.#opening = new FlowOpening(core, host, parts)
    this.#unattended = new UnattendedStart(core, { ...parts, opening: this.#opening })
    this.#repository = parts.repository
    this.#isWorking = parts.isWorking
  }

  /**
   * Opens a flow, once per idempotency key.
   *
   * @throws InvalidInputError, UnknownDomainError, UnknownEntryError, WrongIntegrationError, AlreadyInProgressError,
   *   TooManyFlowsError, IdempotencyConflictError
   */
  async start(scope: string, request: StartRequest, by: StartBy): Promise<StartedFlow> {
    const { principal = HOST, idempotencyKey: key } = by
    if (key === undefined) return this.#start(scope, request, principal, null)
    return this.once(scope, request, { principal, asked: { principal, key } })
  }

  /** Opens a flow for a principal, once per key. @throws the errors of `start` */
  async once(
    scope: string,
    request: StartRequest,
    { principal, asked: under }: OnceBy,
  ): Promise<StartedFlow> {
    const { domain = null, source, entryId = null, discovery } = request
    // Imported values can be secret, so they are not stored for comparison.
    const { type, subentryId } = request
    const more =
      source === 'subentry'
        ? [type ?? null, subentryId ?? null]
        : request.from === undefined
          ? []
          : [request.from]
    const named = [
      source,
      domain,
      entryId,
      ...(discovery === undefined ? more : [discovery.uniqueId ?? discovery.values]),
    ]
    const asked = { ...under, request: JSON.stringify(named) }
    try {
      return (await this.#openedBy(scope, asked)) ?? (await this.#start(scope, request, principal, asked))
    } catch (error) {
      const opened = isTaken(error, 'asked') ? await this.#openedBy(scope, asked) : null
      if (opened === null) throw error
      return opened
    }
  }

  /**
   * Returns the flow that was opened with an idempotency key; null if the key is new. @throws IdempotencyConflictError
   */
  async #openedBy(scope: string, { principal, key, request }: Asked): Promise<CheckedFlow | null> {
    const flow = await this.#core.store.getFlowAsked(scope, principal, key)
    if (flow === undefined) return null
    if (flow.asked?.request !== request) throw new IdempotencyConflictError()
    return checkFlow(flow)
  }

  async #start(scope: string, request: StartRequest, who: string, asked: Asked | null): Promise<StartedFlow> {
    const { domain, source, entryId } = request
    // HTTP callers can pass any string. A flow with an unknown source could not be read again.
    if (!chartsBySource.has(source)) {
      throw new InvalidInputError(
        'Unknown source. Use user, reauth, reconfigure, replace, discovery, import, options or subentry.',
        ['/source'],
      )
    }
    assertUsed(source, request)
    if (source === 'user' || source === 'discovery' || source === 'import') {
      return this.#startNew(scope, { ...request, source }, who, asked)
    }
    if (entryId === undefined) {
      throw new InvalidInputError('This source requires an entry. Pass its id as entryId.', ['/entryId'])
    }
    if (source === 'options') {
      return startOptions(this.#core, this.#opening, { scope, domain, entryId, who, asked })
    }
    if (source === 'subentry') {
      const { type, subentryId } = request
      return startSubentry(this.#core, this.#opening, {
        scope,
        domain,
        entryId,
        type,
        subentryId,
        who,
        asked,
      })
    }
    return this.#edit(scope, { domain, source, entryId, asked, from: request.from }, who)
  }

  /** Opens a flow for a new entry. */
  async #startNew(
    scope: string,
    request: StartRequest & { readonly source: 'user' | 'discovery' | 'import' },
    who: string,
    asked: Asked | null,
  ): Promise<CheckedFlow> {
    const { domain, source } = request
    if (domain === undefined) throw new UnknownDomainError()
    const compiled = integrationOf(this.#core, domain)
    const opening = { entry: null, domain, source, scope, who, need: null, superseded: null, asked }
    if (source === 'discovery') {
      return this.#unattended.discover(opening, readDiscovery(compiled, request.discovery))
    }
    if (source === 'import') {
      const imported = readImport(compiled, request, this.#core.limits.subentries)
      const flow = await this.#unattended.import(opening, imported)
      // Another request with the same key has imported it first.
      const isOurs = asked === null || flow.step === 'create_entry'
      return (isOurs ? null : await this.#openedBy(scope, asked)) ?? flow
    }
    await this.#opening.assertBelowLimit(scope)
    return this.#opening.open(opening)
  }

  /**
   * Records the need of an entry and opens its reauthentication in one write.
   *
   * @returns the open edit flow; null if the entry was removed or has a newer credential; `held` if another flow, which
   *   cannot be read, holds the edit slot. A refused credential is recorded anyway
   */
  async require(entry: EntryRecord, need: Need, who: string): Promise<OpenFlow | 'held' | null> {
    const { scope, entryId, credentialRevision } = entry
    for (;;) {
      const { entry: stored, open } = await this.#repository.entryToEdit(scope, entryId)
      if (stored === undefined) return null
      const now = checkEntry(stored)
      if (now.credentialRevision !== credentialRevision) return null
      try {
        const superseded = open !== null && isUnreadable(open) ? this.#repository.yielding(open) : null
        if (open === null || superseded !== null) {
          const { domain } = now
          const flow = await this.#opening.open({
            entry: now,
            domain,
            source: 'reauth',
            scope,
            who,
            need: isRecorded(now, need) ? null : need,
            superseded,
            asked: null,
          })
          return flow.open ? flow : null
        }
        const isHeld = isUnreadable(open)
        if (!isRecorded(now, need) && (need.rejected || !isHeld)) {
          const step = isHeld || !need.rejected ? null : await this.#refused(open)
          await this.#core.store.apply(scope, [
            ...this.#opening.needWrites(now, need, who),
            ...(step === null
              ? []
              : [{ put: 'flow', record: step.record, ifRevision: open.revision } as const]),
          ])
          if (step !== null) return this.#repository.announce(step) as OpenFlow
          if (isHeld) this.#core.events.emit('attention_changed', { scope, entryId })
        }
        return isHeld ? 'held' : open
      } catch (error) {
        if (!isOvertaken(error)) throw error
      }
    }
  }

  /**
   * Returns the step of a reauthentication after the service has refused the credential. Null if that is its reason
   * already, or if it works.
   */
  async #refused(open: OpenFlow): Promise<PlannedStep | null> {
    if (open.source !== 'reauth' || open.context.entry?.why === 'invalid_auth') return null
    return this.#isWorking(open as EditFlow) ? null : this.#repository.stepAfter(open, 'entryRefused')
  }

  /** Returns the open flow that holds the edit slot of an entry. */
  async openEdit(scope: string, entryId: string): Promise<EditFlow | UnreadableFlow | null> {
    const [flow] = await this.#repository.openOf(scope, entryId, true)
    return (flow ?? null) as EditFlow | UnreadableFlow | null
  }

  async #edit(scope: string, request: EditRequest, who: string): Promise<StartedFlow> {
    const { entryId, from } = request
    const { otherAccounts } = this.#repository
    const wanted = from === undefined ? null : { scope, entryId, flowId: from, principal: who }
    const taken = wanted && otherAccounts.take(wanted)
    if (taken === null) return this.#openOrJoin(scope, request, who)
    try {
      const flow = await this.#openOrJoin(scope, request, who, taken)
      await otherAccounts.putBack(taken)
      return flow
    } catch (error) {
      await otherAccounts.putBack(taken)
      throw error
    }
  }

  /** Opens an edit flow, or returns the open one of the same source. */
  async #openOrJoin(
    scope: string,
    { domain, source, entryId, asked }: EditRequest,
    who: string,
    verified?: TakenAccount,
  ): Promise<StartedFlow> {
    for (;;) {
      const found = await this.#repository.entryToEdit(scope, entryId)
      const entry = await this.#opening.currentOf({ scope, entryId, domain, source }, found.entry)
      const open = found.open as EditFlow | UnreadableFlow | null
      let superseded: Opening['superseded'] = null
      if (open !== null && isUnreadable(open)) {
        superseded = this.#repository.yielding(open)
        if (superseded === null) throw heldByUnreadable(open)
      } else if (open !== null) {
        const decision = decideEditSlot({ source: open.source, isWorking: this.#isWorking(open) }, source)
        if (decision === 'join') return { ...open, joined: true }
        if (decision === 'refuse') throw new AlreadyInProgressError(open.flowId, open.source)
        superseded = { flow: open, end: await this.#repository.stepAfter(open, 'supersede') }
      }
      // It was verified for the account that the entry had.
      const isCurrent = verified?.other.credentialRevision === entry.credentialRevision
      try {
        return await this.#opening.open({
          entry,
          domain: entry.domain,
          source,
          scope,
          who,
          need: null,
          superseded,
          asked,
          ...(verified !== undefined && isCurrent && { verified }),
        })
      } catch (error) {
        if (!isOvertaken(error)) throw error
      }
    }
  }
}

/** A request for a flow that changes the credential of an entry. */
interface EditRequest {
  readonly domain: string | undefined
  readonly source: EditSource
  readonly entryId: string
  readonly asked: Asked | null
  /** The ended flow whose verified account replaces that of the entry. */
  readonly from: string | undefined
}

const isRecorded = (entry: EntryRecord, need: Need): boolean =>
  entry.reauth !== null &&
  jsonEqual(entry.reauth, needOf(entry, need, entry.reauth.since)) &&
  (!need.rejected || entry.rejectedRevision === entry.credentialRevision)

/** Another process wrote first: read again. */
const isOvertaken = (error: unknown): boolean =>
  isConflict(error, 'flow') || isConflict(error, 'entry') || isTaken(error, 'edit')
