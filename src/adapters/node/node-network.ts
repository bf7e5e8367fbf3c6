import * as dns from 'node:dns'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { Agent, buildConnector, FormData, Request, fetch as undiciFetch } from 'undici'
import { AddressRefusedError } from '../../errors.ts'
import type { Lookup, Network } from '../../ports/network.ts'

/**
 * The addresses that may be connected to. `public` allows global unicast only: not private, loopback, link-local or
 * reserved addresses. A function receives the address without a zone. For an IPv6 address that contains an IPv4
 * address (mapped, translated, 6to4), it receives the IPv4 address.
 */
export type AddressPolicy = 'any' | 'public' | ((address: string, family: 4 | 6) => boolean)

/** A {@link Network} that checks each address and can close its sockets. */
export interface NodeNetwork extends Network {
  /**
   * For clients that open their own sockets. Node does not call `lookup` for an IP address, so such a client must
   * call `lookup` for it first and connect to the result.
   */
  readonly lookup: Lookup
  /** Closes all sockets. Requests in progress reject. */
  close(): Promise<void>
}

/** The prefixes of IPv6 addresses that contain an IPv4 address, and its offset in bytes. */
const embeddings: readonly (readonly [prefix: string, offset: number])[] = [
  ['::ffff:0:0/96', 12], // IPv4-mapped (RFC 4291)
  ['::/96', 12], // IPv4-compatible (RFC 4291, deprecated)
  ['::ffff:0:0:0/96', 12], // IPv4-translated (RFC 2765)
  ['64:ff9b::/96', 12], // NAT64 (RFC 6052)
  ['2002::/16', 2], // 6to4 (RFC 3056)
]
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * Creates a network for shared hosts, so that user input cannot make the host connect to internal addresses. The
 * address is checked when the socket is opened, also after a redirect or a changed DNS answer. `resolve` replaces
 * `dns.lookup`; it is called for all addresses of a name. `plainHttp` allows webhooks to addresses without encryption.
 *
 * @throws {AddressRefusedError} from `fetch`, and to the callback of `lookup`
 *
 * @example
 * ```ts
 * import { createLatchkey } from 'latchkey'
 * import { nodeNetwork } from 'latchkey/node'
 * import { sqliteStore } from 'latchkey/sqlite'
 *
 * const network = nodeNetwork({ allow: 'public' })
 * const latchkey = await createLatchkey({ integrations: [], store: sqliteStore('latchkey.db'), network })
 * ```
 */
export function nodeNetwork(options: {
  readonly allow: AddressPolicy
  readonly resolve?: Lookup
  readonly plainHttp?: boolean
}): NodeNetwork {
  const { allow, resolve = resolveBySystem, plainHttp = false } = options
  const lookup = guardedLookup(resolve, (address) => permits(allow, address))
  const connect = buildConnector({ lookup })
  const agent = new Agent({
    connect(target, callback) {
      // net.connect() does not call `lookup` for an IP address. It uses isIP() for that decision, too.
      if (isIP(target.hostname) && !permits(allow, target.hostname)) callback(new AddressRefusedError(), null)
      else connect(target, callback)
    },
  })
  return {
    async fetch(input, init) {
      try {
        return await undiciFetch(ownRequest(input), { ...init, ...ownBody(init), dispatcher: agent })
      } catch (error) {
        throw error instanceof TypeError && error.cause instanceof AddressRefusedError ? error.cause : error
      }
    },
    lookup,
    plainHttp,
    close: () => agent.destroy(),
  }
}

const resolveBySystem: Lookup = (hostname, { family = 0 }, callback) =>
  dns.lookup(
    hostname,
    { all: true, family: typeof family === 'number' ? family : Number(family.slice(-1)) },
    callback,
  )

/** Returns a lookup that passes on only the addresses that the policy allows. */
function guardedLookup(resolve: Lookup, isAllowed: (address: string) => boolean): Lookup {
  return (hostname, options, callback) =>
    resolve(hostname, { ...options, all: true }, (error, found, family) => {
      if (error) return callback(error, '')
      const answers = typeof found === 'string' ? [{ address: found, family: family ?? isIP(found) }] : found
      let allowed: typeof answers
      try {
        allowed = answers.filter(({ address }) => isAllowed(address))
      } catch (thrown) {
        // An error that is thrown in the resolver's callback would end the process.
        return callback(thrown instanceof Error ? thrown : new AddressRefusedError(), '')
      }
      const [first] = allowed
      if (!first) callback(new AddressRefusedError(), '')
      else if (options.all) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
}

function permits(allow: AddressPolicy, text: string): boolean {
  if (allow === 'any') return true
  if (!isIP(text)) return false
  const address = effectiveAddress(text)
  const isIPv6 = address instanceof ipaddr.IPv6
  if (allow !== 'public') return allow(address.toString(), isIPv6 ? 6 : 4)
  // ipaddr.js reports unknown ranges as unicast, but only 2000::/3 is public.
  return address.range() === 'unicast' && (!isIPv6 || address.match(globalUnicast))
}

/** Returns the address without its zone; for an IPv6 address that contains an IPv4 address, the IPv4 address. */
function effectiveAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 {
  const address = ipaddr.parse(text.replace(/%.*/, ''))
  if (address instanceof ipaddr.IPv4 || ['loopback', 'unspecified'].includes(address.range())) return address
  const embedding = embeddings.find(([prefix]) => address.match(ipaddr.IPv6.parseCIDR(prefix)))
  if (!embedding) return address
  const [, offset] = embedding
  return new ipaddr.IPv4(address.toByteArray().slice(offset, offset + 4))
}

// undici supports only its own Request and FormData. It would send Node's as "[object FormData]".

function ownRequest(input: Parameters<Network['fetch']>[0]): string | URL | Request {
  return input instanceof globalThis.Request ? new Request(input.url, input) : input
}

function ownBody(init: RequestInit | undefined): { body?: FormData } {
  if (!(init?.body instanceof globalThis.FormData)) return {}
  const body = new FormData()
  for (const [name, value] of init.body) body.append(name, value)
  return { body }
}
