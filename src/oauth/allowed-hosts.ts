import { ConfigurationError, SetupError } from '../errors.ts'

/** A host name with an optional port. A star stands for one or more labels in front of at least two others. */
const PATTERN = /^(\*\.[a-z0-9-]+(\.[a-z0-9-]+)+|[a-z0-9-]+(\.[a-z0-9-]+)*|\[[\da-f:.]+\])(:\d{1,5})?$/

/** Throws unless each item is a host. @throws ConfigurationError */
export function assertHosts(hosts: readonly string[]): void {
  const wrong = hosts.find((host) => !PATTERN.test(host.toLowerCase()))
  if (wrong !== undefined) {
    throw new ConfigurationError(
      `Invalid host ${JSON.stringify(wrong)} in allowedHosts. Use a host name, or a star and a domain, such as "*.example.com".`,
    )
  }
}

/**
 * Throws unless the client secret can be sent to an address.
 *
 * @throws SetupError if no pattern matches its host
 */
export function assertAllowed(address: string, hosts: readonly string[]): void {
  const { host } = new URL(address)
  const name = host.replace(/\.(?=:|$)/, '')
  const matches = (pattern: string): boolean =>
    pattern.startsWith('*.')
      ? name.endsWith(pattern.slice(1)) && name.length > pattern.length - 1
      : name === pattern
  if (!hosts.some((pattern) => matches(pattern.toLowerCase()))) {
    throw new SetupError(`The OAuth server ${host} is not one of the allowed hosts.`)
  }
}
