import * as z from 'zod'
import { type Secret, secret } from '../authoring/secret.ts'

/**
 * What an integration keeps of a grant: `stored: z.object({ ...oauthTokens })`. The tokens are sealed; `account` is the
 * identity, for `connect` to report as `uniqueId`, and `login` is what the service calls it, for `login_hint`.
 */
export const oauthTokens = {
  accessToken: secret(),
  refreshToken: secret().optional(),
  /** When the access token ends (ms since the epoch); absent where the service did not say. */
  expiresAt: z.number().optional(),
  account: z.string().optional(),
  login: z.string().optional(),
}

/** A grant as `connect` is handed it. */
export interface OAuthTokens {
  readonly accessToken: Secret
  readonly refreshToken?: Secret | undefined
  readonly expiresAt?: number | undefined
  readonly account?: string | undefined
  readonly login?: string | undefined
}

/** A grant before it is kept: tokens in clear. */
export type GrantedTokens = {
  readonly accessToken: string
  readonly refreshToken?: string
  readonly expiresAt?: number
  readonly account?: string
  readonly login?: string
}
