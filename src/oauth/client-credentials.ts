import * as client from 'openid-client'
import * as z from 'zod'
import { secret } from '../authoring/secret.ts'
import { type ExchangeParts, exchangeParts, keyErrorOf } from './exchange-parts.ts'
import { grantedValues } from './granted-values.ts'
import type { OAuthProviderOptions, SignInFields } from './provider.ts'
import { ProviderCalls } from './provider-calls.ts'
import { scopeOf } from './scope-of.ts'

/** The id and the secret of a client. */
const clientFields = z.object({
  clientId: z.string().min(1).meta({ title: 'Client ID' }),
  clientSecret: secret().meta({ title: 'Client secret' }),
})

/** The options that all requests for a token share. */
export interface TokenSource
  extends Pick<
    OAuthProviderOptions,
    'scope' | 'scopeSeparator' | 'tokenParameters' | 'tokenRequestFormat' | 'tokens' | 'allowedHosts'
  > {}

/** The options of {@link clientCredentials}. */
export interface ClientCredentialsOptions<Fields extends z.ZodObject> extends TokenSource {
  /** The issuer or the metadata of the server, or a function of the fields. */
  readonly issuer: OAuthProviderOptions<z.output<Fields>>['issuer']
  /** The fields that the user enters. Defaults to `clientId` and `clientSecret`. */
  readonly fields?: Fields
  /** Defaults to the field `clientId`. */
  readonly clientId?: (fields: z.output<Fields>) => string
  /** Defaults to the field `clientSecret`. */
  readonly clientSecret?: (fields: z.output<Fields>) => string
  readonly tokenEndpointAuthMethod?: OAuthProviderOptions['tokenEndpointAuthMethod']
}

/**
 * Returns the parts of an integration that gets its tokens with a client id and a secret of the user (RFC 6749, 4.4).
 *
 * @throws ConfigurationError if the issuer is not an HTTPS URL
 * @example
 * ```ts
 * import { defineIntegration } from 'latchkey'
 * import { clientCredentials } from 'latchkey/oauth'
 *
 * export const telemetry = defineIntegration({
 *   domain: 'telemetry',
 *   title: 'Telemetry',
 *   ...clientCredentials({ issuer: 'https://login.example', scope: 'metrics:read' }),
 *   connect: async ({ clientId, accessToken }) => ({
 *     client: { token: () => accessToken.reveal() },
 *     uniqueId: clientId,
 *   }),
 * })
 * ```
 */
export function clientCredentials<Fields extends z.ZodObject = typeof clientFields>(
  options: ClientCredentialsOptions<Fields>,
): ExchangeParts<Fields> {
  const { fields = clientFields as z.ZodObject as Fields, tokenParameters = {}, ...rest } = options
  const clientId = options.clientId ?? (({ clientId: id }: SignInFields) => String(id))
  const secretOf = ({ clientSecret: key }: SignInFields) => (key as { reveal(): string }).reveal()
  const source = { ...rest, clientId, clientSecret: options.clientSecret ?? secretOf } as OAuthProviderOptions
  const calls = new ProviderCalls(source)
  const scope = scopeOf(options)
  return exchangeParts(fields, (values, context) =>
    calls.run(
      { ...context, fields: values },
      async (session) => {
        const parameters = { ...tokenParameters, ...(scope !== null && { scope }) }
        const grant = await client.clientCredentialsGrant(session.configuration, parameters)
        return withoutRefresh(grantedValues({ options: source }, { grant, reply: session.reply }))
      },
      { translate: keyErrorOf },
    ),
  )
}

/** Omits a refresh token: the key gets the next token. */
export const withoutRefresh = ({
  accessToken,
  expiresAt,
}: {
  readonly accessToken: string
  readonly expiresAt?: number
}) => ({ accessToken, ...(expiresAt !== undefined && { expiresAt }) })
