import type { ClaimPollResult } from '../../../machines/device-code-setup.ts'
import type { CheckedFlow, OpenFlow } from '../flow-state/flow-record.ts'
import type { FlowRepository } from '../flow-state/flow-repository.ts'
import type { Core } from '../kernel/core.ts'
import type { HeldLease } from '../kernel/leases.ts'

/** The right of this process to contact the service of a device code. */
export class PollClaim {
  readonly #core: Core
  readonly #repository: FlowRepository
  readonly #read: OpenFlow
  /** The flow as it was read last. */
  flow: CheckedFlow
  /** Whether another process has the right, or has changed the flow. */
  isBusy = false
  /** The error that prevented the claim. */
  error: unknown
  #lease: Promise<HeldLease | null> | null = null

  constructor(core: Core, repository: FlowRepository, flow: OpenFlow) {
    this.#core = core
    this.#repository = repository
    this.#read = flow
    this.flow = flow
  }

  /** Claims the right, unless another process has it, or has changed the flow since it was read. */
  async claim(): Promise<ClaimPollResult> {
    const { scope, flowId, revision } = this.#read
    try {
      this.#lease = this.#core.leases.claim({ scope, kind: 'task', id: `poll-${flowId}` })
      // Another process may have received the answer of the service before the lease was claimed.
      if ((await this.#lease) !== null) this.flow = await this.#repository.current(scope, flowId)
      this.isBusy = (await this.#lease) === null || this.flow.revision !== revision
      return { type: this.isBusy ? 'busy' : 'claimed' }
    } catch (error) {
      this.error = error
      throw error
    }
  }

  async release(): Promise<void> {
    const lease = await this.#lease?.catch(() => null)
    await lease?.release()
  }
}
