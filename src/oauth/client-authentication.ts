import * as client from 'openid-client'
import { ConfigurationError, SetupError } from '../errors.ts'
import type { OAuthProviderOptions, TokenEndpointAuthMethod } from './provider.ts'

/** The credentials of the client. */
type Credentials = Pick<OAuthProviderOptions, 'privateKey' | 'privateKeyId'> & {
  readonly clientSecret: string | undefined
  readonly tokenEndpointAuthMethod?: TokenEndpointAuthMethod | undefined
}

const PEM = /-----BEGIN PRIVATE KEY-----([\s\S]+?)-----END PRIVATE KEY-----/

/** @throws ConfigurationError if a method lacks its credential, or if the private key is not a PEM of PKCS #8 */
export function assertAuthentication(options: OAuthProviderOptions): void {
  const { tokenEndpointAuthMethod: method, clientSecret, privateKey } = options
  if (privateKey !== undefined && !PEM.test(privateKey)) {
    throw new ConfigurationError(
      'Invalid privateKey of oauthProvider. Use a PEM that begins with "-----BEGIN PRIVATE KEY-----".',
    )
  }
  const needed = method === 'private_key_jwt' ? 'privateKey' : 'clientSecret'
  const given = method === 'private_key_jwt' ? privateKey : clientSecret
  if (method !== undefined && method !== 'none' && given === undefined) {
    throw new ConfigurationError(`oauthProvider needs a ${needed} for ${method}.`)
  }
}

/**
 * Returns the authentication of a client at the token endpoint: the requested one, or one that the metadata of the server
 * lists, or HTTP Basic (RFC 6749, 2.3.1).
 *
 * @throws SetupError if the private key cannot be read
 */
export async function authenticationOf(
  { token_endpoint_auth_methods_supported: listed = [] }: client.ServerMetadata,
  credentials: Credentials,
): Promise<client.ClientAuth> {
  const { clientSecret, privateKey, privateKeyId } = credentials
  switch (credentials.tokenEndpointAuthMethod ?? usualMethod(listed, credentials)) {
    case 'private_key_jwt': {
      const key = await privateKeyOf(privateKey ?? '')
      return client.PrivateKeyJwt(privateKeyId === undefined ? key : { key, kid: privateKeyId })
    }
    case 'client_secret_post':
      return client.ClientSecretPost(clientSecret ?? '')
    case 'client_secret_basic':
      return basic(clientSecret ?? '')
    case 'none':
      return client.None()
  }
}

function usualMethod(
  listed: readonly string[],
  { clientSecret, privateKey }: Credentials,
): TokenEndpointAuthMethod {
  if (privateKey !== undefined) return 'private_key_jwt'
  if (clientSecret === undefined) return 'none'
  return listed.includes('client_secret_post') ? 'client_secret_post' : 'client_secret_basic'
}

/**
 * HTTP Basic. Encodes the id and the secret as a form does, which leaves `-`, `.`, `_` and `*` alone. The library
 * encodes these as well, and services that decode nothing then refuse the client.
 */
const basic =
  (secret: string): client.ClientAuth =>
  (_, { client_id: id }, __, headers) =>
    headers.set('authorization', `Basic ${btoa(`${formEncoded(id)}:${formEncoded(secret)}`)}`)

const formEncoded = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1)

/** The algorithms of private keys. A key has exactly one. */
const ALGORITHMS = [
  { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  { name: 'ECDSA', namedCurve: 'P-256' },
  { name: 'ECDSA', namedCurve: 'P-384' },
  { name: 'ECDSA', namedCurve: 'P-521' },
  { name: 'Ed25519' },
] as const

/**
 * Reads a private key for signatures.
 *
 * @throws SetupError if the key is not one of RSA, ECDSA and Ed25519
 */
export async function privateKeyOf(pem: string): Promise<client.CryptoKey> {
  const [, body = ''] = PEM.exec(pem) ?? []
  for (const algorithm of ALGORITHMS) {
    try {
      const bytes = Uint8Array.from(atob(body.replaceAll(/\s/g, '')), (char) => char.charCodeAt(0))
      return await crypto.subtle.importKey('pkcs8', bytes, algorithm, false, ['sign'])
    } catch {
      // The key has another algorithm.
    }
  }
  throw new SetupError('The private key of the OAuth client cannot be read. Use RSA, ECDSA or Ed25519.')
}
