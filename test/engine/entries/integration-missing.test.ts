import { afterAll, describe, expect, it } from '@jest/globals'
import { addEntry, loseCredential, makeHost } from '../host.ts'
import { someStores } from '../stores.ts'

const stores = someStores()
afterAll(stores.clear)

describe.each(stores.each)('an entry whose integration was removed, on %s', (_, store) => {
  it('is in the attention list, also after a reload, and is not retried', async () => {
    const first = await makeHost({ store: store() })
    const entryId = await addEntry(first)
    await first.latchkey.stop()
    const { latchkey, log, pass } = await first.again({ integrations: [] })
    await latchkey.start()
    const item = { entryId, reason: 'integration_missing', flowId: null }
    expect(await latchkey.attention.list()).toMatchObject([item])
    expect(await latchkey.attention.get(entryId)).toMatchObject(item)
    const view = { state: 'setup_error', reason: 'integration_missing' }
    expect(await latchkey.entries.reload(entryId)).toMatchObject(view)
    for (let hour = 0; hour < 24; hour++) await pass(3_600_000)
    expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'warn'])
    expect(await latchkey.attention.list()).toMatchObject([item])
    await latchkey.entries.disable(entryId)
    expect(await latchkey.attention.list()).toEqual([])
    expect(await latchkey.entries.enable(entryId)).toMatchObject(view)
    await latchkey.entries.remove(entryId)
    expect(await latchkey.attention.list()).toEqual([])
    await latchkey.stop()
  })

  it('loads again after the integration is back', async () => {
    const first = await makeHost({ store: store() })
    const entryId = await addEntry(first)
    await first.latchkey.stop()
    const without = await first.again({ integrations: [] })
    await without.latchkey.start()
    await without.latchkey.stop()
    const { latchkey } = await first.again()
    await latchkey.start()
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    expect(await latchkey.attention.list()).toEqual([])
    await latchkey.stop()
  })
})

describe('a refused credential whose integration was removed', () => {
  it('is listed with the reason that helps first', async () => {
    const first = await makeHost()
    const entryId = await addEntry(first)
    await loseCredential(first, entryId)
    const { latchkey } = await first.again({ integrations: [] })
    await latchkey.start()
    expect(await latchkey.attention.list()).toMatchObject([{ entryId, reason: 'integration_missing' }])
  })
})
