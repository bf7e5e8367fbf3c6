import { RevisionConflictError } from '../../errors.ts'
import type { EntryRecord, FlowRecord, Write } from '../../ports/store.ts'
import { checkFlow, isReadableFlow, type OpenFlow } from '../flow-state/flow-record.ts'
import type { FlowRepository } from '../flow-state/flow-repository.ts'
import type { PlannedStep } from '../flow-state/planned-step.ts'
import { isOver, isUnreadable, type UnreadableFlow } from '../flow-state/unreadable-flow.ts'
import { type Compiled, methodOf } from '../integrations/compiled.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { newId } from '../lib/new-id.ts'
import { ENGINE } from '../lib/principals.ts'
import { slots } from '../records/flow-slots.ts'
import { matchKeysOf } from '../records/match-keys.ts'

/** The end of an open flow, written together with the change that ends it. */
export interface Ending {
  readonly before: OpenFlow | UnreadableFlow
  readonly next: PlannedStep
  /** The discovery key of the flow. */
  readonly key: string | null
}

/** The flows that end because an entry has an account, and the writes that end them. */
export interface Settled {
  readonly endings: readonly Ending[]
  /** Fails with `SlotTakenError` if another process has opened a discovery of the account since it was read. */
  readonly writes: readonly Write[]
}

export const NOTHING_SETTLED: Settled = { endings: [], writes: [] }

type Account = Pick<FlowRecord, 'scope' | 'domain' | 'flowId' | 'slot'>

const PAGE_SIZE = 100

/** Finds and ends the other flows of an account: discoveries, and the reauthentication of an entry. */
export class AccountClaims {
  readonly #core: Core
  readonly #repository: FlowRepository

  constructor(core: Core, repository: FlowRepository) {
    this.#core = core
    this.#repository = repository
  }

  /** Whether another open flow holds the account. An expired flow does not. */
  async isHeld(account: Account, uniqueId: string): Promise<boolean> {
    const holder = await this.#other(account, uniqueId)
    if (holder === null) return false
    if (!isUnreadable(holder)) return (await this.#repository.current(holder.scope, holder.flowId)).open
    if (!isOver(holder, this.#core.clock.now())) return true
    return (await this.#repository.release(holder, 'flow_expired', ENGINE)) === null
  }

  /**
   * Returns the ends of the discoveries that an entry makes pointless, for the write of the entry: those of its account,
   * of its match values, and all of an integration that allows one entry.
   */
  async settledBy(account: Account, entry: EntryRecord): Promise<Settled> {
    const { uniqueId, entryId } = entry
    const holder = uniqueId === null ? null : await this.#other(account, uniqueId)
    const pointless = new Map<string, OpenFlow | UnreadableFlow>()
    if (holder !== null) pointless.set(holder.flowId, holder)
    for (const flow of await this.#matching(entry)) pointless.set(flow.flowId, flow)
    pointless.delete(account.flowId)
    const endings = await Promise.all([...pointless.values()].map((flow) => this.#endingOf(flow, entryId)))
    const writes = endings.map(endingWrite)
    if (uniqueId !== null && account.slot !== slots.account(uniqueId))
      writes.push(...claimOf(entry, uniqueId, this.#core))
    return { endings, writes }
  }

  /** Returns the end of the open reauthentication of an entry that another flow repairs; null without one. */
  async endingOfReauth(scope: string, entryId: string): Promise<Ending | null> {
    const query = { entryId, open: true, edits: true, limit: 1 } as const
    const [stored] = (await this.#core.store.findFlows(scope, query)).items
    const flow = stored === undefined || !isReadableFlow(stored) ? null : checkFlow(stored)
    if (flow?.open !== true || flow.source !== 'reauth') return null
    return { before: flow, next: await this.#repository.stepAfter(flow, 'entryRepaired'), key: null }
  }

  /**
   * Ends the discoveries that an entry has made pointless. Call it after the write of the entry, because another process
   * may have opened one at the same time.
   */
  async settle(entry: EntryRecord): Promise<void> {
    const { scope, domain } = entry
    const { endings } = await this.settledBy({ scope, domain, flowId: '' }, entry)
    for (const { before, next } of endings) {
      try {
        await this.#repository.write(before, next, ENGINE, { guard: 'unclaimed' })
      } catch (error) {
        // Its user has gone on. The flow meets the entry when it is saved.
        if (!(error instanceof RevisionConflictError)) throw error
      }
    }
  }

  /** Emits the events of an end after it was written. */
  announce({ next }: Ending): void {
    this.#repository.announce(next)
  }

  async #other(
    { scope, domain, flowId }: Account,
    uniqueId: string,
  ): Promise<OpenFlow | UnreadableFlow | null> {
    const flow = await this.#repository.holding(scope, domain, slots.account(uniqueId))
    return flow?.open === true && flow.flowId !== flowId ? flow : null
  }

  async #endingOf(before: OpenFlow | UnreadableFlow, entryId: string): Promise<Ending> {
    if (isUnreadable(before))
      return { before, next: this.#repository.released(before, 'already_configured'), key: null }
    const next = await this.#repository.stepAfter(before, { type: 'accountConfigured', entryId })
    return { before, next, key: before.context.found?.key ?? null }
  }

  /** Returns the open discoveries with the match key of an entry. There are at most as many as open flows. */
  async #matching({ scope, domain, matchKey, ignored }: EntryRecord): Promise<OpenFlow[]> {
    if (matchKey === undefined || ignored === true) return []
    const compiled = integrationOf(this.#core, domain)
    const found: OpenFlow[] = []
    let after: string | undefined
    do {
      const query = { domain, open: true, limit: PAGE_SIZE, ...(after !== undefined && { after }) }
      const page = await this.#core.store.findFlows(scope, query)
      for (const stored of page.items) {
        if (stored.source !== 'discovery' || !isReadableFlow(stored)) continue
        const flow = checkFlow(stored)
        if (flow.open && (await this.#matchKeysIn(compiled, flow)).includes(matchKey)) found.push(flow)
      }
      after = page.next ?? undefined
    } while (after !== undefined)
    return found
  }

  #matchKeysIn(compiled: Compiled, { scope, context }: OpenFlow): Promise<readonly string[]> {
    const place = { core: this.#core, scope, compiled: methodOf(compiled, context.method) }
    return matchKeysOf(place, context.values)
  }
}

/** The write of an end. */
export const endingWrite = ({ before, next }: Ending): Write => ({
  put: 'flow',
  record: next.record,
  ifRevision: before.revision,
})

/** Takes the slot of an account and frees it, so that the transaction fails if an open discovery holds it. */
function claimOf({ scope, domain }: EntryRecord, uniqueId: string, { clock }: Core): readonly Write[] {
  const flowId = newId()
  const now = clock.now()
  const record: FlowRecord = {
    scope,
    flowId,
    machine: 'claim',
    domain,
    source: 'discovery',
    entryId: null,
    slot: slots.account(uniqueId),
    step: 'claim',
    open: true,
    edits: false,
    context: {},
    sealedDraft: null,
    revision: 1,
    createdAt: now,
    updatedAt: now,
    expiresAt: now,
    dueAt: null,
  }
  return [
    { put: 'flow', record, ifRevision: 0 },
    { remove: 'flow', id: flowId, ifRevision: 1 },
  ]
}
