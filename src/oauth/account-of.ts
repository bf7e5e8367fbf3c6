import {
  type Configuration,
  fetchProtectedResource,
  fetchUserInfo,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
} from 'openid-client'
import { CannotConnectError, SetupError } from '../errors.ts'

/** The account of a grant, and its sign-in name at the service. */
export interface Account {
  readonly account?: string
  readonly login?: string
}

/**
 * Returns the account of a grant: `iss` and `sub` of the ID token, which together identify a user permanently (OpenID
 * Connect Core, 5.7), or a userinfo claim.
 *
 * @throws SetupError if the userinfo does not contain the claim
 */
export async function accountOf(
  configuration: Configuration,
  reply: TokenEndpointResponse & TokenEndpointResponseHelpers,
  claim: string | undefined,
): Promise<Account> {
  const token = reply.claims()
  if (claim === undefined) {
    return token === undefined ? {} : { account: `${token.iss}#${token.sub}`, ...loginIn(token) }
  }
  const info = await userInfoOf(configuration, reply.access_token, token?.sub)
  const account = info[claim]
  if (typeof account !== 'string' && typeof account !== 'number') {
    throw new SetupError(`The userinfo of the service does not contain the claim ${claim}.`)
  }
  return { account: String(account), ...loginIn(info) }
}

/**
 * Requests the userinfo. Without an ID token the service need not implement OpenID Connect, so the answer may have no
 * `sub`.
 */
async function userInfoOf(
  configuration: Configuration,
  accessToken: string,
  subject: string | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  if (subject !== undefined) return fetchUserInfo(configuration, accessToken, subject)
  const { userinfo_endpoint: endpoint } = configuration.serverMetadata()
  if (endpoint === undefined) throw new SetupError('The OAuth server has no userinfo endpoint.')
  const headers = new Headers({ accept: 'application/json' })
  const response = await fetchProtectedResource(
    configuration,
    accessToken,
    new URL(endpoint),
    'GET',
    null,
    headers,
  )
  if (response.status >= 500 || response.status === 429) throw new CannotConnectError()
  const info: unknown = response.ok ? await response.json().catch(() => null) : null
  if (typeof info !== 'object' || info === null) {
    throw new SetupError(
      `The userinfo of the service is not JSON, or was refused with status ${response.status}.`,
    )
  }
  return { ...info }
}

function loginIn(claims: Readonly<Record<string, unknown>>): { readonly login?: string } {
  const login = [claims.email, claims.preferred_username, claims.login].find(
    (name) => typeof name === 'string',
  )
  return login === undefined ? {} : { login: String(login) }
}
