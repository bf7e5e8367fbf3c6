import type { DeviceView, ExternalView, Wordless } from '../../view.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { isAhead } from '../lib/stored-time.ts'
import {
  CODE_SIGN_IN_LIFETIME,
  codeContextOf,
  codeDriver,
  type DeviceSignInRecord,
  type Refusal,
  refusalOf,
} from './authorization-record.ts'
import type { OpenFlow } from './flow-record.ts'

/** The wait for the first code in milliseconds. */
const IMMEDIATELY = 0

/** Returns the view of a flow that waits for a sign-in. It never has a URL with a secret. */
export function signInView(
  view: 'external' | 'device',
  { flowId, context: { authorization } }: OpenFlow,
  shown: Omit<Wordless<ExternalView>, 'type' | 'url' | 'host'>,
  { integration: { authorize } }: Compiled,
): Wordless<ExternalView | DeviceView> {
  if (view === 'external') {
    const host = authorize?.grant === 'code' ? authorize.host : undefined
    return { ...shown, type: 'external', url: `oauth/begin/${flowId}`, ...(host !== undefined && { host }) }
  }
  const code = authorization?.machine === 'device-code@1' ? codeOf(authorization) : null
  return {
    ...shown,
    type: 'progress',
    step: 'device',
    ...(code ?? { interval: IMMEDIATELY, expiresAt: null }),
  }
}

function codeOf({ code }: DeviceSignInRecord) {
  const { verificationUriComplete: complete, ...rest } = code
  return { ...rest, ...(complete !== null && { verificationUriComplete: complete }) }
}

/** Returns the refusal of a sign-in without a callback in time; null if it is not late. */
export function expiredSignIn({ flowId, context }: OpenFlow, now: number): Refusal | null {
  const signIn = context.authorization
  if (
    signIn?.machine !== 'authorization-code@1' ||
    isAhead(signIn.request.expiresAt, now, CODE_SIGN_IN_LIFETIME)
  )
    return null
  const waiting = codeDriver.resume(signIn.step, codeContextOf(flowId, signIn))
  // All waiting states accept this event.
  const { snapshot } = codeDriver.send(waiting, { type: 'expire' }) as ReturnType<typeof codeDriver.start>
  return refusalOf(snapshot.context)
}
