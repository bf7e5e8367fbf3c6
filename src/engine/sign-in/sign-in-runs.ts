import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import type { Draft } from '../../../machines/draft.ts'
import type { View } from '../../view.ts'
import type { ParallelMachineName } from '../api/events.ts'
import type { Refusal } from '../flow-state/authorization-record.ts'
import { type FlowName, flowKey } from '../flow-state/flow-name.ts'
import type { CheckedFlow, OpenFlow } from '../flow-state/flow-record.ts'
import type { FlowRepository } from '../flow-state/flow-repository.ts'
import type { FlowUpdates } from '../flow-state/flow-updates.ts'
import type { Core } from '../kernel/core.ts'
import type { Driver, Step } from '../statecharts/driver.ts'
import { type Invocation, Run } from '../statecharts/runner.ts'

/** Runs the machines of sign-ins, and cancels their calls when the flow ends. */
export class SignInRuns {
  readonly #core: Core
  readonly #cancels = new Map<string, () => void>()

  constructor(core: Core) {
    this.#core = core
  }

  /** Runs a sign-in until its machine waits for an event. `before` is its previous state; null for a new sign-in. */
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
      stepped: (step, last) => this.publish(flow, driver, { ...step, before: last ?? before }),
    })
    this.#cancels.set(flowKey(flow), () => run.send({ type: 'cancel' } as never))
    try {
      await run.settled()
    } finally {
      this.#cancels.delete(flowKey(flow))
    }
    return run.snapshot
  }

  /** Emits a step of a sign-in. */
  publish<Machine extends AnyStateMachine>(
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
    this.#core.events.step(of, { event, snapshot, failures, before })
  }

  /** Cancels the call of a flow's sign-in, if there is one. */
  cancel(flow: FlowName): void {
    this.#cancels.get(flowKey(flow))?.()
  }
}

/** The functions that sign-ins need from `Flows`, which contains them. */
export interface SignInHost {
  readonly repository: FlowRepository
  readonly updates: FlowUpdates
  readonly runs: SignInRuns
  /** Runs a function while it holds the lock of the flow. */
  locked<Result>(scope: string, flowId: string, run: () => Promise<Result>): Promise<Result>
  view(flow: CheckedFlow): View
  /** Verifies the granted values and returns the next view of the flow. */
  authorized(flow: OpenFlow, draft: Draft, principal: string): Promise<View>
  /** Shows why a sign-in failed in the flow, or ends the flow. */
  refused(flow: OpenFlow, refusal: Refusal, principal: string): Promise<CheckedFlow>
}
