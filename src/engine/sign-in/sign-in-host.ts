import type { Draft } from '../../../machines/draft.ts'
import type { FormErrorCode } from '../../../machines/form-errors.ts'
import type { View } from '../../view.ts'
import type { CheckedFlow, OpenFlow } from '../flow-state/flow-record.ts'
import type { FlowRepository } from '../flow-state/flow-repository.ts'
import type { FlowUpdates } from '../flow-state/flow-updates.ts'
import type { SignInRuns } from './sign-in-runs.ts'

/** What sign-ins need of the flows that they are part of. */
export interface SignInHost {
  readonly repository: FlowRepository
  readonly records: FlowUpdates
  readonly runs: SignInRuns
  /** Runs while nobody else moves the flow. */
  locked<Result>(scope: string, flowId: string, run: () => Promise<Result>): Promise<Result>
  view(flow: CheckedFlow): View
  /** Tries what a service granted, and answers with what the flow shows then. */
  authorized(flow: OpenFlow, draft: Draft, principal: string): Promise<View>
  /** Shows why a service granted nothing. */
  refused(flow: OpenFlow, error: FormErrorCode, principal: string): Promise<View>
}
