import * as z from 'zod'
import { type Secret, secret } from '../authoring/secret.ts'

/**
 * The stored fields of a grant: `stored: z.object({ ...oauthTokens })`. The tokens are stored encrypted. Return
 * `account` as `uniqueId` from `connect`. `login` is the sign-in name, which the next sign-in sends as `login_hint`.
 */
export const oauthTokens = {
  accessToken: secret(),
  refreshToken: secret().optional(),
  /** Expiration time of the access token (ms since the epoch). Absent if the service did not specify it. */
  expiresAt: z.number().optional(),
  account: z.string().optional(),
  login: z.string().optional(),
  /** The server that has granted the tokens. No other server receives them. */
  tokensOf: z.string().optional(),
}

/** A stored grant, as `connect` receives it. */
export interface OAuthTokens {
  readonly accessToken: Secret
  readonly refreshToken?: Secret | undefined
  readonly expiresAt?: number | undefined
  readonly account?: string | undefined
  readonly login?: string | undefined
  readonly tokensOf?: string | undefined
}

/** A new grant, before its tokens are encrypted. */
export type GrantedTokens = {
  readonly accessToken: string
  readonly refreshToken?: string
  readonly expiresAt?: number
  readonly account?: string
  readonly login?: string
  readonly tokensOf?: string
}
