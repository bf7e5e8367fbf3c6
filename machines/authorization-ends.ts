import type { AuthorizationOutput } from './grant-result.ts'

/** Ends an authorization request without access, for a reason. */
export const refuse = <Reason extends string>(reason: Reason) =>
  ({ target: 'refused', actions: { type: 'end', params: { reason } } }) as const

/** Ends an authorization request that was not answered in time. */
export const expire = {
  target: 'expired',
  actions: { type: 'end', params: { reason: 'authorize_expired' } },
} as const

type OutputOf<Result> = (given: { event: { output: Result } }) => Result

/** Transitions after the answer to a request: with access, or without it for a reason. */
export const afterAnswer = <Result>(params: OutputOf<Result>) =>
  [
    {
      guard: { type: 'granted', params },
      target: 'authorized',
      actions: { type: 'rememberGrant', params },
    },
    { guard: { type: 'needsConsent', params }, ...refuse('consent_required') },
    { guard: { type: 'isRejected', params }, ...refuse('authorize_rejected') },
    { target: 'refused', actions: { type: 'explain', params } },
  ] as const

/** Returns the output of a sign-in. */
export const outputOf = ({ context }: { context: AuthorizationOutput }): AuthorizationOutput => {
  const { draft, reason, until, refusal, isSpent } = context
  return { draft, reason, until, isSpent, ...(refusal !== undefined && { refusal }) }
}
