import type { ConnectFailure } from './check-result.ts'
import type { Draft } from './draft.ts'

/** What came of asking for the lease: the right to renew the token, held by one process at a time. */
export type ClaimResult =
  | { readonly type: 'claimed' }
  /** It was renewed before, and could not be saved then. */
  | { readonly type: 'unsaved'; readonly draft: Draft }
  /** Another process renews it. */
  | { readonly type: 'held' }
  /** It was replaced meanwhile, and what is there now is good, or the entry is gone. */
  | { readonly type: 'current' }
  /** The service has refused this credential before. */
  | { readonly type: 'rejected' }

/** What came of asking the service for a new token. */
export type RefreshResult =
  | { readonly type: 'refreshed'; readonly draft: Draft }
  /** The service refuses the credential for good. */
  | { readonly type: 'refused' }
  /** The lease had lapsed before the service was asked: nobody was. */
  | { readonly type: 'lapsed' }
  /** `wait`: milliseconds until the next request is allowed. */
  | { readonly type: 'failed'; readonly error: ConnectFailure | 'setup_error'; readonly wait: number }

/** What came of reading the entry once more after a refusal. */
export type RereadResult = { readonly type: 'changed' } | { readonly type: 'unchanged' }

/** What came of saving a new token; `superseded`: the entry has another credential by now, or was removed. */
export type SaveTokenResult = { readonly type: 'saved' } | { readonly type: 'superseded' }
