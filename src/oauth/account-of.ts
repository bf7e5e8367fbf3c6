import {
  type Configuration,
  fetchUserInfo,
  skipSubjectCheck,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
} from 'openid-client'
import { SetupError } from '../errors.ts'

/** Whose account a grant is for, and what the service calls it. */
export interface Account {
  readonly account?: string
  readonly login?: string
}

/**
 * The identity behind a grant: `iss` and `sub` of the ID token, which together never change and are never given to
 * anybody else (OpenID Connect Core, 5.7); or the userinfo claim that the author names.
 *
 * @throws SetupError where the named claim is not there
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
    throw new SetupError(`The service's userinfo has no claim ${claim}.`)
  }
  return { account: String(account), ...loginIn(info) }
}

function loginIn(claims: Readonly<Record<string, unknown>>): { readonly login?: string } {
  const login = [claims.email, claims.preferred_username].find((name) => typeof name === 'string')
  return login === undefined ? {} : { login: String(login) }
}
