import type { Draft } from '../../../machines/draft.ts'
import type { FormErrorCode } from '../../../machines/form-errors.ts'
import type { View } from '../../view.ts'
import type { CheckedFlow, OpenFlow } from '../flow-state/flow-record.ts'
import type { FlowRepository } from '../flow-state/flow-repository.ts'
import type { FlowUpdates } from '../flow-state/flow-updates.ts'
import type { SignInRuns } from './sign-in-runs.ts'

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
  /** Shows the error of the sign-in in the flow. */
  refused(flow: OpenFlow, error: FormErrorCode, principal: string): Promise<View>
}
