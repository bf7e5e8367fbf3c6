import type { FormErrorCode } from '../../../machines/form-errors.ts'
import { codeDriver } from './authorization-drivers.ts'
import { codeContextOf, refusalOf } from './authorization-record.ts'
import type { OpenFlow } from './flow-record.ts'

/** Returns the error of a sign-in without a callback in time; null if it is not late. */
export function expiredSignIn({ flowId, context }: OpenFlow, now: number): FormErrorCode | null {
  const signIn = context.authorization
  if (signIn?.machine !== 'authorization-code@1' || signIn.request.expiresAt > now) return null
  const waiting = codeDriver.resume(signIn.step, codeContextOf(flowId, signIn))
  // All waiting states accept this event.
  const { snapshot } = codeDriver.send(waiting, { type: 'expire' }) as ReturnType<typeof codeDriver.start>
  return refusalOf(snapshot.context)
}
