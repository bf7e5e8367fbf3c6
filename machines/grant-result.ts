import type { Draft } from './draft.ts'
import type { FormErrorCode } from './form-errors.ts'

/** The explanation of a failed sign-in by the integration. `ends`: whether it ends the flow. */
export type SignInRefusal = Pick<FormErrorCode, 'params' | 'advice' | 'docs'> & { readonly ends?: true }

/** A request of a sign-in that failed. `until`: when the service accepts the next one, in milliseconds since the epoch. */
export interface SignInFailed {
  readonly type: 'failed'
  readonly error: string
  readonly until?: number
  /** Absent if the integration has not explained it. */
  readonly refusal?: SignInRefusal
}

/** The result of an authorization request, after the user or the service has answered. */
export type GrantResult =
  /** The draft contains the granted values. They are not verified yet. */
  | { readonly type: 'granted'; readonly draft: Draft }
  /** The user denied access, or the service demands the consent of an administrator. */
  | { readonly type: 'rejected'; readonly reason?: 'consent_required' }
  | SignInFailed

/** The result of a sign-in at the service. */
export interface AuthorizationOutput {
  readonly draft: Draft | null
  /** The error code; `null` if access was granted. */
  readonly reason: string | null
  readonly until: number | null
  readonly refusal?: SignInRefusal
  /** Whether a later sign-in cannot use the values that were prepared for this one. */
  readonly isSpent: boolean
}

/** The guards of the answers to a sign-in. */
export const answerGuards = {
  granted: (_: unknown, { type }: { readonly type: string }) => type === 'granted',
  isRejected: (_: unknown, { type }: { readonly type: string }) => type === 'rejected',
  needsConsent: (_: unknown, { type, reason }: { readonly type: string; readonly reason?: string }) =>
    type === 'rejected' && reason === 'consent_required',
}

/** Returns why a request failed; nothing if it has not. */
export const explanationOf = (
  result: SignInFailed | { readonly type: string },
): Partial<Omit<AuthorizationOutput, 'draft'>> => {
  if (!('error' in result)) return {}
  const { error: reason, until = null, refusal } = result
  // The service may not accept the client of the request.
  const isSpent = reason === 'authorize_failed'
  return { reason, until, isSpent, ...(refusal !== undefined && { refusal }) }
}
