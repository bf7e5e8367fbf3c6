import * as z from 'zod'
import { Secret, secret } from '../authoring/secret.ts'
import { InvalidAuthError, SetupError } from '../errors.ts'
import type { CodeRequest } from '../ports/authorizer.ts'
import type { JsonObject } from '../ports/json.ts'
import { callHook } from './hooks.ts'
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

/** Returns fields with another client. Nothing of the previous one remains, because servers may register no secret. */
export const withClient = (fields: SignInFields, client: JsonObject): SignInFields => ({
  ...Object.fromEntries(Object.entries(fields).filter(([name]) => !Object.hasOwn(registeredClient, name))),
  ...client,
})

/**
 * Registers a client at the server that the user has entered, or returns the one that an earlier sign-in of the flow
 * has registered there.
 */
export async function preparedClient(
  { issuer, register, scope, scopeSeparator }: ProviderOptions,
  { redirectUri, prepared }: CodeRequest,
  { fields = {}, ...reach }: ProviderReach,
): Promise<JsonObject> {
  const server = typeof issuer === 'function' ? callHook('issuer', null, () => issuer(fields)) : issuer
  const clientOf = typeof server === 'string' ? server : server.issuer
  if (prepared?.clientOf === clientOf) return prepared
  const options = {
    issuer: server,
    redirectUris: [redirectUri],
    ...register,
    ...(scope !== undefined && {
      scope: typeof scope === 'string' ? scope : scope.join(scopeSeparator ?? ' '),
    }),
  }
  return { ...(await registerClient(options, reach)), clientOf }
}
