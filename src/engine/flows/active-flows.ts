import type { FlowRecord } from '../../ports/store.ts'
import { type FlowName, flowKey } from '../flow-state/flow-name.ts'
import type { FlowRun } from '../flow-work/flow-run.ts'
import type { Core } from '../kernel/core.ts'

/** The working flows of this process, by flow and by entry. */
export class ActiveFlows {
  readonly #core: Pick<Core, 'clock' | 'telemetry'>
  readonly #byFlow = new Map<string, FlowRun>()
  readonly #byEntry = new Map<string, Set<FlowRun>>()
  /** The flows whose work is cancelled as soon as it begins. */
  readonly #cancelled = new Set<string>()

  constructor(core: Pick<Core, 'clock' | 'telemetry'>) {
    this.#core = core
  }

  has(flow: FlowName): boolean {
    return this.#byFlow.has(flowKey(flow))
  }

  /** Returns the run of a flow if it is working. */
  of(flow: FlowName): FlowRun | undefined {
    const flowRun = this.#byFlow.get(flowKey(flow))
    return flowRun?.run.working === true ? flowRun : undefined
  }

  /** Runs a flow until it waits or ends. */
  async run(
    flowRun: FlowRun,
    flow: Pick<FlowRecord, 'scope' | 'flowId' | 'entryId' | 'domain' | 'source' | 'step' | 'updatedAt'>,
    begin: () => void,
  ): Promise<void> {
    const key = flow.entryId === null ? null : entryKey(flow.scope, flow.entryId)
    this.#byFlow.set(flowKey(flow), flowRun)
    const ofSameEntry = (key !== null && this.#byEntry.get(key)) || new Set()
    if (key !== null) this.#byEntry.set(key, ofSameEntry.add(flowRun))
    const { domain, source, step } = flow
    const { clock, telemetry } = this.#core
    telemetry.measure({ type: 'step_answered', domain, source, step, ms: clock.now() - flow.updatedAt })
    try {
      await telemetry.span('flow.work', { domain, source, step }, async () => {
        begin()
        if (this.#cancelled.has(flowKey(flow))) flowRun.run.send({ type: 'cancel' })
        await flowRun.run.settled()
      })
    } finally {
      this.#byFlow.delete(flowKey(flow))
      ofSameEntry.delete(flowRun)
      if (key !== null && ofSameEntry.size === 0) this.#byEntry.delete(key)
    }
  }

  /** Waits for `ended`. If the work of the flow begins until then, it is cancelled. */
  async cancelUntil<Result>(flow: FlowName, ended: () => Promise<Result>): Promise<Result> {
    this.#cancelled.add(flowKey(flow))
    try {
      return await ended()
    } finally {
      this.#cancelled.delete(flowKey(flow))
    }
  }

  /** Sends an event to the working flows of an entry. A flow that is saving ignores it. */
  send(scope: string, entryId: string, event: 'entryRemoved' | 'entryDisabled'): void {
    const ofSameEntry = [...(this.#byEntry.get(entryKey(scope, entryId)) ?? [])]
    for (const { run } of ofSameEntry.filter((flowRun) => flowRun.run.working)) run.send({ type: event })
  }
}

const entryKey = (scope: string, entryId: string): string => `${scope}\n${entryId}`
