import type { FlowRecord } from '../../ports/store.ts'
import { checkFlow, isReadableFlow, type OpenFlow } from '../flow-state/flow-record.ts'
import type { FlowRepository } from '../flow-state/flow-repository.ts'
import { isOver, isUnreadable, type UnreadableFlow } from '../flow-state/unreadable-flow.ts'
import type { Core } from '../kernel/core.ts'
import { ENGINE } from '../lib/principals.ts'
import { slots } from '../records/flow-slots.ts'

/** The end of an open flow, written together with the change that ends it. */
export interface Ending {
  readonly before: OpenFlow | UnreadableFlow
  readonly next: FlowRecord
  /** The discovery key of the flow. */
  readonly key: string | null
}

type Account = Pick<FlowRecord, 'scope' | 'domain' | 'flowId'>

/** Finds and ends the other flows of an account: those that hold the slot of its unique id. */
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
   * Returns the end of another flow that holds the account, to write it when the account is set up; null if none
   * does.
   */
  async ending(account: Account, uniqueId: string | null, entryId: string): Promise<Ending | null> {
    const holder = uniqueId === null ? null : await this.#other(account, uniqueId)
    if (holder === null) return null
    if (isUnreadable(holder))
      return { before: holder, next: this.#repository.released(holder, 'already_configured'), key: null }
    const configured = { type: 'accountConfigured', entryId } as const
    const next = await this.#repository.recordAfter(holder, configured)
    return { before: holder, next, key: holder.context.found?.key ?? null }
  }

  /** Returns the end of the open reauthentication of an entry that another flow repairs; null without one. */
  async endingOfReauth(scope: string, entryId: string): Promise<Ending | null> {
    const query = { entryId, open: true, edits: true, limit: 1 } as const
    const [stored] = (await this.#core.store.findFlows(scope, query)).items
    const flow = stored === undefined || !isReadableFlow(stored) ? null : checkFlow(stored)
    if (flow?.open !== true || flow.source !== 'reauth') return null
    return { before: flow, next: await this.#repository.recordAfter(flow, 'entryRepaired'), key: null }
  }

  /** Ends another flow that holds an account that is already set up. */
  async end(account: Account, uniqueId: string, entryId: string): Promise<void> {
    const ending = await this.ending(account, uniqueId, entryId)
    if (ending !== null) await this.#repository.write(ending.before, ending.next, ENGINE, null)
  }

  /** Emits the events of an end after it was written. */
  announce({ next }: Ending): void {
    this.#repository.announce(checkFlow(next))
  }

  async #other(
    { scope, domain, flowId }: Account,
    uniqueId: string,
  ): Promise<OpenFlow | UnreadableFlow | null> {
    const flow = await this.#repository.holding(scope, domain, slots.account(uniqueId))
    return flow?.open === true && flow.flowId !== flowId ? flow : null
  }
}
