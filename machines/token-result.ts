import type { ConnectFailure } from './check-result.ts'
import type { Draft } from './draft.ts'

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
  /** The service refuses the credential permanently. */
  | { readonly type: 'refused' }
  /** The lease expired before the call, so there was no call. */
  | { readonly type: 'lapsed' }
  /** `wait`: milliseconds until the next request is allowed. */
  | { readonly type: 'failed'; readonly error: ConnectFailure | 'setup_error'; readonly wait: number }

/** The result of reading the entry again after a refusal. */
export type RereadResult = { readonly type: 'changed' } | { readonly type: 'unchanged' }

/** The result of saving a new token. `superseded`: the entry has another credential or was removed. */
export type SaveTokenResult = { readonly type: 'saved' } | { readonly type: 'superseded' }
