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

/** The hashes that identify the browser of a request and its callback. */
export interface AuthorizationRequest {
  readonly browserHash: string
  readonly stateHash: string
  /** When the request expires, in milliseconds since the epoch. */
  readonly expiresAt: number
}

export interface AuthorizationCodeInput {
  readonly flowId: string
}

export interface AuthorizationCodeContext {
  readonly flowId: string
  readonly request: AuthorizationRequest | null
  readonly draft: Draft | null
  readonly reason: string | null
  readonly until: number | null
  readonly refusal?: SignInRefusal
  /** Whether a later sign-in cannot use the values that were prepared for this one. */
  readonly isSpent: boolean
}

/** The callback from the service's page: hashes of the browser's cookie and of its `state` parameter. */
export interface Callback {
  readonly browserHash: string
  readonly stateHash: string
  readonly now: number
}

export type AuthorizationCodeEvent =
  | ({ readonly type: 'callback' } & Callback)
  /** The browser did not return in time. */
  | { readonly type: 'expire' }
  | { readonly type: 'cancel' }

export type BeginResult = { readonly type: 'begun'; readonly request: AuthorizationRequest } | SignInFailed

/** The actors, guards and actions of the authorization code grant. For the states, see authorization-code.ts. */
export const authorizationCodeSetup = setup({
  types: {
    context: {} as AuthorizationCodeContext,
    events: {} as AuthorizationCodeEvent,
    input: {} as AuthorizationCodeInput,
    output: {} as AuthorizationOutput,
    tags: {} as 'working' | 'reusable',
  },
  actors: {
    beginAuthorization: effect<BeginResult, { flowId: string }>('beginAuthorization'),
    exchangeCode: effect<GrantResult, { flowId: string }>('exchangeCode'),
  },
  guards: {
    begun: (_, result: BeginResult) => result.type === 'begun',
    ...answerGuards,
    isOurs: ({ context: { request } }, { browserHash, stateHash, now }: Callback) =>
      request !== null &&
      browserHash === request.browserHash &&
      stateHash === request.stateHash &&
      now < request.expiresAt,
    isOursButLate: ({ context: { request } }, { browserHash, stateHash }: Callback) =>
      request !== null && browserHash === request.browserHash && stateHash === request.stateHash,
  },
  actions: {
    rememberRequest: assign((_, result: BeginResult) =>
      result.type === 'begun' ? { request: result.request } : {},
    ),
    rememberGrant: assign((_, result: GrantResult) =>
      result.type === 'granted' ? { draft: result.draft } : {},
    ),
    explain: assign((_, result: BeginResult | GrantResult) => explanationOf(result)),
    end: assign((_, end: { reason: string }) => end),
    /** The code may have been redeemed, and its grant revoked together with the prepared values. */
    spend: assign({ isSpent: true }),
  },
})
