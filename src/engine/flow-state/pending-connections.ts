import type { SnapshotFrom } from 'xstate'
import type { ConfigFlowContext } from '../../../machines/config-flow-types.ts'
import type { Clock } from '../../ports/clock.ts'
import { liveConnectionOf } from '../connections/live-connection.ts'
import { NO_FACTS } from '../integrations/compiled.ts'
import type { Core } from '../kernel/core.ts'
import type { Lifetime } from '../lib/lifetime.ts'
import { chartOf, type FlowMachine } from './flow-charts.ts'
import { flowKey } from './flow-name.ts'
import { type CheckedFlow, contextOf, DRAFT_LIFETIME, type OpenFlow } from './flow-record.ts'

/** A verified connection of a flow. */
export type PendingConnection = Pick<ConfigFlowContext, 'draft' | 'connection' | 'uniqueId'>

/** A flow and the revision of its record. */
interface FlowRevision {
  readonly scope: string
  readonly flowId: string
  readonly revision: number
}

/**
 * The verified connections that wait for a confirmation. A connection is held open only in this process, and no longer
 * than the lifetime of a draft. Afterwards its flow shows the form again.
 */
export class PendingConnections {
  readonly #clock: Clock
  readonly #lifetime: Lifetime
  readonly #held = new Map<
    string,
    { readonly revision: number; readonly pending: PendingConnection; readonly timer: unknown }
  >()

  constructor({ clock, lifetime }: Pick<Core, 'clock' | 'lifetime'>) {
    this.#clock = clock
    this.#lifetime = lifetime
  }

  /** Returns the connection of a flow at its stored revision. */
  of(flow: FlowRevision): PendingConnection | null {
    const held = this.#held.get(flowKey(flow))
    return held?.revision === flow.revision ? held.pending : null
  }

  /** Holds the connection of a waiting flow, and drops an earlier one, which was adopted or closed. */
  hold(flow: FlowRevision, { draft, connection, uniqueId }: PendingConnection): void {
    this.forget(flow)
    if (connection === null) return
    const key = flowKey(flow)
    const pending = { draft, connection, uniqueId }
    const timer = this.#clock.setTimeout(() => {
      this.#held.delete(key)
      void closePendingConnection(pending)
    }, DRAFT_LIFETIME)
    this.#held.set(key, { revision: flow.revision, pending, timer })
  }

  /** Holds the verified connection of the flow that `write` stores. Closes it if the flow does not wait. */
  async holdWhile(pending: PendingConnection, write: () => Promise<CheckedFlow>): Promise<CheckedFlow> {
    try {
      const flow = await write()
      if (flow.open && !this.#lifetime.ended) this.hold(flow, pending)
      else await closePendingConnection(pending)
      return flow
    } catch (error) {
      await closePendingConnection(pending)
      throw error
    }
  }

  /** Drops the connection, which has another owner now. */
  forget(flow: Omit<FlowRevision, 'revision'>): void {
    const key = flowKey(flow)
    this.#clock.clearTimeout(this.#held.get(key)?.timer)
    this.#held.delete(key)
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    const held = [...this.#held.values()]
    this.#held.clear()
    for (const { timer } of held) this.#clock.clearTimeout(timer)
    await Promise.all(held.map(({ pending }) => closePendingConnection(pending)))
  }
}

/** Closes a verified connection that cannot be confirmed, and revokes its grant. */
export async function closePendingConnection({
  draft,
  connection,
  uniqueId,
}: PendingConnection): Promise<void> {
  if (connection === null) return
  draft?.reveal().revokeGrant?.(uniqueId)
  await liveConnectionOf(connection).close()
}

/** Restores the snapshot of a waiting flow from its record. `pending`: the verified connection that it waits with. */
export function restore(
  { integrations }: Core,
  flow: OpenFlow,
  pending: PendingConnection | null = null,
): SnapshotFrom<FlowMachine> {
  // A flow whose integration was removed can still be cancelled, and expires.
  const facts = integrations.get(flow.domain)?.facts ?? NO_FACTS
  return chartOf(flow).driver.resume({ asking: flow.step }, { ...contextOf(flow, facts), ...pending })
}
