import { FlowEndedError, StaleRevisionError } from '../../errors.ts'
import type { View } from '../../view.ts'
import { isConflict } from '../lib/conflicts.ts'
import type { CheckedFlow, OpenFlow } from './flow-record.ts'
import type { FlowRepository, FlowWriteOptions } from './flow-repository.ts'
import type { PlannedStep } from './planned-step.ts'

/** The parts of the engine that flow updates need. */
interface FlowHost {
  readonly view: (flow: CheckedFlow) => View
  /** Called when another process, or a commit whose answer was lost, has ended a flow of an entry. */
  readonly changed: (scope: string, entryId: string) => void
}

/** Reads and writes flows, and rejects stale revisions with the current view. */
export class FlowUpdates {
  readonly #repository: FlowRepository
  readonly #view: FlowHost['view']
  readonly #changed: FlowHost['changed']

  constructor(repository: FlowRepository, { view, changed }: FlowHost) {
    this.#repository = repository
    this.#view = view
    this.#changed = changed
  }

  /**
   * Returns a flow if its revision is the expected one. @throws UnknownFlowError, FlowEndedError, StaleRevisionError
   */
  async expected(scope: string, flowId: string, revision: number): Promise<OpenFlow> {
    const flow = await this.#repository.current(scope, flowId)
    if (!flow.open) throw new FlowEndedError(this.#view(flow))
    if (flow.revision !== revision) throw new StaleRevisionError(this.#view(flow))
    return flow
  }

  /** Writes the next step of a flow. Returns its end if another process has ended it. @throws StaleRevisionError */
  async save(
    flow: OpenFlow,
    next: PlannedStep,
    principal: string,
    options: FlowWriteOptions,
  ): Promise<CheckedFlow> {
    try {
      return await this.#repository.write(flow, next, principal, options)
    } catch (error) {
      if (isConflict(error, 'flow')) return this.readChanged(flow)
      throw error
    }
  }

  /**
   * Returns the record that another process, or a commit whose answer was lost, has written. Returns the unchanged one if
   * another process has taken the flow over.
   *
   * @throws StaleRevisionError if the flow waits for other input
   */
  async readChanged({ scope, flowId, revision }: OpenFlow): Promise<CheckedFlow> {
    const flow = await this.#repository.load(scope, flowId)
    if (flow.open && flow.revision !== revision) throw new StaleRevisionError(this.#view(flow))
    if (!flow.open && flow.entryId !== null) this.#changed(scope, flow.entryId)
    return flow
  }
}
