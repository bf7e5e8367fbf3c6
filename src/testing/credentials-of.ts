/** Headers that authenticate a request. */
const AUTHENTICATES = /^(authorization|cookie)$|(^|-)(auth|key|password|secret|token)$/i

/** Shorter values are not credentials, but occur in other texts by chance. */
const SHORTEST = 8

/** Returns the credentials in the headers of a request: tokens, keys, passwords and cookies. */
export function credentialsOf(...[input, init]: Parameters<typeof fetch>): readonly string[] {
  const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : {}))
  return [...headers]
    .filter(([name]) => AUTHENTICATES.test(name))
    .flatMap(([name, value]) => (name === 'cookie' ? cookiesOf(value) : [credentialOf(value)]))
    .filter(({ length }) => length >= SHORTEST)
}

/** Returns a credential without its scheme (RFC 9110, 11.4), and of Basic only the password. */
function credentialOf(value: string): string {
  const [, scheme = '', credential = value] = /^(\w+) (\S+)$/.exec(value) ?? []
  if (scheme.toLowerCase() !== 'basic') return credential
  return Buffer.from(credential, 'base64')
    .toString()
    .replace(/^[^:]*:/, '')
}

const cookiesOf = (value: string): readonly string[] =>
  value.split(/; */).map((cookie) => cookie.replace(/^[^=]*=/, ''))
