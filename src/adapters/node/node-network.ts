import * as dns from 'node:dns'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { Agent, buildConnector, FormData, Request, fetch as undiciFetch } from 'undici'
import { AddressRefusedError } from '../../errors.ts'
import type { Lookup, Network } from '../../ports/network.ts'

/**
 * Which addresses may be connected to. `public` is global unicast: nothing private, loopback, link-local or reserved.
 * A function sees the address that is reached in the end: of an IPv6 address that stands for an IPv4 one (mapped,
 * translated, 6to4) the IPv4 one, and no zone.
 */
export type AddressPolicy = 'any' | 'public' | ((address: string, family: 4 | 6) => boolean)

/** A {@link Network} that checks every address, and that can let go of its sockets. */
export interface NodeNetwork extends Network {
  /**
   * For clients that open sockets themselves. Node asks a `lookup` about names only: a client that is given an IP
   * address has to connect to what `lookup` answered for it.
   */
  readonly lookup: Lookup
  /** Closes every socket; requests in flight reject. */
  close(): Promise<void>
}

/** What stands before, and at which byte, of IPv6 addresses that carry the IPv4 address that is reached. */
const embeddings: readonly (readonly [prefix: string, offset: number])[] = [
  ['::ffff:0:0/96', 12], // IPv4-mapped (RFC 4291)
  ['::/96', 12], // IPv4-compatible (RFC 4291, deprecated)
  ['::ffff:0:0:0/96', 12], // IPv4-translated (RFC 2765)
  ['64:ff9b::/96', 12], // NAT64 (RFC 6052)
  ['2002::/16', 2], // 6to4 (RFC 3056)
]
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * The network of a host that is shared, where a person's input must not reach what only the host can. The address is
 * checked where the socket is opened, on the very address that it connects to: at every redirect, whatever the name
 * said a moment ago. `resolve` stands in for `dns.lookup`; it is asked for all addresses of a name.
 *
 * @throws {AddressRefusedError} from `fetch`, and to the callback of `lookup`.
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
}): NodeNetwork {
  const { allow, resolve = resolveBySystem } = options
  const lookup = guardedLookup(resolve, (address) => permits(allow, address))
  const connect = buildConnector({ lookup })
  const agent = new Agent({
    connect(target, callback) {
      // net.connect() asks no lookup about an address; this is the test by which it tells one.
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
    close: () => agent.destroy(),
  }
}

const resolveBySystem: Lookup = (hostname, { family = 0 }, callback) =>
  dns.lookup(
    hostname,
    { all: true, family: typeof family === 'number' ? family : Number(family.slice(-1)) },
    callback,
  )

/** One resolution, of which only what the policy allows is passed on. */
function guardedLookup(resolve: Lookup, isAllowed: (address: string) => boolean): Lookup {
  return (hostname, options, callback) =>
    resolve(hostname, { ...options, all: true }, (error, found, family) => {
      if (error) return callback(error, '')
      const answers = typeof found === 'string' ? [{ address: found, family: family ?? isIP(found) }] : found
      let allowed: typeof answers
      try {
        allowed = answers.filter(({ address }) => isAllowed(address))
      } catch (thrown) {
        // A resolver's callback has no caller: what the host's function throws would end the process.
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
  const address = reached(text)
  const isIPv6 = address instanceof ipaddr.IPv6
  if (allow !== 'public') return allow(address.toString(), isIPv6 ? 6 : 4)
  // ipaddr.js calls unicast what it does not know; outside 2000::/3 nothing is public yet.
  return address.range() === 'unicast' && (!isIPv6 || address.match(globalUnicast))
}

/** The address without its zone or, of an IPv6 address that stands for an IPv4 one, that one. */
function reached(text: string): ipaddr.IPv4 | ipaddr.IPv6 {
  const address = ipaddr.parse(text.replace(/%.*/, ''))
  if (address instanceof ipaddr.IPv4 || ['loopback', 'unspecified'].includes(address.range())) return address
  const embedding = embeddings.find(([prefix]) => address.match(ipaddr.IPv6.parseCIDR(prefix)))
  if (!embedding) return address
  const [, offset] = embedding
  return new ipaddr.IPv4(address.toByteArray().slice(offset, offset + 4))
}

// undici knows its own classes only, and would send Node's Request and FormData as "[object FormData]".

function ownRequest(input: Parameters<Network['fetch']>[0]): string | URL | Request {
  return input instanceof globalThis.Request ? new Request(input.url, input) : input
}

function ownBody(init: RequestInit | undefined): { body?: FormData } {
  if (!(init?.body instanceof globalThis.FormData)) return {}
  const body = new FormData()
  for (const [name, value] of init.body) body.append(name, value)
  return { body }
}
