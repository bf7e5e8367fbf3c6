import { SignJWT } from 'jose'
import * as client from 'openid-client'
import type * as z from 'zod'
import type { JsonObject } from '../ports/json.ts'
import { privateKeyOf } from './client-authentication.ts'
import { type TokenSource, withoutRefresh } from './client-credentials.ts'
import { type ExchangeParts, exchangeParts, keyErrorOf } from './exchange-parts.ts'
import { grantedValues } from './granted-values.ts'
import { callHook } from './hooks.ts'
import type { OAuthProviderOptions, SignInFields } from './provider.ts'
import { ProviderCalls } from './provider-calls.ts'
import { scopeOf } from './scope-of.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** The lifetime of an assertion in seconds. */
const LIFETIME = 300

/** The options of {@link jwtBearer}. */
export interface JwtBearerOptions<Fields extends z.ZodObject> extends TokenSource {
  /** The issuer or the metadata of the server, or a function of the fields. */
  readonly issuer: OAuthProviderOptions<z.output<Fields>>['issuer']
  /** The fields that the user enters, for example those of a service account. */
  readonly fields: Fields
  /** Returns the private key that signs the assertion, as PEM (PKCS #8). */
  privateKey(fields: z.output<Fields>): string
  /** Returns the id of the private key (`kid`). Defaults to none. */
  privateKeyId?(fields: z.output<Fields>): string
  /** Returns the claims of the assertion. `aud`, `iat` and `exp` have defaults. */
  claims(fields: z.output<Fields>): JsonObject
}

/**
 * Returns the parts of an integration that gets its tokens with a signed assertion (RFC 7523), for example of a service
 * account.
 *
 * @throws ConfigurationError if the issuer is not an HTTPS URL
 * @example
 * ```ts
 * import { defineIntegration, secret } from 'latchkey'
 * import { jwtBearer } from 'latchkey/oauth'
 * import * as z from 'zod'
 *
 * export const sheets = defineIntegration({
 *   domain: 'sheets',
 *   title: 'Sheets',
 *   ...jwtBearer({
 *     issuer: { issuer: 'https://login.example', token_endpoint: 'https://login.example/token' },
 *     fields: z.object({ email: z.string(), key: secret().meta({ multiline: true }) }),
 *     privateKey: ({ key }) => key.reveal(),
 *     claims: ({ email }) => ({ iss: email, scope: 'sheets.read' }),
 *   }),
 *   connect: async ({ email, accessToken }) => ({
 *     client: { token: () => accessToken.reveal() },
 *     uniqueId: email,
 *   }),
 * })
 * ```
 */
export function jwtBearer<Fields extends z.ZodObject>(
  options: JwtBearerOptions<Fields>,
): ExchangeParts<Fields> {
  const { fields, privateKey, privateKeyId, claims, tokenParameters = {}, ...rest } = options
  // The assertion names the client, so the request has no client id.
  const source = { ...rest, clientId: 'assertion' } as OAuthProviderOptions
  const calls = new ProviderCalls(source, () => {})
  const scope = scopeOf(options)
  const assertionOf = async (given: SignInFields, audience = '') => {
    const values = given as z.output<Fields>
    const key = await privateKeyOf(callHook('privateKey', null, () => privateKey(values)))
    const kid = callHook('privateKeyId', null, () => privateKeyId?.(values))
    const now = Math.floor(Date.now() / 1000)
    const own = callHook('claims', null, () => claims(values))
    return new SignJWT({ aud: audience, iat: now, exp: now + LIFETIME, ...own })
      .setProtectedHeader({ alg: algorithmOf(key), typ: 'JWT', ...(kid !== undefined && { kid }) })
      .sign(key)
  }
  return exchangeParts(fields, (values, context) =>
    calls.run(
      { ...context, fields: values },
      async (session) => {
        const { configuration } = session
        const assertion = await assertionOf(values, configuration.serverMetadata().token_endpoint)
        const parameters = { ...tokenParameters, assertion, ...(scope !== null && { scope }) }
        const grant = await client.genericGrantRequest(configuration, GRANT, parameters)
        return withoutRefresh(grantedValues({ options: source }, { grant, reply: session.reply }))
      },
      { translate: keyErrorOf },
    ),
  )
}

/** Returns the algorithm of a key that {@link privateKeyOf} has read. */
function algorithmOf({ algorithm }: client.CryptoKey): string {
  const { name, namedCurve } = algorithm as { readonly name: string; readonly namedCurve?: string }
  if (name === 'Ed25519') return 'EdDSA'
  return name === 'ECDSA' ? `ES${namedCurve === 'P-521' ? '512' : namedCurve?.slice(2)}` : 'RS256'
}
