import type { FlowRecord } from '../../ports/store.ts'
import { checkFlow, type OpenFlow } from '../flow-state/flow-record.ts'
import type { FlowRepository } from '../flow-state/flow-repository.ts'
import type { Core } from '../kernel/core.ts'
import { ENGINE } from '../lib/principals.ts'
import { slots } from '../records/flow-slots.ts'

/** The end of an open flow, to be written with what ends it. */
export interface Ending {
  readonly before: OpenFlow
  readonly next: FlowRecord
}

type Account = Pick<FlowRecord, 'scope' | 'domain' | 'flowId'>

/** The flows that hold an identity, seen by another that has to do with it. */
export class AccountClaims {
  readonly #core: Core
  readonly #repository: FlowRepository

  constructor(core: Core, repository: FlowRepository) {
    this.#core = core
    this.#repository = repository
  }

  /** Whether another flow holds it now; one whose time is over holds nothing any more. */
  async isHeld(account: Account, uniqueId: string): Promise<boolean> {
    const holder = await this.#other(account, uniqueId)
    return holder !== null && (await this.#repository.current(holder.scope, holder.flowId)).open
  }

  /** The end of the flow that holds an account which is linked now; null where none does. */
  async ending(account: Account, uniqueId: string | null): Promise<Ending | null> {
    const holder = uniqueId === null ? null : await this.#other(account, uniqueId)
    if (holder === null) return null
    return { before: holder, next: await this.#repository.after(holder, 'accountConfigured') }
  }

  /** Ends the flow that holds an account which is linked already, if one was left open. */
  async end(account: Account, uniqueId: string): Promise<void> {
    const ending = await this.ending(account, uniqueId)
    if (ending !== null) await this.#repository.write(ending.before, ending.next, ENGINE, null)
  }

  /** Tells listeners of an end that was written. */
  announce({ next }: Ending): void {
    this.#repository.announce(checkFlow(next))
  }

  async #other({ scope, domain, flowId }: Account, uniqueId: string): Promise<OpenFlow | null> {
    const stored = await this.#core.store.getFlowHolding(scope, domain, slots.account(uniqueId))
    const flow = stored === undefined ? null : checkFlow(stored)
    return flow?.open === true && flow.flowId !== flowId ? flow : null
  }
}
