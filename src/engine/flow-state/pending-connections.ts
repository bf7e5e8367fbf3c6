import type { ConfigFlowContext } from '../../../machines/config-flow-types.ts'
import type { Clock } from '../../ports/clock.ts'
import { liveConnectionOf } from '../connections/live-connection.ts'
import { flowKey } from './flow-key.ts'
import { type CheckedFlow, DRAFT_LIFE } from './flow-record.ts'

/** What a flow has proven. */
type Proof = Pick<ConfigFlowContext, 'draft' | 'connection' | 'uniqueId'>

/** Which flow, and as of which of its records. */
interface Name {
  readonly scope: string
  readonly flowId: string
  readonly revision: number
}

/**
 * What flows have proven and nobody has confirmed yet. A connection is held open in this process alone, and no longer
 * than a draft is kept; where it is not held any more, its flow asks again.
 */
export class PendingConnections {
  readonly #clock: Clock
  readonly #held = new Map<
    string,
    { readonly revision: number; readonly proof: Proof; readonly timer: unknown }
  >()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What is held for a flow as it is stored now. */
  of(flow: Name): Proof | null {
    const held = this.#held.get(flowKey(flow))
    return held?.revision === flow.revision ? held.proof : null
  }

  /** Holds what a flow waits with from now on, and lets go of whatever was held for it: that has been adopted or closed. */
  keep(flow: Name, { draft, connection, uniqueId }: Proof): void {
    this.forget(flow)
    if (connection === null) return
    const key = flowKey(flow)
    const proof = { draft, connection, uniqueId }
    const timer = this.#clock.setTimeout(() => {
      this.#held.delete(key)
      void closePendingConnection(proof)
    }, DRAFT_LIFE)
    this.#held.set(key, { revision: flow.revision, proof, timer })
  }

  /** Holds what was proven for as long as the flow waits that is written with it; closes it where none does. */
  async kept(proof: Proof, write: () => Promise<CheckedFlow>): Promise<CheckedFlow> {
    try {
      const flow = await write()
      if (flow.open) this.keep(flow, proof)
      else await closePendingConnection(proof)
      return flow
    } catch (error) {
      await closePendingConnection(proof)
      throw error
    }
  }

  /** Somebody else has it now. */
  forget(flow: Omit<Name, 'revision'>): void {
    const key = flowKey(flow)
    this.#clock.clearTimeout(this.#held.get(key)?.timer)
    this.#held.delete(key)
  }

  /** Closes all that is held. */
  async close(): Promise<void> {
    const held = [...this.#held.values()]
    this.#held.clear()
    for (const { timer } of held) this.#clock.clearTimeout(timer)
    await Promise.all(held.map(({ proof }) => closePendingConnection(proof)))
  }
}

/** Closes what was proven where nobody can confirm it, and gives back what was granted for it. */
export async function closePendingConnection({ draft, connection, uniqueId }: Proof): Promise<void> {
  if (connection === null) return
  draft?.reveal().revokeGrant?.(uniqueId)
  await liveConnectionOf(connection).close()
}
