import type { Draft } from './draft.ts'

/** What came of asking a service for access, once somebody has answered. */
export type GrantResult =
  /** What was granted, to be proven and kept. */
  | { readonly type: 'granted'; readonly draft: Draft }
  /** The person, or the service for them, said no. */
  | { readonly type: 'rejected' }
  /** `until`: milliseconds since the epoch until which the service wants to be left alone. */
  | { readonly type: 'failed'; readonly error: string; readonly until?: number }

/** How asking for access ended. */
export interface AuthorizationOutput {
  readonly draft: Draft | null
  /** The code of the error to show; null where access was granted. */
  readonly reason: string | null
  readonly until: number | null
}
