import type * as client from 'openid-client'
import type { Reach } from '../ports/authorizer.ts'

export interface OAuthProviderOptions {
  /** The issuer, whose metadata is discovered once; or the metadata itself, where the service publishes none. */
  readonly issuer: string | client.ServerMetadata
  readonly clientId: string
  /** Absent for a public client. */
  readonly clientSecret?: string
  /** What to ask for, separated by spaces, for example `openid offline_access`. */
  readonly scope: string
  /** Sent with each request for access beside what OAuth asks for, for example `{ audience: '…' }`. */
  readonly parameters?: Readonly<Record<string, string>>
  /** The userinfo claim that is the identity, where it is not `iss` and `sub` of the ID token. */
  readonly accountClaim?: string
}

/** What the parts of a provider share. */
export interface Provider {
  readonly options: OAuthProviderOptions
  /** The client as the library knows it, reaching its server through what it is handed. */
  configured(reach: Pick<Reach, 'fetch' | 'signal'>): Promise<client.Configuration>
}
