import * as z from 'zod'
import { Secret, secret } from '../authoring/secret.ts'
import { InvalidAuthError, SetupError } from '../errors.ts'
import type { Reach } from '../ports/authorizer.ts'
import type { JsonObject } from '../ports/json.ts'
import { issuerOf } from './issuing-server.ts'
import type { ProviderOptions, ProviderReach, SignInFields } from './provider.ts'
import { type RegisteredClient, registerClient } from './register-client.ts'

const methods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const

/** The stored fields of a client that `oauthProvider` registers: `stored: z.object({ ...registeredClient, ...oauthTokens })`. */
export const registeredClient = {
  clientId: z.string(),
  clientSecret: secret().optional(),
  tokenEndpointAuthMethod: z.enum(methods).optional(),
  /** The issuer at which the client is registered. No other server receives its secret. */
  clientOf: z.string().optional(),
  /** The address that deletes the client, and the token for it (RFC 7592). */
  registrationUri: z.string().optional(),
  registrationToken: secret().optional(),
}

/**
 * Returns the registered client among stored or prepared fields.
 *
 * @throws SetupError without one
 * @throws InvalidAuthError if it is registered at another issuer
 */
export function clientIn(
  { clientId, clientSecret, tokenEndpointAuthMethod, clientOf }: SignInFields,
  issuer: string,
): RegisteredClient {
  if (typeof clientId !== 'string' || clientId === '')
    throw new SetupError(
      'The entry has no registered OAuth client. Add the fields of registeredClient to stored.',
    )
  if (typeof clientOf === 'string' && clientOf !== issuer)
    throw new InvalidAuthError(
      'The OAuth client of the entry is registered at another server. Sign in again.',
    )
  const secretText = clientSecret instanceof Secret ? clientSecret.reveal() : clientSecret
  const method = methods.find((name) => name === tokenEndpointAuthMethod)
  return {
    clientId,
    ...(typeof secretText === 'string' && secretText !== '' && { clientSecret: secretText }),
    ...(method !== undefined && { tokenEndpointAuthMethod: method }),
  }
}

/** Replaces the client among the fields of a call by the prepared one. */
export const withPrepared = (reach: Reach, prepared: JsonObject | undefined): Reach =>
  prepared === undefined ? reach : { ...reach, fields: withClient(reach.fields ?? {}, prepared) }

/** Returns fields with another client. Nothing of the previous one remains, because servers may register no secret. */
const withClient = (fields: SignInFields, client: JsonObject): SignInFields => ({
  ...Object.fromEntries(Object.entries(fields).filter(([name]) => !Object.hasOwn(registeredClient, name))),
  ...client,
})

/**
 * Registers a client at the server that the user has entered, or returns the one that an earlier sign-in of the flow
 * has registered there. `redirectUris` is empty for device codes.
 */
export async function preparedClient(
  options: ProviderOptions,
  { redirectUris, prepared }: { redirectUris: readonly string[]; prepared: JsonObject | undefined },
  { fields = {}, ...reach }: ProviderReach,
): Promise<JsonObject> {
  const { register, scope, scopeSeparator } = options
  const server = issuerOf(options, fields)
  const clientOf = typeof server === 'string' ? server : server.issuer
  if (prepared?.clientOf === clientOf) return prepared
  const registration = {
    issuer: server,
    redirectUris,
    ...register,
    ...(scope !== undefined && {
      scope: typeof scope === 'string' ? scope : scope.join(scopeSeparator ?? ' '),
    }),
  }
  return { ...(await registerClient(registration, reach)), clientOf }
}
