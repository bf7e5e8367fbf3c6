import { assign, setup } from 'xstate'
import type { Draft } from './draft.ts'
import { effect } from './effect.ts'
import type {
  ClaimResult,
  RecordFailureResult,
  RefreshResult,
  RereadResult,
  SaveTokenResult,
} from './token-result.ts'

export interface TokenInput {
  readonly entryId: string
}

export interface TokenContext {
  readonly entryId: string
  /** A new token that is not saved yet; null otherwise. */
  readonly draft: Draft | null
  /** The error code of a stale token. */
  readonly reason: string | null
  /** The number of attempts that failed in a row. The backoff grows with it. */
  readonly tries: number
  /** Milliseconds until the next request is allowed, or until a token that is not replaced expires. */
  readonly wait: number
  /** The end of `wait`, in milliseconds since the epoch. */
  readonly until: number
  /** Whether the service has refused the stored token before its expiry. */
  readonly refused: boolean
}

export type TokenEvent =
  /** A call needs the token, and it has expired or expires soon. */
  | { readonly type: 'due'; readonly now: number }
  /** The service refused the token before its expiry. */
  | { readonly type: 'refused' }
  /** The entry has another credential: of a reauthentication, or renewed by another process. */
  | { readonly type: 'replaced' }
  /** A new token arrived too late, or could not be saved before. */
  | { readonly type: 'arrived'; readonly draft: Draft }
  /** A user retries a refused credential. */
  | { readonly type: 'retry' }
  /** The record of the entry has changed: the other process may have ended its refresh. */
  | { readonly type: 'changed' }

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
    recordFailure: effect<RecordFailureResult, { entryId: string; reason: string | null; refused: boolean }>(
      'recordFailure',
    ),
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
    /** A process that was suspended has timers that are late. */
    waitIsOver: ({ context }, { now }: { now: number }) => now >= context.until,
    tokenIsUsable: ({ context }) => context.wait > 0 && !context.refused,
    isOverdue: (_, result: RecordFailureResult) => result.type === 'overdue',
    leaseLapsed: (_, result: RefreshResult) => result.type === 'lapsed',
    credentialChanged: (_, result: RereadResult) => result.type === 'changed',
  },
  actions: {
    holdDraft: assign((_, result: ClaimResult | RefreshResult | { type: 'arrived'; draft: Draft }) =>
      'draft' in result ? { draft: result.draft } : {},
    ),
    reset: assign({ draft: null, reason: null, tries: 0, wait: 0, until: 0, refused: false }),
    explainFailure: assign(({ context }, result: RefreshResult) =>
      result.type === 'failed'
        ? { reason: result.error, tries: context.tries + 1, wait: result.wait, until: result.until }
        : {},
    ),
    rememberRefusal: assign({ refused: true }),
    rememberEnd: assign((_, { until, wait }: { until: number; wait: number }) => ({ until, wait })),
    explain: assign((_, why: { reason: string }) => why),
    /** Taken, and nothing to do about it. */
    continue: assign({}),
  },
  delays: {
    /** The time between two looks at a lease of another process, whose end changes no record if it dies. */
    leasePoll: 2_000,
    refreshBackoff: ({ context }) => context.wait,
    /** The time until the token expires that the service does not replace. */
    tokenEnd: ({ context }) => context.wait,
    /** The time between two attempts to save a new token. */
    saveRetry: 2_000,
  },
})
