/** Ends an authorization request without access, for a reason. */
export const refuse = <Reason extends string>(reason: Reason) =>
  ({ target: 'refused', actions: { type: 'end', params: { reason } } }) as const

/** Ends an authorization request that was not answered in time. */
export const expire = {
  target: 'expired',
  actions: { type: 'end', params: { reason: 'authorize_expired' } },
} as const
