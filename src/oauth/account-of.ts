import {
  type Configuration,
  fetchUserInfo,
  skipSubjectCheck,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
} from 'openid-client'
import { SetupError } from '../errors.ts'

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
  const info = await fetchUserInfo(configuration, reply.access_token, token?.sub ?? skipSubjectCheck)
  const account = info[claim]
  if (typeof account !== 'string' && typeof account !== 'number') {
    throw new SetupError(`The userinfo of the service does not contain the claim ${claim}.`)
  }
  return { account: String(account), ...loginIn(info) }
}

function loginIn(claims: Readonly<Record<string, unknown>>): { readonly login?: string } {
  const login = [claims.email, claims.preferred_username].find((name) => typeof name === 'string')
  return login === undefined ? {} : { login: String(login) }
}
