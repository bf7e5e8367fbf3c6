import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import type { ParallelMachineName } from '../api/events.ts'
import { type FlowName, flowKey } from '../flow-state/flow-key.ts'
import type { Core } from '../kernel/core.ts'
import { publishStep } from '../kernel/publish-step.ts'
import type { Driver, Step } from '../statecharts/driver.ts'
import { type Invocation, Run } from '../statecharts/runner.ts'

/** The sign-ins that are asking a service in this process. */
export class SignInRuns {
  readonly #core: Core
  readonly #cancels = new Map<string, () => void>()

  constructor(core: Core) {
    this.#core = core
  }

  /** Has a sign-in ask until it rests. `before` is where it stood; null at its start. */
  async settle<Machine extends AnyStateMachine>(
    flow: FlowName,
    driver: Driver<Machine>,
    {
      from,
      before,
      perform,
    }: {
      readonly from: Step<Machine>
      readonly before: Step<Machine>['snapshot'] | null
      readonly perform: (invocation: Invocation) => Promise<unknown>
    },
  ): Promise<Step<Machine>['snapshot']> {
    const run = new Run(driver, from, {
      clock: this.#core.clock,
      perform,
      stepped: (step, last) => this.stepped(flow, driver, { ...step, before: last ?? before }),
    })
    this.#cancels.set(flowKey(flow), () => run.send({ type: 'cancel' } as never))
    try {
      await run.settled()
    } finally {
      this.#cancels.delete(flowKey(flow))
    }
    return run.snapshot
  }

  /** Tells of a step of a sign-in. */
  stepped<Machine extends AnyStateMachine>(
    { scope, flowId }: FlowName,
    { machine }: Driver<Machine>,
    {
      event,
      snapshot,
      failures,
      before,
    }: Pick<Step<Machine>, 'event' | 'snapshot' | 'failures'> & {
      readonly before: AnyMachineSnapshot | null
    },
  ): void {
    const of = { scope, machine: machine.id as ParallelMachineName, id: flowId }
    publishStep(this.#core, of, { event, snapshot, failures, before })
  }

  /** Calls a flow's question back. */
  cancel(flow: FlowName): void {
    this.#cancels.get(flowKey(flow))?.()
  }
}
