import type { CheckFailed, CheckResult } from './check-result.ts'
import type { ConfigFlowContext } from './config-flow-types.ts'
import type { FormErrors } from './form-errors.ts'

/** Returns the errors of the form after a failure. */
export const errorsOf = ({
  type: _,
  error: code,
  at = 'base',
  unlisted: __,
  ...error
}: CheckFailed & { readonly unlisted?: readonly string[] }): FormErrors => ({
  [at]: { code, ...error },
})

/** Returns the reason why an import ends: the refusal of the service or the integration, or a request for input. */
export function unattendedEnd(result: CheckResult): Pick<ConfigFlowContext, 'reason' | 'params'> {
  if (result.type === 'failed') return { reason: result.error, params: result.params }
  if (result.type === 'aborted') return { reason: result.reason, params: result.params }
  return { reason: result.type === 'wrong_account' ? 'wrong_account' : 'challenge_required' }
}
