import * as z from 'zod'
import { secret } from '../../src/authoring/secret.ts'
import {
  type AnyIntegration,
  type Connected,
  defineIntegrationWithMethods,
  InvalidAuthError,
} from '../../src/index.ts'
import { oauthProvider, oauthTokens } from '../../src/oauth/index.ts'
import { canaries } from './canaries.ts'
import type { CanaryAuthority } from './canary-authority.ts'
import { plain } from './canary-service.ts'

/** An account at the authority, whose own code throws what each test says, with the tokens in it. */
export class CanaryAccount {
  readonly integration: AnyIntegration
  /** Called with the tokens before they are stored, used and refreshed. */
  checking: (access: string) => void = () => {}
  connecting: (tokens: string) => void = () => {}
  refreshing: (tokens: string) => void = () => {}
  readonly handed: unknown[] = []

  constructor(authority: CanaryAuthority) {
    const provider = oauthProvider({
      issuer: authority.metadata,
      clientId: plain.client,
      clientSecret: canaries.client,
      tokenEndpointAuthMethod: 'client_secret_post',
      scope: 'openid offline_access',
    })
    const accessToken = secret(z.string().refine((text) => this.checking(text) === undefined))
    this.integration = defineIntegrationWithMethods({
      domain: plain.domain,
      title: plain.title,
      stored: z.object({ ...oauthTokens, accessToken }),
      methods: {
        browser: { title: plain.host, authorize: provider.authorizationCode() },
        device: { title: plain.host, authorize: provider.deviceCode() },
      },
      expiresAt: provider.expiresAt,
      refresh: (stored, reach) => {
        this.refreshing(`${stored.accessToken.reveal()} ${stored.refreshToken?.reveal()}`)
        return provider.refresh(stored, reach)
      },
      connect: async (stored, context): Promise<Connected<{ call(): Promise<string> }>> => {
        this.handed.push(stored)
        this.connecting(`${stored.accessToken.reveal()} ${stored.refreshToken?.reveal()}`)
        const call = async () => {
          const { accessToken: now } = await context.stored()
          if (now.reveal() === '') throw new InvalidAuthError()
          return plain.title
        }
        return { client: { call }, uniqueId: stored.account ?? null, title: plain.title }
      },
    })
  }
}
