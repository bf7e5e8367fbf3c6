import type { FormErrorCode } from '../../../machines/form-errors.ts'
import { codeDriver } from './authorization-drivers.ts'
import { codeContextOf, refusalOf } from './authorization-record.ts'
import type { OpenFlow } from './flow-record.ts'

/** Returns the error of a sign-in without a callback in time; null if it is not late. */
export function expiredSignIn({ flowId, context }: OpenFlow, now: number): FormErrorCode | null {
  const at = context.authorization
  if (at?.machine !== 'authorization-code@1' || at.request.expiresAt > now) return null
  const waiting = codeDriver.resume(at.step, codeContextOf(flowId, at))
  // It takes this wherever it waits.
  const { snapshot } = codeDriver.send(waiting, { type: 'expire' }) as ReturnType<typeof codeDriver.start>
  return refusalOf(snapshot.context)
}
