import { AddressRefusedError, InvalidInputError } from '../../errors.ts'
import type { Network } from '../../ports/network.ts'
import type { Core } from '../kernel/core.ts'
import { underDeadline } from '../lib/deadline.ts'

const MAX_LENGTH = 2_000

/** The time to resolve the name of a new address, in milliseconds. */
const RESOLVE_TIMEOUT = 10_000

/**
 * Validates the address of a webhook, and returns its normal form. The name must resolve to an address that the host's
 * policy allows.
 *
 * @throws InvalidInputError, AddressRefusedError
 */
export async function checkWebhookUrl({ connector, clock }: Core, text: unknown): Promise<string> {
  const { network } = connector
  const url = typeof text === 'string' && text.length <= MAX_LENGTH ? URL.parse(text) : null
  if (url === null || !/^https?:$/.test(url.protocol))
    throw invalid('The address is not a URL. Use one such as https://example.org/hooks.')
  if (url.protocol === 'http:' && network.plainHttp !== true)
    throw invalid('The address is not encrypted. Use https.')
  if (url.username !== '' || url.password !== '')
    throw invalid('The address contains credentials. Remove them: each request is signed.')
  if (url.hash !== '') throw invalid('The address has a fragment, which is never sent. Remove it.')
  const late = () => invalid('The name of the address could not be resolved in time. Try again later.')
  try {
    await underDeadline(clock, { timeout: RESOLVE_TIMEOUT }, late, () => resolveAddress(network, url.href))
  } catch (error) {
    if (error instanceof AddressRefusedError || error instanceof InvalidInputError) throw error
    throw invalid('The name of the address could not be resolved. Check for typos.')
  }
  return url.href
}

const invalid = (message: string): InvalidInputError => new InvalidInputError(message, ['/url'])

/**
 * Resolves the host of a URL. Does nothing without an address policy.
 *
 * @throws AddressRefusedError if the policy allows none of its addresses, and the error of the resolver
 */
export async function resolveAddress({ lookup }: Network, url: string): Promise<void> {
  if (lookup === undefined) return
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  lookup(host, { all: true }, (error) => (error === null ? resolve() : reject(error)))
  await promise
}
