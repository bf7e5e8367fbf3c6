import type * as client from 'openid-client'
import type { Reach } from '../ports/authorizer.ts'

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
  /** The userinfo claim that identifies the account. Defaults to `iss` and `sub` of the ID token. */
  readonly accountClaim?: string
}

/** The shared parts of a provider. */
export interface Provider {
  readonly options: OAuthProviderOptions
  /** Returns the configuration of the library. All requests use the given `fetch` and `signal`. */
  configured(reach: Pick<Reach, 'fetch' | 'signal'>): Promise<client.Configuration>
}
