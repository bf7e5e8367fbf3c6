import { describe, expect, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import { type MemoryPlace, memoryPlace } from '../../../src/adapters/memory/memory-place.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import type { Store } from '../../../src/ports/store.ts'
import { addEntry, asForm, atRest, loseCredential, makeHost, openForm } from '../host.ts'
import { TokenService } from '../token-service.ts'

/** A store that cannot tell at once whether another process has written, as PostgreSQL. */
function withoutStamp(place: MemoryPlace): Store {
  const inner = memoryStore(place)
  const { feed } = inner
  return {
    ...inner,
    feed: {
      head: (scope) => feed.head(scope),
      read: (scope, since) => feed.read(scope, since),
      moved: (since) => feed.moved(since),
      listen: (wake) => feed.listen?.(wake) ?? (() => {}),
      purge: (before) => feed.purge(before),
    },
  }
}

describe('a store without a stamp', () => {
  it('is not read before a use, and its feed reports changes by another process', async () => {
    const place = memoryPlace()
    const store = withoutStamp(place)
    const own = await makeHost({ store })
    const other = await makeHost({ store: withoutStamp(place), service: own.service })
    const entryId = await addEntry(own)
    const use = () => own.latchkey.entries.use(own.service.integration, entryId, (client) => client.ping())
    await use()
    let reads = 0
    const { getEntry } = store
    store.getEntry = (...call) => {
      reads++
      return getEntry(...call)
    }
    await other.latchkey.flows.start({ domain: 'scripted', source: 'user' })
    for (let times = 0; times < 10; times++) expect(await use()).toBe('pong')
    expect(reads).toBe(0)
    await other.latchkey.entries.disable(entryId)
    await atRest()
    await expect(use()).rejects.toMatchObject({ state: 'disabled' })
    await own.latchkey.stop()
    await other.latchkey.stop()
  })

  it('returns the token of a new sign-in, and one that another process has refreshed', async () => {
    const place = memoryPlace()
    const clock = new SimulatedClock()
    clock.set(1_000_000)
    const service = new TokenService(clock)
    const integrations = [service.integration]
    const own = await makeHost({ integrations, clock, store: withoutStamp(place) })
    const other = await makeHost({ integrations, clock, store: withoutStamp(place) })
    const form = await openForm(own.latchkey, 'tokens')
    const { entryId } = await own.latchkey.flows.submit(form.flowId, { password: 'typed' }, form)
    const id = String(entryId)
    const use = (of: typeof own) =>
      of.latchkey.entries.use(service.integration, id, (client) => client.call())
    expect([await use(own), await use(other)]).toEqual(['access-1', 'access-1'])
    const reauth = asForm(await own.latchkey.flows.start({ source: 'reauth', entryId: id }))
    await own.latchkey.flows.submit(reauth.flowId, { password: 'new' }, reauth)
    const next = await use(own)
    expect(next).not.toBe('access-1')
    await atRest()
    expect(await use(other)).toBe(next)
    await own.latchkey.stop()
    await other.latchkey.stop()
  })

  it('connects with the credential of a commit whose answer was lost', async () => {
    const place = memoryPlace()
    const store = withoutStamp(place)
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    host.service.accounts.set('new', 'ann')
    const { apply } = store
    store.apply = async (scope, writes) => {
      await apply(scope, writes)
      const isCommit = writes.some((write) => 'put' in write && write.put === 'entry')
      if (!isCommit) return
      store.apply = apply
      throw new Error('The connection broke.')
    }
    await host.latchkey.flows.submit(form.flowId, { token: 'new' }, form)
    const used = host.latchkey.entries.use(host.service.integration, entryId, (client) => client.ping())
    expect(await used).toBe('pong')
    await host.latchkey.stop()
  })
})
