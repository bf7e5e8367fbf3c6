import { FlowEndedError, StaleRevisionError, UnknownFlowError } from '../../errors.ts'
import type { EntryRecord, FlowRecord } from '../../ports/store.ts'
import type { View } from '../../view.ts'
import type { Core } from '../kernel/core.ts'
import type { HeldLease } from '../kernel/leases.ts'
import { newId } from '../lib/new-id.ts'
import type { Reserved } from '../login-budget/attempts-gate.ts'
import { type CheckedFlow, checkFlow, type OpenFlow } from './flow-record.ts'
import type { FlowRepository } from './flow-repository.ts'

/** A flow that this process works on, as it was read with the claim. */
export interface ClaimedFlow {
  readonly flow: OpenFlow
  /** The entry of the flow; null without one, and if it was removed. */
  readonly entry: EntryRecord | null
  readonly lease: HeldLease
  /** The reserved attempt; null if the step makes no login. */
  readonly reserved: Reserved | null
  readonly principal: string
}

/** The flow to claim: its expected revision, and the principal. */
interface ClaimRequest {
  readonly scope: string
  readonly flowId: string
  readonly revision: number
  readonly principal: string
}

/** Claims flows in the store, so that one process at a time works on a flow. */
export class FlowClaims {
  readonly #core: Core
  readonly #repository: FlowRepository
  readonly #view: (flow: CheckedFlow) => View

  constructor(core: Core, repository: FlowRepository, view: (flow: CheckedFlow) => View) {
    this.#core = core
    this.#repository = repository
    this.#view = view
  }

  /**
   * Works on a flow, and returns the view of the result. Returns the view of its progress if another process works on it.
   *
   * @throws UnknownFlowError, FlowEndedError, StaleRevisionError, and any error of `work`
   */
  async run(
    { scope, flowId, revision, principal }: ClaimRequest,
    work: (claimed: ClaimedFlow) => Promise<CheckedFlow>,
  ): Promise<View> {
    const { store, leases } = this.#core
    const { term } = leases
    const id = newId()
    const name = { scope, kind: 'flow', id: flowId } as const
    const begun = await leases.claiming([name], () =>
      store.leases.beginWork(scope, flowId, { revision, term, reserve: { id, principal } }),
    )
    if (begun === undefined) throw new UnknownFlowError(flowId)
    if (begun.type === 'busy') return this.#view(checkFlow(begun.flow))
    if (begun.type !== 'claimed') return this.#refuse(checkFlow(begun.flow), 'unclaimed')
    const lease = leases.hold(name, begun.fence, term)
    const reserved = begun.budget === null ? null : { id, budget: begun.budget }
    if (reserved !== null) leases.reserved({ id })
    try {
      const flow = checkFlow(begun.flow) as OpenFlow
      const current = await this.#repository.expired(flow, lease)
      // Not without `await`: it would be rejected while the claim ends, when nothing handles it yet.
      if (current !== flow) return await this.#refuse(current, lease)
      return this.#view(await work({ flow, entry: begun.entry, lease, reserved, principal }))
    } finally {
      await this.#leave(lease, reserved, begun.flow)
    }
  }

  /** Refuses a call on a flow that has ended or has another revision. */
  async #refuse(stored: CheckedFlow, guard: HeldLease | 'unclaimed'): Promise<never> {
    const flow = stored.open ? await this.#repository.expired(stored, guard) : stored
    if (flow.open) throw new StaleRevisionError(this.#view(flow))
    throw new FlowEndedError(this.#view(flow))
  }

  /** Ends the claim and the reservation that no write has ended. */
  async #leave(
    lease: HeldLease,
    reserved: Reserved | null,
    { scope, budget: key }: FlowRecord,
  ): Promise<void> {
    const { leases } = this.#core
    const isHeld = leases.has(lease)
    const isReserved = reserved !== null && key !== undefined && leases.isReserved(reserved.id)
    if (isHeld) lease.forget()
    if (isReserved) leases.settled(reserved.id)
    const names = [...(isHeld ? [lease.name] : []), ...(isReserved ? [{ scope, key, id: reserved.id }] : [])]
    if (names.length > 0) await leases.release(...names)
  }
}
