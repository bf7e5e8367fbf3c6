import { assign, setup } from 'xstate'
import type { Draft } from './draft.ts'
import { effect } from './effect.ts'
import {
  type AuthorizationOutput,
  answerGuards,
  explanationOf,
  type GrantResult,
  type SignInFailed,
  type SignInRefusal,
} from './grant-result.ts'

/** The code that the user enters. The device code, which is secret, is not part of it. */
export interface ShownCode {
  readonly userCode: string
  readonly verificationUri: string
  readonly verificationUriComplete: string | null
  /** The polling interval in milliseconds. */
  readonly interval: number
  /** When the code expires, in milliseconds since the epoch. */
  readonly expiresAt: number
}

export interface DeviceCodeInput {
  readonly flowId: string
}

export interface DeviceCodeContext {
  readonly flowId: string
  readonly code: ShownCode | null
  /** When the client polled last, in milliseconds since the epoch; null if it has not polled since the sign-in was read. */
  readonly polledAt: number | null
  /** The number of expired codes that were replaced. */
  readonly renewals: number
  readonly draft: Draft | null
  readonly reason: string | null
  readonly until: number | null
  readonly refusal?: SignInRefusal
  /** Whether a later sign-in cannot use the values that were prepared for this one. */
  readonly isSpent: boolean
}

/** A poll by the client. `askedAt`: the last request to the service in milliseconds since the epoch; `null` if unknown. */
export interface Poll {
  readonly now: number
  readonly askedAt: number | null
}

export type DeviceCodeEvent = ({ readonly type: 'poll' } & Poll) | { readonly type: 'cancel' }

/** The result of claiming the right to contact the service. */
export type ClaimPollResult =
  | { readonly type: 'claimed' }
  /** Another process contacts the service, or has received its answer. */
  | { readonly type: 'busy' }

export type RequestResult = { readonly type: 'shown'; readonly code: ShownCode } | SignInFailed

export type PollResult =
  | GrantResult
  | { readonly type: 'pending' }
  /** The service was polled too often, or could not be reached. */
  | { readonly type: 'slow_down' }
  | { readonly type: 'expired' }

/** The number of expired codes that are replaced without asking the user. */
const RENEWALS = 3
/** The increase of the interval after `slow_down`, in milliseconds (RFC 8628, 3.5). */
const SLOWER = 5_000

/** Whether the code had expired when the client polled last. */
const isOver = ({ code, polledAt }: DeviceCodeContext): boolean =>
  code !== null && polledAt !== null && polledAt >= code.expiresAt

/** The actors, guards and actions of the device authorization grant. For the states, see device-code.ts. */
export const deviceCodeSetup = setup({
  types: {
    context: {} as DeviceCodeContext,
    events: {} as DeviceCodeEvent,
    input: {} as DeviceCodeInput,
    output: {} as AuthorizationOutput,
    tags: {} as 'working',
  },
  actors: {
    claimPoll: effect<ClaimPollResult, { flowId: string }>('claimPoll'),
    requestCode: effect<RequestResult, { flowId: string }>('requestCode'),
    pollToken: effect<PollResult, { flowId: string }>('pollToken'),
  },
  guards: {
    shown: (_, result: RequestResult) => result.type === 'shown',
    ...answerGuards,
    pending: (_, result: PollResult) => result.type === 'pending',
    slowedDown: (_, result: PollResult) => result.type === 'slow_down',
    expiredAndMayRenew: ({ context }, result: PollResult) =>
      result.type === 'expired' && context.renewals < RENEWALS,
    expired: (_, result: PollResult) => result.type === 'expired',
    busy: (_, result: ClaimPollResult) => result.type === 'busy',
    busyBeforeCode: ({ context }, result: ClaimPollResult) => result.type === 'busy' && context.code === null,
    needsCode: ({ context }) => context.code === null,
    isOverAndMayRenew: ({ context }) => isOver(context) && context.renewals < RENEWALS,
    isOver: ({ context }) => isOver(context),
    isDue: ({ context: { code } }, { now, askedAt }: Poll) =>
      code !== null &&
      // A poll in the future was before the clock was set back.
      (now >= code.expiresAt || askedAt === null || now >= askedAt + code.interval || now < askedAt),
  },
  actions: {
    notePoll: assign((_, { now }: Poll) => ({ polledAt: now })),
    showCode: assign((_, result: RequestResult) => (result.type === 'shown' ? { code: result.code } : {})),
    slowDown: assign(({ context: { code } }) =>
      code === null ? {} : { code: { ...code, interval: code.interval + SLOWER } },
    ),
    countRenewal: assign({ renewals: ({ context }) => context.renewals + 1 }),
    rememberGrant: assign((_, result: PollResult) =>
      result.type === 'granted' ? { draft: result.draft } : {},
    ),
    explain: assign((_, result: RequestResult | PollResult) => explanationOf(result)),
    end: assign((_, end: { reason: string }) => end),
  },
})
