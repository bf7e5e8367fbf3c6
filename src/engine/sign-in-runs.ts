import type { AnyStateMachine } from 'xstate'
import type { Driver, Step } from './driver.ts'
import { type FlowName, flowKey } from './flows-at-work.ts'
import { Run, type Turn } from './run.ts'

/** The sign-ins that are asking a service in this process. */
export class SignInRuns {
  readonly #cancels = new Map<string, () => void>()

  /** Has a sign-in ask until it rests. */
  async settle<Machine extends AnyStateMachine>(
    flow: FlowName,
    driver: Driver<Machine>,
    { from, perform }: { from: Step<Machine>; perform: (turn: Turn) => Promise<unknown> },
  ): Promise<Step<Machine>['snapshot']> {
    const run = new Run(driver, from, { perform, stepped() {}, late() {} })
    this.#cancels.set(flowKey(flow), () => run.send({ type: 'cancel' } as never))
    try {
      await run.settled()
    } finally {
      this.#cancels.delete(flowKey(flow))
    }
    return run.snapshot
  }

  /** Calls a flow's question back. */
  cancel(flow: FlowName): void {
    this.#cancels.get(flowKey(flow))?.()
  }
}
