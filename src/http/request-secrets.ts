/** Headers whose values authenticate a caller. Hosts use others than the standard ones. */
const CREDENTIAL = /authorization|cookie|token|secret|password|session|signature|api-?key/i

/** Shorter texts are settings, such as a language in a cookie. */
const MIN_CREDENTIAL = 4

/** Shorter parameters are numbers and names. */
const MIN_PARAMETER = 8

/**
 * Returns the credentials of a request, to redact them from logs: the values of its headers and cookies, and the
 * parameters of its URL. The code of a host that receives the request can quote them in its errors.
 */
export function requestSecrets({ headers, url }: Pick<Request, 'headers' | 'url'>): readonly string[] {
  const values = [...headers].flatMap(([name, value]) => (CREDENTIAL.test(name) ? partsOf(value) : []))
  const texts = values.flatMap((value) => [value, ...basicCredentials(value)])
  const parameters = [...new URL(url).searchParams.values()].filter((text) => text.length >= MIN_PARAMETER)
  return [...texts.filter((text) => text.length >= MIN_CREDENTIAL), ...parameters]
}

/** Returns the parts of a header, without the names of schemes, cookies and parameters. */
const partsOf = (header: string): readonly string[] =>
  header
    .replace(/^[A-Za-z][\w-]* +(?=[^\s;])/, '')
    .split(/[\s,;]+/)
    .map((part) => (/^[\w.-]+=(?!=*$)(.*)$/.exec(part)?.[1] ?? part).replaceAll('"', ''))

/** Returns the user name and the password in the credentials of Basic authentication (RFC 7617). */
function basicCredentials(encoded: string): readonly string[] {
  try {
    const pair = new TextDecoder().decode(Uint8Array.from(atob(encoded), (byte) => byte.charCodeAt(0)))
    return [pair, pair.slice(pair.indexOf(':') + 1)]
  } catch {
    return []
  }
}
