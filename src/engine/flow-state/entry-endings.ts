import type { Write } from '../../ports/store.ts'
import type { OpenFlow } from './flow-record.ts'
import type { FlowRepository } from './flow-repository.ts'
import type { PlannedStep } from './planned-step.ts'
import { isUnreadable, type ReleaseReason, type UnreadableFlow } from './unreadable-flow.ts'

/** An event of an entry that affects its flows. */
export type EntryEvent = 'entryRemoved' | 'entryDisabled' | 'entryRepaired' | 'cancel'

/** The ends of flows after an event of their entry. */
export interface Endings {
  readonly writes: readonly Write[]
  /** Emits the events. Call it after the write. */
  announce(): void
}

/**
 * The ends of flows that wait, because of what happens to their entry. They are written only on the
 * conditions of `checks`.
 */
export async function endingsOf(
  repository: FlowRepository,
  waiting: readonly (OpenFlow | UnreadableFlow)[],
  event: EntryEvent,
  checks: readonly Write[] = [],
): Promise<Endings> {
  const ends = (await Promise.all(waiting.map((flow) => endOf(repository, flow, event)))).filter(
    (end) => end !== null,
  )
  return {
    writes: [
      ...checks,
      ...ends.map(({ record }) => ({ put: 'flow', record, ifRevision: record.revision - 1 }) as const),
    ],
    announce: () => {
      for (const end of ends) repository.announce(end)
    },
  }
}

/** The reasons of flows that cannot be read. A repair does not end them: another version may be running one. */
const released: Readonly<Record<EntryEvent, ReleaseReason | null>> = {
  entryRemoved: 'entry_removed',
  entryDisabled: 'entry_disabled',
  entryRepaired: null,
  cancel: 'cancelled',
}

/** Returns the end of a flow; null if it stays open. */
async function endOf(
  repository: FlowRepository,
  flow: OpenFlow | UnreadableFlow,
  event: EntryEvent,
): Promise<PlannedStep | null> {
  if (!isUnreadable(flow)) return repository.stepAfter(flow, event)
  const reason = released[event]
  return reason === null ? null : repository.released(flow, reason)
}
