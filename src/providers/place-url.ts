/** The origin of a URL, which can contain placeholders, and the rest. */
const PARTS = /^(https:\/\/[^/]+)(.*)$/

/** Fills in the placeholders of a text. Other placeholders stay. */
export function filled(text: string, values: Readonly<Record<string, unknown>>): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = values[name]
    return typeof value === 'string' ? encodeURIComponent(value) : placeholder
  })
}

/**
 * Returns the URL of an endpoint at another server of the same kind. `apiPath` has the path of an API there, by its
 * origin at the service.
 */
export function placedAt(
  url: string,
  issuer: string,
  apiPath: Readonly<Record<string, string>> = {},
): string {
  const [, origin = '', rest = ''] = PARTS.exec(url) ?? []
  return `${issuer.replace(/\/+$/, '')}${apiPath[origin] ?? ''}${rest}`
}

/** Returns the pattern of the hosts of a URL with placeholders, for `allowedHosts`. */
export function hostPattern(issuer: string): string {
  const [, host = ''] = /^https?:\/\/([^/?#]+)/.exec(issuer) ?? []
  return host.replace(/^\{\w+\}\./, '*.')
}
