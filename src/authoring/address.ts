type ParsedAddress =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly code: 'invalid_address' | 'address_has_credentials' | 'address_scheme' }

/**
 * Control and bidi characters, spaces of any kind, query, fragment, and the backslash, which URL parsers read as a
 * slash.
 */
const unfit = /[\p{C}\p{Z}\\?#]/u

/**
 * Parses the address of a host: a name or an IP address, with or without a port, or a URL of one of `schemes`
 * (`['http', 'https']`), with or without a path. Without `schemes` URLs are invalid. `value` is the trimmed text. The
 * address policy is not applied here: `Network` checks the address when it connects.
 */
export function parseAddress(
  text: string,
  { schemes = [] }: { readonly schemes?: readonly string[] | undefined } = {},
): ParsedAddress {
  const value = text.trim()
  if (unfit.test(value)) return { ok: false, code: 'invalid_address' }

  const scheme = schemeOf(value)
  if (scheme !== null && !schemes.some((allowed) => allowed.toLowerCase() === scheme)) {
    return { ok: false, code: 'address_scheme' }
  }
  const rest = scheme === null ? value : value.slice(scheme.length + '://'.length)
  const authority = rest.split('/', 1).join()
  if (authority.includes('@')) return { ok: false, code: 'address_has_credentials' }

  const isWellFormed =
    scheme === null
      ? authority === value && (isBareIPv6(value) || isHostAndPort(value))
      : value.startsWith('://', scheme.length) && isHostAndPort(authority)
  return isWellFormed ? { ok: true, value } : { ok: false, code: 'invalid_address' }
}

/**
 * Returns the scheme in lower case, or `null` if the colon belongs to `host:port`, an IPv6 address or `user:password@`.
 */
function schemeOf(value: string): string | null {
  const url = URL.parse(value)
  if (url === null) return null
  if (url.host === '' && /^$|^[-\d:]|^[^/]*@/.test(url.pathname)) return null
  return url.protocol.slice(0, -1)
}

const isBareIPv6 = (text: string): boolean => URL.canParse(`http://[${text}]`)

/**
 * Whether a text is a host with an optional port. The text is stored unchanged, so forms that only URL parsers
 * understand (`%31`, `0x7f.1`, `127.1`) are invalid.
 */
function isHostAndPort(authority: string): boolean {
  const url = URL.parse(`http://${authority}`)
  if (url === null || authority.includes('%') || authority.endsWith(':') || url.port === '0') return false
  const { hostname } = url
  if (hostname.startsWith('[')) return true
  if (/\.\d+$/.test(hostname)) return authority.startsWith(hostname)
  const labels = hostname.replace(/\.$/, '').split('.')
  return hostname.length <= 255 && labels.every((label) => /^(?!-)[\w-]{1,63}(?<!-)$/.test(label))
}
