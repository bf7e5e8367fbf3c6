import type { Draft } from '../../../machines/draft.ts'
import type { View } from '../../view.ts'
import { type FlowName, flowKey } from '../flow-state/flow-name.ts'
import { DRAFT_LIFETIME } from '../flow-state/flow-record.ts'
import type { Core } from '../kernel/core.ts'

/** The error codes of a connection that may work at the next attempt with the same grant. */
const PASSES: ReadonlySet<string> = new Set(['cannot_connect', 'timeout', 'rate_limited'])

/**
 * Returns why the connection with a grant failed; null if it did not fail, or if the flow has revoked the grant of
 * another account.
 */
export function failedGrant(view: View): string | null {
  const isSignIn = view.type === 'external' || view.type === 'progress'
  const code = isSignIn && 'errors' in view ? view.errors.base?.code : undefined
  return code === undefined || code === 'wrong_account' ? null : code
}

/** Whether the same grant may work at the next attempt. */
export const mayPass = (code: string): boolean => PASSES.has(code)

/**
 * The grants of open flows whose connection failed for a reason that passes. The next sign-in of the flow uses the
 * grant, so that the user need not sign in again. A grant is held only in this process, and no longer than the
 * lifetime of a draft. Afterwards, or when its flow ends, it is revoked.
 */
export class HeldGrants {
  readonly #core: Core
  readonly #held = new Map<string, { readonly draft: Draft; readonly timer: unknown }>()

  constructor(core: Core) {
    this.#core = core
    core.events.on('flow_finished', (flow) => this.#revoke(flow))
  }

  hold(flow: FlowName, draft: Draft): void {
    const timer = this.#core.clock.setTimeout(() => this.#revoke(flow), DRAFT_LIFETIME)
    this.#held.set(flowKey(flow), { draft, timer })
  }

  /** Returns the grant of a flow, which the caller now owns; null without one. */
  take(flow: FlowName): Draft | null {
    const held = this.#held.get(flowKey(flow))
    if (held === undefined) return null
    this.#core.clock.clearTimeout(held.timer)
    this.#held.delete(flowKey(flow))
    return held.draft
  }

  /** Ends all timers, because the process ends. */
  stop(): void {
    for (const { timer } of this.#held.values()) this.#core.clock.clearTimeout(timer)
    this.#held.clear()
  }

  #revoke(flow: FlowName): void {
    this.take(flow)?.reveal().revokeGrant?.(null)
  }
}
