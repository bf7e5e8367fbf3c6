import * as z from 'zod'
import { Secret, secret } from '../authoring/secret.ts'
import { SetupError } from '../errors.ts'
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
}

/** Returns the registered client among stored or prepared fields. @throws SetupError without one */
export function clientIn(fields: SignInFields): RegisteredClient {
  const client = knownClient(fields)
  if (client !== null) return client
  throw new SetupError(
    'The entry has no registered OAuth client. Add the fields of registeredClient to stored.',
  )
}

function knownClient({
  clientId,
  clientSecret,
  tokenEndpointAuthMethod,
}: SignInFields): RegisteredClient | null {
  if (typeof clientId !== 'string' || clientId === '') return null
  const secretText = clientSecret instanceof Secret ? clientSecret.reveal() : clientSecret
  const method = methods.find((name) => name === tokenEndpointAuthMethod)
  return {
    clientId,
    ...(typeof secretText === 'string' && secretText !== '' && { clientSecret: secretText }),
    ...(method !== undefined && { tokenEndpointAuthMethod: method }),
  }
}

/** Returns the client of an entry, or registers one at the server that the user has entered. */
export async function preparedClient(
  { issuer, register, scope, scopeSeparator }: ProviderOptions,
  redirectUri: string,
  { fields = {}, ...reach }: ProviderReach,
): Promise<JsonObject> {
  const known = knownClient(fields)
  if (known !== null) return { ...known }
  const server = typeof issuer === 'function' ? callHook('issuer', null, () => issuer(fields)) : issuer
  const options = {
    issuer: server,
    redirectUris: [redirectUri],
    ...register,
    ...(scope !== undefined && {
      scope: typeof scope === 'string' ? scope : scope.join(scopeSeparator ?? ' '),
    }),
  }
  return { ...(await registerClient(options, reach)) }
}
