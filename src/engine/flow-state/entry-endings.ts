import type { Check, Write } from '../../ports/store.ts'
import { checkFlow, type OpenFlow } from './flow-record.ts'
import type { FlowRepository } from './flow-repository.ts'

/** An event of an entry that affects its flows. */
export type EntryEvent = 'entryRemoved' | 'entryDisabled' | 'entryRepaired'

/** The ends of flows after an event of their entry. */
export interface Endings {
  readonly writes: readonly Write[]
  /** Emits the events. Call it after the write. */
  announce(): void
}

/**
 * The ends of flows that wait, because of what happens to their entry. With `only`, they can be written only if the
 * entry has no other open flow by then.
 */
export async function endingsOf(
  repository: FlowRepository,
  waiting: readonly OpenFlow[],
  event: EntryEvent,
  only: Check | null = null,
): Promise<Endings> {
  const ends = await Promise.all(waiting.map((flow) => repository.recordAfter(flow, event)))
  return {
    writes: [
      ...(only === null ? [] : [only]),
      ...ends.map((record) => ({ put: 'flow', record, ifRevision: record.revision - 1 }) as const),
    ],
    announce: () => {
      for (const end of ends) repository.announce(checkFlow(end))
    },
  }
}
