import { CannotConnectError, InvalidAuthError } from '../../src/index.ts'

/** A service in memory, so that the examples of the guide run without a network. */
export const service = {
  passwords: new Map([['alice', 'right']]),
  codes: new Map<string, 'valid' | 'expired'>([
    ['123456', 'valid'],
    ['000000', 'expired'],
  ]),
  tokens: new Map([['token-1', 'alice']]),
  /** Tokens that replace an old one, by the refresh token. */
  refreshed: new Map([['refresh-1', 'token-2']]),
  places: new Map([['Bern', 'place-7']]),
  online: true,
  /** Closes the open connections. */
  drop: () => {},

  /** @throws InvalidAuthError if the password is wrong */
  async logIn(username: string, password: string): Promise<string> {
    if (this.passwords.get(username) !== password) throw new InvalidAuthError()
    return `session of ${username}`
  },

  /** Returns a token, or `null` if the code has expired. @throws InvalidAuthError if the code is wrong */
  async confirm(session: string, code: string): Promise<string | null> {
    const state = this.codes.get(code)
    if (state === undefined) throw new InvalidAuthError()
    return state === 'expired' ? null : this.createToken(session.replace('session of ', ''))
  },

  createToken(username: string): string {
    const token = `token-${this.tokens.size + 1}`
    this.tokens.set(token, username)
    return token
  },

  /** Returns the account of a token. @throws InvalidAuthError, CannotConnectError */
  async account(token: string): Promise<{ id: string; name: string }> {
    if (!this.online) throw new CannotConnectError()
    const name = this.tokens.get(token)
    if (name === undefined) throw new InvalidAuthError()
    return { id: `account of ${name}`, name }
  },

  /** Signs a token out. Does nothing if it was signed out before. @throws CannotConnectError */
  async signOut(token: string): Promise<void> {
    if (!this.online) throw new CannotConnectError()
    this.tokens.delete(token)
  },

  /** Returns the sites of a user, by id. */
  async sites(username: string): Promise<Record<string, string>> {
    return { north: `North site of ${username}`, south: `South site of ${username}` }
  },

  /** Exchanges a refresh token. @throws InvalidAuthError if it was revoked */
  async refresh(refreshToken: string): Promise<{ token: string; expiresIn: number }> {
    const token = this.refreshed.get(refreshToken)
    if (token === undefined) throw new InvalidAuthError()
    this.tokens.set(token, 'alice')
    return { token, expiresIn: 3_600 }
  },
}
