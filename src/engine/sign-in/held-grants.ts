import type { Draft } from '../../../machines/draft.ts'
import { type FlowName, flowKey } from '../flow-state/flow-name.ts'
import { DRAFT_LIFETIME } from '../flow-state/flow-record.ts'
import type { Core } from '../kernel/core.ts'

interface Held {
  readonly draft: Draft
  readonly timer: unknown
}

/**
 * The grants of open flows whose connection failed for a reason that passes. The next sign-in of the flow uses the
 * newest one, so that the user need not sign in again. A grant is held only in this process, and no longer than the
 * lifetime of a draft. Afterwards, or when its flow ends, it is revoked.
 */
export class HeldGrants {
  readonly #core: Core
  readonly #held = new Map<string, Held[]>()

  constructor(core: Core) {
    this.#core = core
    core.events.on('flow_finished', (flow) => this.#drop(flowKey(flow)))
  }

  hold(flow: FlowName, draft: Draft): void {
    const key = flowKey(flow)
    const timer = this.#core.clock.setTimeout(() => {
      this.#forget(key, draft)
      draft.reveal().revokeGrant?.(null)
    }, DRAFT_LIFETIME)
    this.#held.set(key, [...(this.#held.get(key) ?? []), { draft, timer }])
  }

  /** Returns the newest grant of a flow, which the caller now owns; null without one. */
  take(flow: FlowName): Draft | null {
    const key = flowKey(flow)
    const draft = this.#held.get(key)?.at(-1)?.draft ?? null
    if (draft !== null) this.#forget(key, draft)
    return draft
  }

  /** Ends all timers, because the process ends. */
  stop(): void {
    for (const { timer } of [...this.#held.values()].flat()) this.#core.clock.clearTimeout(timer)
    this.#held.clear()
  }

  #drop(key: string): void {
    for (const { draft } of this.#held.get(key) ?? []) {
      this.#forget(key, draft)
      draft.reveal().revokeGrant?.(null)
    }
  }

  #forget(key: string, draft: Draft): void {
    const held = this.#held.get(key) ?? []
    this.#core.clock.clearTimeout(held.find((one) => one.draft === draft)?.timer)
    const others = held.filter((one) => one.draft !== draft)
    if (others.length === 0) this.#held.delete(key)
    else this.#held.set(key, others)
  }
}
