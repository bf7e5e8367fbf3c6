import type { Draft } from './draft.ts'

/** The result of an authorization request, after the user or the service has answered. */
export type GrantResult =
  /** The draft contains the granted values. They are not verified yet. */
  | { readonly type: 'granted'; readonly draft: Draft }
  /** The user denied access, or the service demands the consent of an administrator. */
  | { readonly type: 'rejected'; readonly reason?: 'consent_required' }
  /** `until`: when the service accepts the next request, in milliseconds since the epoch. */
  | { readonly type: 'failed'; readonly error: string; readonly until?: number }

/** The result of a sign-in at the service. */
export interface AuthorizationOutput {
  readonly draft: Draft | null
  /** The error code; `null` if access was granted. */
  readonly reason: string | null
  readonly until: number | null
}
