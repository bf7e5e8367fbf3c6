import { assign, setup } from 'xstate'
import type { Draft } from './draft.ts'
import { effect } from './effect.ts'
import type { AuthorizationOutput, GrantResult } from './grant-result.ts'

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
  /** The number of expired codes that were replaced. */
  readonly renewals: number
  readonly draft: Draft | null
  readonly reason: string | null
  readonly until: number | null
}

/** A poll by the client. `askedAt`: the last request to the service in milliseconds since the epoch; `null` if unknown. */
export interface Poll {
  readonly now: number
  readonly askedAt: number | null
}

export type DeviceCodeEvent = ({ readonly type: 'poll' } & Poll) | { readonly type: 'cancel' }

export type RequestResult =
  | { readonly type: 'shown'; readonly code: ShownCode }
  | { readonly type: 'failed'; readonly error: string; readonly until?: number }

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
    requestCode: effect<RequestResult, { flowId: string }>('requestCode'),
    pollToken: effect<PollResult, { flowId: string }>('pollToken'),
  },
  guards: {
    shown: (_, result: RequestResult) => result.type === 'shown',
    granted: (_, result: PollResult) => result.type === 'granted',
    pending: (_, result: PollResult) => result.type === 'pending',
    slowedDown: (_, result: PollResult) => result.type === 'slow_down',
    expiredAndMayRenew: ({ context }, result: PollResult) =>
      result.type === 'expired' && context.renewals < RENEWALS,
    expired: (_, result: PollResult) => result.type === 'expired',
    isOverAndMayRenew: ({ context: { code, renewals } }, { now }: Poll) =>
      code !== null && now >= code.expiresAt && renewals < RENEWALS,
    isOver: ({ context: { code } }, { now }: Poll) => code !== null && now >= code.expiresAt,
    isDue: ({ context: { code } }, { now, askedAt }: Poll) =>
      // A poll in the future was before the clock was set back.
      code !== null && (askedAt === null || now >= askedAt + code.interval || now < askedAt),
  },
  actions: {
    showCode: assign((_, result: RequestResult) => (result.type === 'shown' ? { code: result.code } : {})),
    slowDown: assign(({ context: { code } }) =>
      code === null ? {} : { code: { ...code, interval: code.interval + SLOWER } },
    ),
    countRenewal: assign({ renewals: ({ context }) => context.renewals + 1 }),
    rememberGrant: assign((_, result: PollResult) =>
      result.type === 'granted' ? { draft: result.draft } : {},
    ),
    explain: assign((_, result: RequestResult | PollResult) => {
      if (result.type === 'rejected' && result.reason === undefined) return { reason: 'authorize_rejected' }
      if (result.type === 'rejected') return { reason: 'consent_required' }
      return result.type === 'failed' ? { reason: result.error, until: result.until ?? null } : {}
    }),
    end: assign((_, end: { reason: string }) => end),
  },
})
