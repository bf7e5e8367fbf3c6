import type { FlowRecord } from '../../ports/store.ts'
import { type FlowName, flowKey } from '../flow-state/flow-key.ts'
import type { FlowRun } from '../flow-work/flow-run.ts'

/** The working flows of this process, by flow and by entry. */
export class ActiveFlows {
  readonly #byFlow = new Map<string, FlowRun>()
  readonly #byEntry = new Map<string, Set<FlowRun>>()

  has(flow: FlowName): boolean {
    return this.#byFlow.has(flowKey(flow))
  }

  /** The work of a flow, while there is some to be waited for. */
  of(flow: FlowName): FlowRun | undefined {
    const work = this.#byFlow.get(flowKey(flow))
    return work?.run.working === true ? work : undefined
  }

  /** Has a flow work until it rests. */
  async run(
    work: FlowRun,
    flow: Pick<FlowRecord, 'scope' | 'flowId' | 'entryId'>,
    begin: () => void,
  ): Promise<void> {
    const ofEntry = flow.entryId === null ? null : entryKey(flow.scope, flow.entryId)
    this.#byFlow.set(flowKey(flow), work)
    const beside = (ofEntry !== null && this.#byEntry.get(ofEntry)) || new Set()
    if (ofEntry !== null) this.#byEntry.set(ofEntry, beside.add(work))
    try {
      begin()
      await work.run.settled()
    } finally {
      this.#byFlow.delete(flowKey(flow))
      beside.delete(work)
      if (ofEntry !== null && beside.size === 0) this.#byEntry.delete(ofEntry)
    }
  }

  /** Tells those that are about an entry; one that is saving is past being told. */
  tell(scope: string, entryId: string, event: 'entryRemoved' | 'entryDisabled'): void {
    const beside = [...(this.#byEntry.get(entryKey(scope, entryId)) ?? [])]
    for (const { run } of beside.filter((work) => work.run.working)) run.send({ type: event })
  }
}

const entryKey = (scope: string, entryId: string): string => `${scope}\n${entryId}`
