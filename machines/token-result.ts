import type { Draft } from './draft.ts'
import type { RefreshError } from './refresh-failure.ts'

/** The result of claiming the lease, the right to refresh the token. One process holds it at a time. */
export type ClaimResult =
  | { readonly type: 'claimed' }
  /** An earlier refresh has a token that is not saved yet. */
  | { readonly type: 'unsaved'; readonly draft: Draft }
  /** Another process refreshes it. */
  | { readonly type: 'held' }
  /** It was replaced by a good token, or the entry was removed. */
  | { readonly type: 'current' }
  /** The service has refused this credential before. */
  | { readonly type: 'rejected' }

/** The result of a refresh. */
export type RefreshResult =
  | { readonly type: 'refreshed'; readonly draft: Draft }
  /**
   * The service refuses the credential permanently, or there is no refresh token. `until`: when the stored token expires
   * (ms since the epoch). `wait`: the milliseconds until then; 0 if it has expired.
   */
  | { readonly type: 'refused'; readonly until: number; readonly wait: number }
  /** The lease expired before the call, so there was no call. */
  | { readonly type: 'lapsed' }
  /** `until`: when the next request is allowed (ms since the epoch). `wait`: the milliseconds until then. */
  | { readonly type: 'failed'; readonly error: RefreshError; readonly until: number; readonly wait: number }

/** The result of recording a failed refresh. `overdue`: the user must know of it. */
export type RecordFailureResult = { readonly type: 'recorded' } | { readonly type: 'overdue' }

/** The result of reading the entry again after a refusal. */
export type RereadResult = { readonly type: 'changed' } | { readonly type: 'unchanged' }

/** The result of saving a new token. `superseded`: the entry has another credential or was removed. */
export type SaveTokenResult = { readonly type: 'saved' } | { readonly type: 'superseded' }
