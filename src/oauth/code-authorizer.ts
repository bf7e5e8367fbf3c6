import * as client from 'openid-client'
import { SetupError } from '../errors.ts'
import type { CodeAuthorizer } from '../ports/authorizer.ts'
import { accountOf } from './account-of.ts'
import { denialOf } from './denial.ts'
import { grantedValues } from './granted-values.ts'
import { hookError } from './hooks.ts'
import type { OAuthProviderOptions, Provider, Session } from './provider.ts'
import { preparedClient, withPrepared } from './registered-client.ts'
import { grantsOf } from './revoke-tokens.ts'

/** The authorization code grant, with PKCE, state, nonce and a check of the issuer (RFC 9207). */
export function codeAuthorizer(provider: Provider): CodeAuthorizer {
  const { options, scope, isOpenId } = provider
  const { parameters = {}, tokenParameters = {}, pkce = true, responseMode = 'query' } = options
  const host = hostOf(options.issuer)
  return {
    grant: 'code',
    ...(host !== null && { host }),
    ...(options.register !== undefined && {
      prepare: ({ redirectUri, prepared }, reach) =>
        preparedClient(options, { redirectUris: [redirectUri], prepared }, reach),
    }),
    begin: ({ redirectUri, state, nonce, verifier, prepared }, known, reach) =>
      provider.call(withPrepared(reach, prepared), async ({ configuration }) => {
        const hint = known?.login
        const url = client.buildAuthorizationUrl(configuration, {
          ...parameters,
          ...(scope !== null && { scope }),
          redirect_uri: redirectUri,
          ...(responseMode === 'form_post' && { response_mode: 'form_post' }),
          state,
          ...(pkce && {
            code_challenge: await client.calculatePKCECodeChallenge(verifier),
            code_challenge_method: 'S256',
          }),
          ...(isOpenId && { nonce }),
          ...(typeof hint === 'string' && { login_hint: hint }),
        })
        return url.href
      }),
    finish: (callback, { state, nonce, verifier, prepared }, reach) =>
      provider.call(withPrepared(reach, prepared), async (session) => {
        const { configuration } = session
        await assertSigned(provider, session, callback)
        try {
          const checks = {
            expectedState: state,
            ...(pkce && { pkceCodeVerifier: verifier }),
            ...(isOpenId && { expectedNonce: nonce }),
          }
          const grant = await client.authorizationCodeGrant(configuration, callback, checks, tokenParameters)
          const account = await accountOf(provider, configuration, { grant, reach })
          const values = {
            ...prepared,
            ...account,
            ...grantedValues(provider, { grant, reply: session.reply, callback }),
            tokensOf: session.origin,
          }
          return { type: 'granted', values }
        } catch (error) {
          const denial = denialOf(error)
          if (denial === null) throw error
          return denial
        }
      }),
    ...grantsOf(provider),
  }
}

/** Checks the signature of a callback with a code, if the service signs it. @throws SetupError */
async function assertSigned(
  { options }: Provider,
  { clientSecret = '' }: Session,
  callback: URL,
): Promise<void> {
  const { verifyCallback } = options
  if (verifyCallback === undefined || !callback.searchParams.has('code')) return
  let isSigned: unknown
  try {
    isSigned = await verifyCallback(new URL(callback), clientSecret)
  } catch (error) {
    throw hookError('verifyCallback', [...callback.searchParams.values(), clientSecret], error)
  }
  if (isSigned !== true) throw new SetupError('The service has not signed the callback. Sign in again.')
}

/** Returns the host of the sign-in page, or of its issuer if the metadata is discovered later; null if it varies. */
function hostOf(issuer: OAuthProviderOptions['issuer']): string | null {
  if (typeof issuer === 'function') return null
  const url = typeof issuer === 'string' ? issuer : (issuer.authorization_endpoint ?? issuer.issuer)
  return new URL(url).host
}
