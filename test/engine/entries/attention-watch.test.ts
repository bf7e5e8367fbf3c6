import { describe, expect, it } from '@jest/globals'
import { memoryPlace } from '../../../src/adapters/memory/memory-place.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import type { ScopedLatchkey, ScopesLatchkey } from '../../../src/engine/api/latchkey.ts'
import type { Store } from '../../../src/ports/store.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { addEntry, asForm, atRest, loseCredential, makeHost } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'

/** Collects the announced items, as `+ scope reason`. */
function announced(latchkey: ScopedLatchkey | Pick<ScopesLatchkey, 'onAll'>) {
  const lines: string[] = []
  const on = 'on' in latchkey ? latchkey.on : latchkey.onAll
  const stops = [
    on('attention_added', ({ scope, item }) => lines.push(`+ ${scope} ${item.reason}`)),
    on('attention_removed', ({ scope, item }) => lines.push(`- ${scope} ${item.reason}`)),
  ]
  return { lines, stop: () => stops.map((stop) => stop()) }
}

async function repair(
  { latchkey, service }: { readonly latchkey: ScopedLatchkey; readonly service: ScriptedService },
  entryId: string,
  token = 'new',
): Promise<void> {
  service.accounts.set(token, 'ann')
  const form = asForm(await latchkey.flows.start({ source: 'reauth', entryId }))
  await latchkey.flows.submit(form.flowId, { token }, form)
  await atRest()
}

/** Two processes on the same rows, with an entry that both have loaded. */
async function twoProcesses(mine: (store: Store) => Store = (store) => store) {
  const place = memoryPlace()
  const own = await makeHost({ store: mine(memoryStore(place)) })
  const entryId = await addEntry(own)
  const { service, clock } = own
  const other = await makeHost({ store: memoryStore(place), service, clock })
  await other.latchkey.start()
  const { lines } = announced(own.latchkey)
  await atRest()
  return { own, other, entryId, lines }
}

