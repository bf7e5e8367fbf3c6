import { assign, setup } from 'xstate'
import { effect } from './effect.ts'

export interface EntryRemovalInput {
  /** When the entry was removed, in milliseconds since the epoch. */
  readonly at: number
  /** Whether the account stays linked, so that only a token is left to revoke. */
  readonly isTold: boolean
}

export interface EntryRemovalContext {
  /** The number of attempts that were started. */
  readonly attempts: number
  /** When the next attempt is due. During an attempt: when processes assume that it was lost. */
  readonly nextAt: number
  /** When Latchkey gives up and deletes the stored values. */
  readonly endsAt: number
  /** Whether another entry has the account, so that only the token of the removed one may be revoked. */
  readonly isShared: boolean
  /** Whether only the token is left to revoke: the integration was called, or the account stays linked. */
  readonly isTold: boolean
  /** Whether the service refuses the credential, so that it does not know of the removal. */
  readonly isRefused: boolean
}

/** Whether another entry has the account. `shared`: one has it, but the service revokes only a single token. */
export interface AccountResult {
  readonly type: 'free' | 'linked' | 'shared'
}

/**
 * The result of a call of an integration. `refused`: the credential no longer works, so that no later call can succeed.
 * `random` is from 0 to 1, for the jitter. `until`: a wait that the service demanded.
 */
export type RemovalResult =
  | { readonly type: 'done' | 'refused' }
  | {
      readonly type: 'failed'
      readonly now: number
      readonly random: number
      readonly until: number | null
    }

/** The time of the next attempt may have come. */
export interface EntryRemovalEvent {
  readonly type: 'due'
  readonly now: number
}

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** The longest time that the stored values of a removed entry stay, in milliseconds: a day. */
export const REMOVAL_LIFETIME = 24 * 60 * MINUTE

/** The waits after the first attempt, the second, and so on. The last one is repeated. */
const WAITS = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE] as const
const LONGEST_WAIT = 60 * MINUTE

/** The waits differ by up to this part, so that a service is not called by all removals at the same time. */
const JITTER = 0.1

/** After this time without a result, an attempt was lost with its process. Longer than the calls of an attempt take. */
export const REMOVAL_LOST_AFTER = MINUTE

/** The actors, guards and actions of a removal. For the states, see entry-removal.ts. */
export const entryRemovalSetup = setup({
  types: {
    context: {} as EntryRemovalContext,
    events: {} as EntryRemovalEvent,
    input: {} as EntryRemovalInput,
    tags: {} as 'working',
  },
  actors: {
    findOwner: effect<AccountResult, Record<never, never>>('findOwner'),
    informService: effect<RemovalResult, Record<never, never>>('informService'),
    revokeGrant: effect<RemovalResult, Record<never, never>>('revokeGrant'),
  },
  guards: {
    isOver: ({ context }, { now }: { now: number }) => now >= context.endsAt,
    isDue: ({ context }, { now }: { now: number }) => now >= context.nextAt,
    isLinked: (_, result: AccountResult) => result.type === 'linked',
    onlyGrantIsLeft: ({ context }, result: AccountResult) => context.isTold || result.type === 'shared',
    hasFailed: (_, result: RemovalResult) => result.type === 'failed',
    isRefused: ({ context }, result: RemovalResult) => context.isRefused || result.type === 'refused',
  },
  actions: {
    /** Counts the attempt before it starts, so that one which is lost with its process counts too. */
    countAttempt: assign(({ context }, { now }: { now: number }) => ({
      attempts: context.attempts + 1,
      nextAt: now + REMOVAL_LOST_AFTER,
      // A refusal in an attempt that was lost with its process was not stored.
      isRefused: context.isTold && context.isRefused,
    })),
    rememberAccount: assign((_, { type }: AccountResult) => ({ isShared: type === 'shared' })),
    noteAnswer: assign((_, { type }: RemovalResult) => ({ isRefused: type === 'refused' })),
    /** Stores that the integration was called, unless another entry has the account. */
    noteTold: assign(({ context: { isTold, isShared } }) => ({ isTold: isTold || !isShared })),
    wait: assign(({ context: { attempts, endsAt } }, result: RemovalResult) => {
      if (result.type !== 'failed') return {}
      const wait = WAITS[attempts - 1] ?? LONGEST_WAIT
      const nextAt = result.now + Math.round(wait * (1 + JITTER * (2 * result.random - 1)))
      return { nextAt: Math.min(Math.max(nextAt, result.until ?? 0), endsAt) }
    }),
  },
})
