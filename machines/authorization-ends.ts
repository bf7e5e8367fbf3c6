/** Ends a request for access without it, and says why. */
export const refuse = <Reason extends string>(reason: Reason) =>
  ({ target: 'refused', actions: { type: 'end', params: { reason } } }) as const

/** Ends a request for access that nobody has answered in time. */
export const expire = {
  target: 'expired',
  actions: { type: 'end', params: { reason: 'authorize_expired' } },
} as const
