/** An address in its normal form. */
interface Address {
  /** The scheme in lower case; null without one. */
  readonly scheme: string | null
  /** The host in lower case and ASCII, without a final dot. An IPv6 address is compressed and in brackets. */
  readonly host: string
  /** Null without a port. */
  readonly port: number | null
  /** The path without slashes at its end; empty for the root. */
  readonly path: string
}

interface AddressOptions {
  /** The schemes that a URL can have. The first one is that of an address without a scheme. */
  readonly schemes?: readonly string[] | undefined
}

type ParsedAddress =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly code: 'invalid_address' | 'address_has_credentials' | 'address_scheme' }

/**
 * Control and bidi characters, spaces of any kind, query, fragment, and the backslash, which URL parsers read as a
 * slash.
 */
const unfit = /[\p{C}\p{Z}\\?#]/u

/** The ports that clients use if an address of the scheme has none. */
const defaultPorts: ReadonlyMap<string | null, number> = new Map([
  ['amqp', 5672],
  ['amqps', 5671],
  ['coap', 5683],
  ['coaps', 5684],
  ['ftp', 21],
  ['http', 80],
  ['https', 443],
  ['imap', 143],
  ['imaps', 993],
  ['ldap', 389],
  ['ldaps', 636],
  ['mqtt', 1883],
  ['mqtts', 8883],
  ['redis', 6379],
  ['rtsp', 554],
  ['rtsps', 322],
  ['ssh', 22],
  ['ws', 80],
  ['wss', 443],
])

/**
 * Parses the address of a host: a name or an IP address, with or without a port, or a URL of one of `schemes`
 * (`['http', 'https']`), with or without a path. Without `schemes` URLs are invalid. `value` is the normal form, in
 * which clients can use the address: `http://${value}` is a URL if `value` has no scheme. The address policy is not
 * applied here: `Network` checks the address when it connects.
 */
export function parseAddress(text: string, options: AddressOptions = {}): ParsedAddress {
  const address = read(text.trim(), options)
  if (typeof address === 'string') return { ok: false, code: address }
  const { scheme } = address
  return { ok: true, value: `${scheme === null ? '' : `${scheme}://`}${restOf(address, scheme)}` }
}

/**
 * Returns the host and port of an address or URL, for users: without scheme, credentials, path and query. Null if the
 * text has no valid host.
 */
export function hostAndPort(text: string): string | null {
  const [, rest = ''] = /^(?:[a-z][a-z\d+.-]*:\/\/)?([^/\\?#]*)/i.exec(text.trim()) ?? []
  const authority = rest.slice(rest.lastIndexOf('@') + 1)
  const isBare = isBareIPv6(authority)
  if (unfit.test(authority) || (!isBare && !isHostAndPort(authority))) return null
  const port = isBare ? undefined : /:(\d+)$/.exec(authority)?.[1]
  return `${hostOf(isBare ? `[${authority}]` : authority)}${port === undefined ? '' : `:${Number(port)}`}`
}

/**
 * Returns a text for the comparison of addresses: the same for all spellings of one address. An address without a
 * scheme has the first of `schemes`. A text that is not an address is returned unchanged.
 */
export function addressKey(text: string, options: AddressOptions = {}): string {
  const address = read(text.trim(), options)
  if (typeof address === 'string') return text
  const usual = options.schemes?.[0]?.toLowerCase() ?? null
  const scheme = address.scheme ?? usual
  const rest = restOf(address, scheme)
  if (scheme !== usual) return `${scheme}://${rest}`
  // Without brackets, as releases without a normal form have stored the key of a bare IPv6 address.
  return /^\[[^\]]*\]$/.test(rest) ? rest.slice(1, -1) : rest
}

const restOf = ({ host, port, path }: Address, scheme: string | null): string =>
  `${host}${port === null || port === defaultPorts.get(scheme) ? '' : `:${port}`}${path}`

/** Returns the parts of a trimmed address, or the code of the problem. */
function read(
  value: string,
  { schemes = [] }: AddressOptions,
): Address | Exclude<ParsedAddress, { ok: true }>['code'] {
  if (unfit.test(value)) return 'invalid_address'
  const scheme = schemeOf(value)
  if (scheme !== null && !schemes.some((allowed) => allowed.toLowerCase() === scheme)) return 'address_scheme'
  if (scheme !== null && !value.startsWith('://', scheme.length)) return 'invalid_address'
  const rest = scheme === null ? value : value.slice(scheme.length + '://'.length)
  const authority = rest.split('/', 1).join()
  if (authority.includes('@')) return 'address_has_credentials'
  const path = rest.slice(authority.length)
  // Only slashes: browsers add one to the addresses that users copy.
  if (scheme === null && !/^\/*$/.test(path)) return 'invalid_address'
  const isBare = scheme === null && isBareIPv6(authority)
  if (!isBare && !isHostAndPort(authority)) return 'invalid_address'
  const port = isBare ? undefined : /:(\d+)$/.exec(authority)?.[1]
  return {
    scheme,
    host: hostOf(isBare ? `[${authority}]` : authority),
    port: port === undefined ? null : Number(port),
    path: pathOf(path),
  }
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
 * Whether a text is a host with an optional port. Forms that only URL parsers understand (`%31`, `0x7f.1`, `127.1`) are
 * invalid, because a user can take them for a name.
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

/** Returns the host of a valid authority. An IPv4 address that is mapped to IPv6 is the same host as without that. */
function hostOf(authority: string): string {
  const { hostname } = new URL(`http://${authority}`)
  const mapped = /^\[::ffff:([\da-f]{1,4}):([\da-f]{1,4})\]$/.exec(hostname)
  if (mapped === null) return hostname.replace(/\.$/, '')
  const bytes = mapped.slice(1).flatMap((group) => {
    const number = Number.parseInt(group, 16)
    return [number >> 8, number & 255]
  })
  return bytes.join('.')
}

/** Resolves and encodes a path as requests do, and removes the slashes at its end. */
const pathOf = (path: string): string => new URL(`http://host${path}`).pathname.replace(/\/+$/, '')
