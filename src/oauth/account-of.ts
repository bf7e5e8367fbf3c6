import { type Configuration, fetchProtectedResource, fetchUserInfo } from 'openid-client'
import { assertUnlimited } from '../authoring/rate-limit.ts'
import { Secret } from '../authoring/secret.ts'
import { CannotConnectError, SetupError } from '../errors.ts'
import type { Reach } from '../ports/authorizer.ts'
import type { Grant } from './granted-values.ts'
import { hookError, objectOf } from './hooks.ts'
import type { OAuthProviderOptions, Provider } from './provider.ts'

/** The account of a grant, and its sign-in name at the service. */
export interface Account {
  readonly account?: string
  readonly login?: string
}

/**
 * Returns the account of a grant: that of `identify`, or a userinfo claim, or `iss` and `sub` of the ID token, which
 * together identify a user permanently (OpenID Connect Core, 5.7).
 *
 * @throws SetupError if the userinfo does not contain the claim, or if `identify` throws or returns nonsense
 */
export async function accountOf(
  { options: { identify, accountClaim } }: Provider,
  configuration: Configuration,
  { grant, reach }: { readonly grant: Grant['grant']; readonly reach: Reach },
): Promise<Account> {
  if (identify !== undefined) return identified(identify, grant.access_token, reach)
  const token = grant.claims()
  if (accountClaim === undefined) {
    return token === undefined ? {} : { account: `${token.iss}#${token.sub}`, ...loginIn(token) }
  }
  const info = await userInfoOf(configuration, grant.access_token, token?.sub)
  const account = info[accountClaim]
  if (typeof account !== 'string' && typeof account !== 'number') {
    throw new SetupError(`The userinfo of the service does not contain the claim ${accountClaim}.`)
  }
  return { account: String(account), ...loginIn(info) }
}

async function identified(
  identify: NonNullable<OAuthProviderOptions['identify']>,
  accessToken: string,
  reach: Reach,
): Promise<Account> {
  let answer: unknown
  try {
    answer = await identify(new Secret(accessToken), reach)
  } catch (error) {
    throw hookError('identify', accessToken, error)
  }
  const { account, login }: { account?: unknown; login?: unknown } = objectOf('identify', answer)
  if ((typeof account !== 'string' && typeof account !== 'number') || account === '') {
    throw new SetupError('identify of the OAuth provider returned no account.')
  }
  return { account: String(account), ...(typeof login === 'string' && { login }) }
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
  await assertUnlimited(response)
  if (response.status >= 500) throw new CannotConnectError()
  const info: unknown = response.ok ? await response.json().catch(() => null) : null
  if (typeof info !== 'object' || info === null) {
    throw new SetupError(
      `The userinfo of the service is not JSON, or was refused with status ${response.status}.`,
    )
  }
  return { ...info }
}

function loginIn(claims: Readonly<Record<string, unknown>>): Pick<Account, 'login'> {
  const login = [claims.email, claims.preferred_username, claims.login].find(
    (name) => typeof name === 'string',
  )
  return login === undefined ? {} : { login: String(login) }
}
