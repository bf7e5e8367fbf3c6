import { afterEach, describe, expect, it } from '@jest/globals'
import { type AddressPolicy, type NodeNetwork, nodeNetwork } from '../../../src/adapters/node/node-network.ts'
import { AddressRefusedError } from '../../../src/errors.ts'
import type { Lookup } from '../../../src/ports/network.ts'

const onlyFirst: AddressPolicy = (address) => address === '127.0.0.1'
const networks: NodeNetwork[] = []

function network(allow: AddressPolicy, resolve?: Lookup): NodeNetwork {
  const made = nodeNetwork(resolve ? { allow, resolve } : { allow })
  networks.push(made)
  return made
}

/** A resolver that gives every name these addresses. */
function answering(...addresses: string[]): Lookup {
  const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  return (_hostname, _options, callback) => setImmediate(callback, null, found)
}

function ask(lookup: Lookup, hostname: string, options: Parameters<Lookup>[1] = {}) {
  return new Promise<unknown>((resolve, reject) =>
    lookup(hostname, options, (error, address, family) =>
      error ? reject(error) : resolve(options.all ? address : [address, family]),
    ),
  )
}

afterEach(async () => {
  for (const made of networks.splice(0)) await made.close()
})

describe('nodeNetwork policy', () => {
  const answersFor = (allow: AddressPolicy, address: string) =>
    ask(network(allow, answering(address)).lookup, 'hub.test', { all: true })

  it.each([
    '8.8.8.8',
    '172.32.0.1',
    '2606:4700:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '2002:808:808::1',
  ])('public allows %s', async (address) => {
    await expect(answersFor('public', address)).resolves.toEqual([
      { address, family: address.includes(':') ? 6 : 4 },
    ])
  })

  it.each([
    ['this host', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.0.1'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['loopback', '127.255.255.254'],
    ['link-local, where clouds keep credentials', '169.254.169.254'],
    ['protocol assignments', '192.0.0.1'],
    ['documentation', '192.0.2.1'],
    ['benchmarking', '198.18.0.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%lo'],
    ['link-local with a long zone', 'fe80::1%wlan-0.100'],
    ['site-local', 'fec0::1'],
    ['unique local', 'fc00::1'],
    ['unique local, where a cloud keeps credentials', 'fd00:ec2::254'],
    ['multicast', 'ff02::1'],
    ['documentation', '2001:db8::1'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['discard', '100::1'],
    ['an overlay network', '200::1'],
    ['segment routing', '5f00::1'],
    ['local NAT64', '64:ff9b:1::808:808'],
    ['mapped', '::ffff:127.0.0.1'],
    ['mapped', '::ffff:a9fe:a9fe'],
    ['compatible', '::7f00:1'],
    ['compatible', '::10.0.0.1'],
    ['translated', '::ffff:0:10.0.0.1'],
    ['NAT64', '64:ff9b::a00:1'],
    ['NAT64', '64:ff9b::169.254.169.254'],
    ['6to4', '2002:7f00:1::1'],
    ['6to4', '2002:c0a8:1::'],
    ['no address at all', 'hub.local'],
    ['no address at all', ''],
  ])('public refuses %s: %s', async (_what, address) => {
    await expect(answersFor('any', address)).resolves.toMatchObject([{ address }])
    await expect(answersFor('public', address)).rejects.toBeInstanceOf(AddressRefusedError)
  })

  it.each([
    ['10.0.0.1', '10.0.0.1', 4],
    ['::1', '::1', 6],
    ['::', '::', 6],
    ['2001:DB8:0:0::1', '2001:db8::1', 6],
    ['fe80::1%lo', 'fe80::1', 6],
    ['::ffff:10.0.0.1', '10.0.0.1', 4],
    ['::10.0.0.1', '10.0.0.1', 4],
    ['::a00:1', '10.0.0.1', 4],
    ['::ffff:0:10.0.0.1', '10.0.0.1', 4],
    ['64:ff9b::a00:1', '10.0.0.1', 4],
    ['2002:a00:1:2::3', '10.0.0.1', 4],
  ])('shows for %s a function %s', async (address, shown, family) => {
    const seen: unknown[] = []
    const allow: AddressPolicy = (...args) => seen.push(args) > 0
    await expect(answersFor(allow, address)).resolves.toMatchObject([{ address }])
    expect(seen).toEqual([[shown, family]])
  })
})

describe('nodeNetwork lookup', () => {
  it('answers as dns.lookup does, for one address and for all', async () => {
    const { lookup } = network('any')
    await expect(ask(lookup, '127.0.0.1')).resolves.toEqual(['127.0.0.1', 4])
    await expect(ask(lookup, '127.0.0.1', { all: true })).resolves.toEqual([
      { address: '127.0.0.1', family: 4 },
    ])
    await expect(ask(lookup, 'localhost', { family: 4 })).resolves.toEqual(['127.0.0.1', 4])
    await expect(ask(lookup, 'localhost', { family: 'IPv4' })).resolves.toEqual(['127.0.0.1', 4])
    await expect(ask(lookup, '::1', { family: 6 })).resolves.toEqual(['::1', 6])
    // Not every machine has an IPv6 localhost; on none is an IPv4 address the answer.
    const inIPv6 = await ask(lookup, 'localhost', { family: 6 }).catch(() => ['none', 6])
    expect(inIPv6).toEqual([expect.any(String), 6])
    await expect(ask(lookup, 'no-such-host.invalid')).rejects.toMatchObject({ syscall: 'getaddrinfo' })
  })

  it('gives the allowed addresses only', async () => {
    const { lookup } = network(onlyFirst, answering('127.0.0.2', '127.0.0.1', '::1'))
    await expect(ask(lookup, 'hub.test', { all: true })).resolves.toEqual([
      { address: '127.0.0.1', family: 4 },
    ])
    await expect(ask(lookup, 'hub.test')).resolves.toEqual(['127.0.0.1', 4])
  })

  it('refuses if no address is left, for names and addresses', async () => {
    const { lookup } = network('public')
    for (const hostname of [
      'localhost',
      '127.0.0.1',
      '::1',
      '::ffff:127.0.0.1',
      '0177.0.0.1',
      '2130706433',
      '0',
    ]) {
      await expect(ask(lookup, hostname)).rejects.toBeInstanceOf(AddressRefusedError)
      await expect(ask(lookup, hostname, { all: true })).rejects.toBeInstanceOf(AddressRefusedError)
    }
    await expect(ask(network('any', answering()).lookup, 'hub.test')).rejects.toBeInstanceOf(
      AddressRefusedError,
    )
  })

  it('requests all addresses of the requested family from the resolver', async () => {
    const seen: unknown[] = []
    const { lookup } = network(onlyFirst, (hostname, options, callback) => {
      seen.push([hostname, options])
      callback(null, [{ address: '127.0.0.1', family: 4 }])
    })
    await ask(lookup, 'hub.test', { family: 4 })
    expect(seen).toEqual([['hub.test', { all: true, family: 4 }]])
  })

  it('takes a resolver that answers with one address, with or without its family', async () => {
    const single: Lookup = (_hostname, _options, callback) => callback(null, '127.0.0.1')
    await expect(ask(network(onlyFirst, single).lookup, 'hub.test')).resolves.toEqual(['127.0.0.1', 4])
    const inner: Lookup = (_hostname, _options, callback) => callback(null, '127.0.0.2', 4)
    await expect(ask(network(onlyFirst, inner).lookup, 'hub.test')).rejects.toBeInstanceOf(
      AddressRefusedError,
    )
  })
})
