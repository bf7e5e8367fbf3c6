import { assign, setup } from 'xstate'
import type { Draft } from './draft.ts'
import { effect } from './effect.ts'
import type { ClaimResult, RefreshResult, RereadResult, SaveTokenResult } from './token-result.ts'

export interface TokenInput {
  readonly entryId: string
}

export interface TokenContext {
  readonly entryId: string
  /** A new token that is not saved yet; null otherwise. */
  readonly draft: Draft | null
  /** Why it is stale: an error's code. */
  readonly reason: string | null
  /** Before when the service is not asked again (ms since the epoch); null where it may be at once. */
  readonly until: number | null
  /** How many tries have failed in a row: the backoff grows with it. */
  readonly tries: number
}

export type TokenEvent =
  /** Somebody needs the token, and its time is up or nearly so; `now` is in milliseconds since the epoch. */
  | { readonly type: 'due'; readonly now: number }
  /** The service refused the token, whatever its time says. */
  | { readonly type: 'refused' }
  /** The entry has another credential: of a reauthentication, or renewed by another process. */
  | { readonly type: 'replaced' }
  /** Time to look whether the lease is free. */
  | { readonly type: 'lookAgain' }
  /** A new token is there that nobody waited for any more, or that could not be saved before. */
  | { readonly type: 'arrived'; readonly draft: Draft }
  /** A person asks for one more try of a credential that was refused. */
  | { readonly type: 'retry' }

/** The words of the token's statechart: its actors, guards and actions. The chart is in token.ts. */
export const tokenSetup = setup({
  types: {
    context: {} as TokenContext,
    events: {} as TokenEvent,
    input: {} as TokenInput,
    tags: {} as 'working' | 'committing',
  },
  actors: {
    claimLease: effect<ClaimResult, { entryId: string }>('claimLease'),
    refreshToken: effect<RefreshResult, { entryId: string; tries: number }>('refreshToken'),
    readAgain: effect<RereadResult, { entryId: string }>('readAgain'),
    saveToken: effect<SaveTokenResult, { entryId: string; draft: Draft | null }>('saveToken'),
  },
  guards: {
    leaseIsHeld: (_, result: ClaimResult) => result.type === 'held',
    tokenIsCurrent: (_, result: ClaimResult) => result.type === 'current',
    tokenIsUnsaved: (_, result: ClaimResult) => result.type === 'unsaved',
    alreadyRejected: (_, result: ClaimResult) => result.type === 'rejected',
    refreshed: (_, result: RefreshResult) => result.type === 'refreshed',
    isRefused: (_, result: RefreshResult) => result.type === 'refused',
    leaseLapsed: (_, result: RefreshResult) => result.type === 'lapsed',
    credentialChanged: (_, result: RereadResult) => result.type === 'changed',
    mayAskAgain: ({ context }, asked: { now: number }) =>
      context.until === null || asked.now >= context.until,
  },
  actions: {
    hold: assign((_, result: ClaimResult | RefreshResult | { type: 'arrived'; draft: Draft }) =>
      'draft' in result ? { draft: result.draft } : {},
    ),
    letGo: assign({ draft: null, reason: null, until: null, tries: 0 }),
    explainFailure: assign(({ context }, result: RefreshResult) =>
      result.type === 'failed' ? { reason: result.error, until: result.until, tries: context.tries + 1 } : {},
    ),
    explain: assign((_, why: { reason: string }) => ({ reason: why.reason, until: null })),
    /** Taken, and nothing to do about it. */
    carryOn: assign({}),
  },
})
