import * as client from 'openid-client'
import type { CodeAuthorizer } from '../ports/authorizer.ts'
import { accountOf } from './account-of.ts'
import type { OAuthProviderOptions, Provider } from './provider.ts'
import { revokeTokens } from './revoke-tokens.ts'
import { tokensOf } from './tokens-of.ts'

/** The error codes of a user who declined. The standard one is `access_denied`. LinkedIn and others have their own. */
const DECLINED = /^(access_denied|(user_?)?(denied|declined|cancell?ed)(_\w+)?|authorization_declined)$/i

/** The authorization code grant, with PKCE, state, nonce and a check of the issuer (RFC 9207). */
export function codeAuthorizer(provider: Provider): CodeAuthorizer {
  const { scope, parameters = {}, accountClaim } = provider.options
  const isOpenId = scope.split(' ').includes('openid')
  return {
    grant: 'code',
    host: hostOf(provider.options.issuer),
    begin: ({ redirectUri, state, nonce, verifier }, known, reach) =>
      provider.call(reach, async (configuration) => {
        const hint = known?.login
        const url = client.buildAuthorizationUrl(configuration, {
          ...parameters,
          scope,
          redirect_uri: redirectUri,
          state,
          code_challenge: await client.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          ...(isOpenId && { nonce }),
          ...(typeof hint === 'string' && { login_hint: hint }),
        })
        return url.href
      }),
    finish: (callback, { state, nonce, verifier }, reach) =>
      provider.call(reach, async (configuration) => {
        try {
          const reply = await client.authorizationCodeGrant(configuration, callback, {
            expectedState: state,
            pkceCodeVerifier: verifier,
            ...(isOpenId && { expectedNonce: nonce }),
          })
          const values = { ...tokensOf(reply), ...(await accountOf(configuration, reply, accountClaim)) }
          return { type: 'granted', values }
        } catch (error) {
          if (error instanceof client.AuthorizationResponseError && DECLINED.test(error.error)) {
            return { type: 'rejected' }
          }
          throw error
        }
      }),
    revokes: provider.options.revokes ?? 'account',
    revoke: (values, reach) => provider.call(reach, (configuration) => revokeTokens(configuration, values)),
  }
}

/** Returns the host of the sign-in page, or of its issuer if the metadata is discovered later. */
function hostOf(issuer: OAuthProviderOptions['issuer']): string {
  const url = typeof issuer === 'string' ? issuer : (issuer.authorization_endpoint ?? issuer.issuer)
  return new URL(url).host
}
