import { afterAll, describe, expect, it } from '@jest/globals'
import { addEntry, makeHost } from '../host.ts'
import { damagedStores } from '../unreadable.ts'

const stores = damagedStores()
afterAll(stores.clear)

describe.each(stores.entries)('an entry that cannot be read (%s)', (_, make) => {
  async function damagedHost() {
    const { store, entry } = make()
    const host = await makeHost({ store })
    await host.latchkey.start()
    const other = await addEntry(host, { token: 'bob', account: 'bob' })
    const entryId = await addEntry(host)
    await entry(entryId)
    return { ...host, entryId, other }
  }
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error) => error.code,
    )

  it('is refused by every call, and listed with its reason', async () => {
    const { latchkey, service, entryId, other } = await damagedHost()
    const { entries, flows } = latchkey
    const calls = [
      entries.get(entryId),
      entries.reload(entryId),
      entries.disable(entryId),
      entries.requestReauth(entryId),
      entries.update(entryId, { title: 'New' }),
      flows.start({ source: 'reauth', entryId }),
      entries.use(service.integration, entryId, (client) => client.ping()),
    ]
    expect(await Promise.all(calls.map(codeOf))).toEqual(calls.map(() => 'UNREADABLE_RECORD'))
    expect(await entries.list()).toMatchObject({ items: [{ entryId: other }], unreadable: [entryId] })
    expect(await latchkey.attention.list()).toMatchObject([{ entryId, reason: 'unreadable' }])
    expect(await latchkey.attention.get(entryId)).toMatchObject({ reason: 'unreadable' })
    await latchkey.stop()
  })

  it('can be removed, and its account linked again', async () => {
    const host = await damagedHost()
    const { latchkey, entryId, service } = host
    await latchkey.entries.list()
    await latchkey.entries.remove(entryId)
    expect(service.open).toBe(1)
    expect(await latchkey.attention.list()).toEqual([])
    expect(await latchkey.attention.get(entryId)).toBeNull()
    await addEntry(host)
    expect((await latchkey.entries.list()).items).toHaveLength(2)
    expect(await codeOf(latchkey.entries.remove(entryId))).toBe('UNKNOWN_ENTRY')
    await latchkey.stop()
  })

  it('leaves the attention list after another process has removed it', async () => {
    const { latchkey, entryId, again } = await damagedHost()
    const later = await again()
    await later.latchkey.start()
    expect(await later.latchkey.attention.list()).toMatchObject([{ entryId, reason: 'unreadable' }])
    await latchkey.entries.remove(entryId)
    expect(await later.latchkey.attention.list()).toEqual([])
    await later.latchkey.stop()
    await latchkey.stop()
  })
})
