import type * as client from 'openid-client'
import type { Reach } from '../ports/authorizer.ts'
import type { errorOf } from './oauth-error.ts'
import type { DeadAnswer } from './read-refusal.ts'

/** The options of `oauthProvider`. */
export interface OAuthProviderOptions {
  /** The issuer, from which the metadata is discovered once, or the metadata itself. */
  readonly issuer: string | client.ServerMetadata
  readonly clientId: string
  /** Absent for a public client. */
  readonly clientSecret?: string
  /** The requested scopes, separated by spaces, for example `openid offline_access`. */
  readonly scope: string
  /** Additional parameters of authorization requests, for example `{ audience: '…' }`. */
  readonly parameters?: Readonly<Record<string, string>>
  /**
   * The userinfo claim that identifies the account, for example `id`. Defaults to `iss` and `sub` of the ID token.
   */
  readonly accountClaim?: string
  /**
   * Returns whether an answer of the token endpoint means that the refresh token is dead, for a service whose answer
   * Latchkey does not know. Called for answers without a token that blame neither the client nor an outage.
   */
  isDead?(answer: DeadAnswer): boolean
  /**
   * Whether the service revokes only the given token (`token`), or all grants of the account (`account`, the default).
   * With `account`, Latchkey revokes nothing while another entry of the account exists.
   */
  readonly revokes?: 'token' | 'account'
}

/** The shared parts of a provider. */
export interface Provider {
  readonly options: OAuthProviderOptions
  /**
   * Calls the library. All requests use the given `fetch` and `signal`. `translate` converts an error, given the answer
   * of the token endpoint without a token; null if it has not answered.
   *
   * @throws the converted error
   */
  call<Answer>(
    reach: Pick<Reach, 'fetch' | 'signal'>,
    work: (configuration: client.Configuration) => Promise<Answer>,
    translate?: typeof errorOf,
  ): Promise<Answer>
}