describe('attention_added and attention_removed', () => {
  it('announce an item when it is added and when it is removed, once each', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const items: unknown[] = []
    host.latchkey.on('attention_added', (event) => items.push(event))
    const { lines } = announced(host.latchkey)
    await loseCredential(host, entryId)
    await atRest()
    const item = await host.latchkey.attention.get(entryId)
    expect(items).toEqual([{ scope: 'default', item }])
    expect(item).toMatchObject({ entryId, reason: 'invalid_auth', title: 'Scripted' })
    await repair(host, entryId)
    expect(lines).toEqual(['+ default invalid_auth', '- default invalid_auth'])
  })

  it('announce a new entry whose credential expires soon', async () => {
    const expiresAt = 1_000_000 + 86_400_000
    const connect = async () => ({ client: null, uniqueId: 'ann', expiresAt }) as never
    const host = await makeHost({ service: new ScriptedService({ connect }) })
    const { lines } = announced(host.latchkey)
    await addEntry(host)
    await atRest()
    expect(lines).toEqual(['+ default pending_expiration'])
  })

  it('announce the items of all scopes through onAll, and of one scope through on', async () => {
    const host = await makeHost()
    const acme = { ...host, latchkey: host.latchkey.scope('acme', { language: 'de' }) }
    const [own, all] = [announced(acme.latchkey), announced({ onAll: host.latchkey.onAll })]
    const languages: string[] = []
    acme.latchkey.on('attention_added', ({ item }) => languages.push(item.language))
    await loseCredential(host, await addEntry(host))
    await loseCredential(acme, await addEntry(acme))
    await atRest()
    expect(own.lines).toEqual(['+ acme invalid_auth'])
    expect(all.lines).toEqual(['+ default invalid_auth', '+ acme invalid_auth'])
    expect(languages).toEqual(['de'])
    all.stop()
    await repair(acme, (await acme.latchkey.entries.list()).items[0]?.entryId ?? '')
    expect(own.lines).toEqual(['+ acme invalid_auth', '- acme invalid_auth'])
    expect(all.lines).toHaveLength(2)
  })

  it('announce a removed entry, and another reason as another item', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { lines } = announced(host.latchkey)
    await host.latchkey.entries.requestReauth(entryId)
    await atRest()
    await loseCredential(host, entryId)
    await atRest()
    await host.latchkey.entries.remove(entryId)
    await atRest()
    expect(lines).toEqual([
      '+ default requested',
      '- default requested',
      '+ default invalid_auth',
      '- default invalid_auth',
    ])
  })

  it.each(['on', 'onAll'] as const)('announce no item that a start finds (%s)', async (way) => {
    const first = await makeHost()
    const [lost, kept] = [await addEntry(first), await addEntry(first, { token: 'b', account: 'bob' })]
    await loseCredential(first, lost)
    await first.latchkey.entries.requestReauth(kept)
    await first.latchkey.stop()
    const host = await first.again()
    const { lines } = announced(way === 'on' ? host.latchkey : { onAll: host.latchkey.onAll })
    await host.latchkey.start()
    await atRest()
    expect(lines).toEqual([])
    await host.latchkey.entries.withdrawReauth(kept)
    await repair(host, lost)
    expect(lines).toEqual(['- default requested', '- default invalid_auth'])
  })

  it('announce no missing integration at a start, but its removed entry', async () => {
    const first = await makeHost()
    const entryId = await addEntry(first)
    await first.latchkey.stop()
    const host = await first.again({ integrations: [] })
    const { lines } = announced(host.latchkey)
    await host.latchkey.start()
    await atRest()
    expect(lines).toEqual([])
    await host.latchkey.entries.remove(entryId)
    await atRest()
    expect(lines).toEqual(['- default integration_missing'])
  })

  it('announce once what another process causes', async () => {
    const { own, other, entryId, lines } = await twoProcesses()
    await loseCredential(other, entryId)
    await own.latchkey.catchUp()
    await atRest()
    await repair(other, entryId)
    await own.latchkey.catchUp()
    await atRest()
    expect(lines).toEqual(['+ default invalid_auth', '- default invalid_auth'])
    await own.latchkey.stop()
    await other.latchkey.stop()
  })

  it('announce an integration that another process finds to be refused, and no other change', async () => {
    const { own, other, entryId, lines } = await twoProcesses()
    const at = own.clock.now()
    const failures = [{ at, principal: 'engine', code: 'scripted' }]
    const record = { scope: 'default', key: 'client_refused', failures, blockedUntil: null, revision: 1 }
    const audit = { at, who: 'engine', entryId: null, flowId: null, kind: 'client_refused', code: 'scripted' }
    await other.store.apply('default', [
      { put: 'attempts', record: { ...record, dueAt: at + 604_800_000 }, ifRevision: 0 },
      { audit: { ...audit, scope: 'default', revision: 1 } },
    ])
    await own.latchkey.catchUp()
    await atRest()
    await other.latchkey.entries.rename(entryId, 'Renamed')
    await own.latchkey.catchUp()
    await atRest()
    expect(lines).toEqual(['+ default client_refused'])
    const seen = announced(other.latchkey).lines
    await atRest()
    // The other process removes it after a week without another refusal.
    await other.pass(604_810_000)
    await own.latchkey.catchUp()
    await atRest()
    expect(seen).toEqual(['- default client_refused'])
    expect(lines).toEqual(['+ default client_refused', '- default client_refused'])
    const { items } = await own.store.readAudit('default', null, { limit: 99 })
    expect(items.at(-1)).toMatchObject({ kind: 'client_refusal_expired', code: 'scripted', entryId: null })
    await own.latchkey.stop()
    await other.latchkey.stop()
  })

  it('read the list again if that fails after changes of another process that are unknown', async () => {
    let isAway = false
    const { own, other, entryId, lines } = await twoProcesses((inner) => {
      const store = new TamperedStore(inner)
      const { read } = store.feed
      const find = store.findAttention.bind(store)
      store.findAttention = async (...call) => {
        if (isAway) throw new Error('The store is away.')
        return find(...call)
      }
      return Object.assign(store, {
        feed: {
          ...store.feed,
          read: async (...call: Parameters<typeof read>) => ({
            ...(await read(...call)),
            entryIds: [],
            reset: true,
          }),
        },
      })
    })
    isAway = true
    await other.latchkey.entries.requestReauth(entryId)
    await own.latchkey.catchUp()
    await atRest()
    expect(lines).toEqual([])
    isAway = false
    await other.latchkey.entries.rename(entryId, 'Renamed')
    await own.latchkey.catchUp()
    await atRest()
    expect(lines).toEqual(['+ default requested'])
    await own.latchkey.stop()
    await other.latchkey.stop()
  })

  it('compare the whole list after changes of another process that are unknown', async () => {
    const { own, other, entryId, lines } = await twoProcesses((store) => {
      const { feed } = store
      const read = feed.read.bind(feed)
      const reset = async (...call: Parameters<typeof read>) => ({
        ...(await read(...call)),
        entryIds: [],
        reset: true,
      })
      return Object.assign(store, { feed: Object.assign(feed, { read: reset }) })
    })
    await other.latchkey.entries.requestReauth(entryId)
    await own.latchkey.catchUp()
    await atRest()
    await other.latchkey.entries.withdrawReauth(entryId)
    await own.latchkey.catchUp()
    await atRest()
    expect(lines).toEqual(['+ default requested', '- default requested'])
    await own.latchkey.stop()
    await other.latchkey.stop()
  })

  it('announce an item that is added while the list is read for the first time', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const [old, fresh] = [await addEntry(host), await addEntry(host, { token: 'b', account: 'bob' })]
    await host.latchkey.entries.requestReauth(old)
    host.clock.increment(1_000)
    let open = () => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    const find = store.findAttention.bind(store)
    store.findAttention = async (...call) => {
      await opened
      return find(...call)
    }
    const { lines } = announced(host.latchkey)
    await host.latchkey.entries.rename(old, 'Renamed')
    await host.latchkey.entries.requestReauth(fresh)
    open()
    await atRest()
    expect(lines).toEqual(['+ default requested'])
  })

  it('read the list once and then one item for each change', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const find = store.findAttention.bind(store)
    let lists = 0
    store.findAttention = (...call) => {
      lists++
      return find(...call)
    }
    const entryId = await addEntry(host)
    expect(lists).toBe(0)
    announced(host.latchkey)
    await loseCredential(host, entryId)
    await repair(host, entryId)
    expect(lists).toBe(1)
  })

  it('announce a change later if the store has failed', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const { lines } = announced(host.latchkey)
    await atRest()
    let isAway = false
    const find = store.findFlows.bind(store)
    store.findFlows = async (...call) => {
      if (isAway) throw new Error('The store is away.')
      return find(...call)
    }
    isAway = true
    await host.latchkey.entries.requestReauth(entryId)
    await atRest()
    expect([lines, host.log.messages]).toEqual([[], ['The attention list could not be read.']])
    isAway = false
    await addEntry(host, { token: 'b', account: 'bob' })
    await host.latchkey.entries.disable(await addEntry(host, { token: 'c', account: 'cleo' }))
    await atRest()
    expect(lines).toEqual(['+ default requested'])
  })

  it('announce a change soon after the store has failed, without another change', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const [entryId, other] = [await addEntry(host), await addEntry(host, { token: 'b', account: 'bob' })]
    const { lines, stop } = announced(host.latchkey)
    await atRest()
    let isAway = true
    let reads = 0
    const find = store.findFlows.bind(store)
    store.findFlows = async (...call) => {
      reads++
      if (isAway) throw new Error('The store is away.')
      return find(...call)
    }
    await host.latchkey.entries.requestReauth(entryId)
    await host.pass(2_000)
    await host.pass(2_000)
    expect([lines, host.log.messages]).toEqual([[], ['The attention list could not be read.']])
    isAway = false
    await host.pass(2_000)
    expect(lines).toEqual(['+ default requested'])
    isAway = true
    await host.latchkey.entries.requestReauth(other)
    await atRest()
    expect(host.log.messages).toHaveLength(2)
    stop()
    const before = reads
    await host.pass(10_000)
    expect(reads).toBe(before)
    await host.latchkey.stop()
  })

  it('are read again if the first read has failed', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    let isAway = true
    const find = store.findAttention.bind(store)
    store.findAttention = async (...call) => {
      if (isAway) throw new Error('The store is away.')
      return find(...call)
    }
    const { lines } = announced(host.latchkey)
    await host.latchkey.entries.requestReauth(entryId)
    await atRest()
    isAway = false
    await host.pass(2_000)
    expect(lines).toEqual(['+ default requested'])
    await host.latchkey.stop()
  })

  it('keep the items of the 1000 scopes in memory that were used last, and of those with a listener', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const read: string[] = []
    const find = store.findAttention.bind(store)
    store.findAttention = async (scope, ...call) => {
      read.push(scope)
      return find(scope, ...call)
    }
    const { lines } = announced({ onAll: host.latchkey.onAll })
    const use = async (scope: string) => {
      await host.latchkey.scope(scope).entries.list()
      await atRest()
    }
    const heard = announced(host.latchkey.scope('heard'))
    const acme = { ...host, latchkey: host.latchkey.scope('acme') }
    const entryId = await addEntry(acme)
    await loseCredential(acme, entryId)
    await use('first')
    await Promise.all(Array.from({ length: 999 }, (_, at) => host.latchkey.scope(`s${at}`).entries.list()))
    await use('first')
    expect(read).toHaveLength(1_002)
    await use('one-more')
    for (const scope of ['heard', 'first', 's998']) await use(scope)
    expect(read).toHaveLength(1_003)
    await use('acme')
    expect(read.slice(1_003)).toEqual(['acme'])
    await repair(acme, entryId)
    expect(lines).toEqual(['+ acme invalid_auth', '- acme invalid_auth'])
    heard.stop()
    await use('heard')
    expect(read).toHaveLength(1_004)
  })

  it('announce a change of a scope whose items are no longer in memory', async () => {
    const host = await makeHost()
    const { lines } = announced({ onAll: host.latchkey.onAll })
    const acme = { ...host, latchkey: host.latchkey.scope('acme') }
    const entryId = await addEntry(acme)
    host.clock.increment(1_000)
    const others = Array.from({ length: 1_001 }, (_, at) => host.latchkey.scope(`s${at}`).entries.list())
    await Promise.all(others)
    await atRest()
    await loseCredential(acme, entryId)
    await atRest()
    expect(lines).toEqual(['+ acme invalid_auth'])
  })

  it('announce what changes while it is read, and nothing after the end of their listeners', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const { lines, stop } = announced(host.latchkey)
    await atRest()
    const reads: (() => void)[] = []
    let isHeld = true
    const find = store.findFlows.bind(store)
    store.findFlows = async (scope, query) => {
      const found = await find(scope, query)
      if (isHeld && query.edits === true) await new Promise<void>((resolve) => reads.push(resolve))
      return found
    }
    const release = async () => {
      isHeld = false
      for (const read of reads.splice(0)) read()
      await atRest()
    }
    const request = host.latchkey.entries.requestReauth(entryId)
    await atRest()
    await release()
    await request
    await atRest()
    isHeld = true
    await host.latchkey.entries.disable(entryId)
    const enabling = host.latchkey.entries.enable(entryId)
    await atRest()
    stop()
    await release()
    await enabling
    expect(lines.slice(0, 1)).toEqual(['+ default requested'])
    const { length } = lines
    await host.latchkey.entries.remove(entryId)
    await atRest()
    expect(lines).toHaveLength(length)
  })

  it('are silent about a read that the stop of the host ends', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const { promise, reject } = Promise.withResolvers<never>()
    store.findAttention = () => promise
    const { lines } = announced(host.latchkey)
    await atRest()
    const stopping = host.latchkey.stop()
    reject(new Error('The store is closed.'))
    await stopping
    expect([lines, host.log.messages]).toEqual([[], []])
  })

  it('end with their listeners', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const heard = [announced(host.latchkey), announced({ onAll: host.latchkey.onAll })]
    await atRest()
    for (const { stop } of heard) stop()
    for (const { stop } of heard) stop()
    await loseCredential(host, entryId)
    await atRest()
    const { lines } = announced(host.latchkey)
    await host.latchkey.stop()
    expect([...heard.map((one) => one.lines), lines]).toEqual([[], [], []])
  })
})
