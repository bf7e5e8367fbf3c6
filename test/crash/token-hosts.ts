import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createLatchkey, type EntryRecord, type Store } from '../../src/index.ts'
import { FarHost, killFarHosts } from './far-host.ts'
import { openStoreAt } from './store-at.ts'
import type { TokenCalls } from './token-child.ts'
import { tokenIntegration } from './token-integration.ts'
import { TokenProvider } from './token-provider.ts'
import { until } from './until.ts'

/** The number of calls of each process. */
const CALLS = Number(process.env.TOKEN_CALLS ?? 500)

/** Describes two processes on a store at a place, with one token that has ended, and is good for one renewal. */
export function describeTokenHosts(name: string, newPlace: () => string | Promise<string>): void {
  describe(name, () => tellTokenHosts(newPlace))
}

function tellTokenHosts(newPlace: () => string | Promise<string>): void {
  let place = ''
  let provider: TokenProvider
  let hosts: FarHost<TokenCalls>[] = []
  /** Looks at the database from a third process. */
  let store: Store
  let entryId = ''

  beforeEach(async () => {
    provider = new TokenProvider()
    const address = await provider.listen()
    place = await newPlace()
    const latchkey = await createLatchkey({ integrations: [tokenIntegration()], store: openStoreAt(place) })
    const form = await latchkey.flows.start({ domain: 'tokens', source: 'user' })
    const end = await latchkey.flows.submit(form.flowId, { address, password: 'typed' }, form)
    entryId = end.entryId ?? ''
    await latchkey.stop()
    const open = () => FarHost.open<TokenCalls>(place, 'token-child')
    hosts = await Promise.all([open(), open()])
    store = openStoreAt(place)
    await store.open()
  })

  afterEach(async () => {
    await killFarHosts()
    await store.close()
    await provider.close()
  })

  const [first, second] = [0, 1].map((at) => () => hosts[at] as FarHost<TokenCalls>) as [
    () => FarHost<TokenCalls>,
    () => FarHost<TokenCalls>,
  ]
  const both = () => Promise.all([first().call('use', entryId, CALLS), second().call('use', entryId, CALLS)])
  const entry = async () => (await store.getEntry('default', entryId)) as EntryRecord
  /** Whether a process has the lock. */
  const isLeased = async () => {
    const name = { scope: 'default', kind: 'token', id: entryId } as const
    const claimed = await store.leases.claim(name, { holder: 'witness', ms: 1, now: Date.now() })
    if (claimed !== null) await store.leases.release('witness', [name])
    return claimed === null
  }
  const flows = async () => (await store.findFlows('default', { open: true, limit: 9 })).items

  /** All calls were made with one and the same new token. */
  const expectOneToken = (...told: readonly Record<string, number>[]) => {
    const [token = ''] = Object.keys(told[0] ?? {})
    expect(token).toMatch(/^[0-9a-f-]{36}$/)
    for (const endings of told) expect(endings).toEqual({ [token]: CALLS })
  }

  it(`renew it once for ${2 * CALLS} calls`, async () => {
    expectOneToken(...(await both()))
    expect(provider).toMatchObject({ granted: 1, revoked: 0 })
    expect(await flows()).toEqual([])
    expect(await isLeased()).toBe(false)
    expect(await entry()).toMatchObject({ credentialRevision: 1 })
  })

  it('renew it once where that takes several times as long as the lock is first held', async () => {
    provider.delay = 4_500
    expectOneToken(...(await both()))
    expect(provider).toMatchObject({ granted: 1, revoked: 0 })
    expect(await flows()).toEqual([])
  })

  it('renew it once where one dies with the lock in its hands, before it has asked', async () => {
    await first().call('plan', 'die before the request')
    void first().call('use', entryId, CALLS)
    await until(isLeased)
    expectOneToken(await second().call('use', entryId, CALLS))
    expect(provider).toMatchObject({ granted: 1, revoked: 0 })
    expect(await flows()).toEqual([])
  })

  it('need a user, once, if one dies between the reply and its write: the new token is lost', async () => {
    const before = await entry()
    await first().call('plan', 'die after the reply')
    void first().call('use', entryId, CALLS)
    await until(async () => provider.granted === 1)
    // What is stored is the old token, whole; the service takes its second use for a theft.
    expect(await second().call('use', entryId, CALLS)).toEqual({ REAUTH_REQUIRED: CALLS })
    expect(provider).toMatchObject({ granted: 1, revoked: 1 })
    const { sealed, data, rejectedRevision } = await entry()
    expect({ sealed, data, rejectedRevision }).toEqual({
      sealed: before.sealed,
      data: before.data,
      rejectedRevision: 1,
    })
    expect(await flows()).toMatchObject([{ source: 'reauth', entryId }])
  })

  it('renew it once where one stands still until its lock is lost: it does not ask when it goes on', async () => {
    await first().call('plan', 'stand still')
    const late = first().call('use', entryId, CALLS)
    await first().call('standing')
    first().signal('SIGSTOP')
    const told = await second().call('use', entryId, CALLS)
    first().signal('SIGCONT')
    await first().call('goOn')
    expectOneToken(told, await late)
    expect(provider).toMatchObject({ granted: 1, revoked: 0 })
    expect(await flows()).toEqual([])
  })

  it('keep a newer credential where one stands still with the new token until its lock is lost', async () => {
    await first().call('plan', 'stand still after the reply')
    const late = first().call('use', entryId, 1)
    await first().call('standing')
    first().signal('SIGSTOP')
    const other = await createLatchkey({ integrations: [tokenIntegration()], store: openStoreAt(place) })
    const form = await other.flows.start({ source: 'reauth', entryId })
    const end = await other.flows.submit(form.flowId, { password: 'typed' }, form)
    expect(end).toMatchObject({ reason: 'reauth_successful' })
    await other.stop()
    const { sealed } = await entry()
    first().signal('SIGCONT')
    await first().call('goOn')
    await late
    expect(await entry()).toMatchObject({ sealed, credentialRevision: 2 })
    expect(await isLeased()).toBe(false)
  })
}
