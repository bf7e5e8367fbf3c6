import { afterAll, describe, expect, it } from '@jest/globals'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { FailingStore } from '../../../src/testing/failing-store.ts'
import { entryRecord, put, write } from '../../../src/testing/store-records.ts'
import { sqlitePlace } from '../../adapters/sqlite/sqlite-place.ts'
import { makeHost } from '../host.ts'
import { fill } from './sealed-world.ts'

const place = sqlitePlace()
afterAll(place.clear)

/** A process over a database with each kind of encrypted value, and the database as another process sees it. */
async function filled() {
  const store = sqliteStore(place.path())
  const { latchkey: other, again } = await makeHost({ store })
  await fill(store)
  const failing = new FailingStore(store)
  const { latchkey } = await again({ store: failing })
  /** Runs functions after the entries, the open flows, the webhooks and the removals of the scope were read. */
  const afterReads = (...happens: readonly (() => Promise<void>)[]) => {
    for (const [place, one] of happens.entries()) failing.before('renew', place + 1, one)
  }
  const sealed = async () => (await store.cipher?.seal('by another process', {} as never)) ?? ''
  const stop = () => Promise.all([latchkey.stop(), other.stop()])
  return { latchkey, store, afterReads, sealed, stop }
}

describe('a rotation', () => {
  it('skips an entry, a flow, a webhook and a removal that another process has removed since they were read', async () => {
    const { latchkey, store, afterReads, stop } = await filled()
    afterReads(
      () => write(store, { remove: 'entry', id: 'entry-1', ifRevision: 1 }),
      () => write(store, { remove: 'flow', id: 'flow-1', ifRevision: 1 }),
      () => write(store, { remove: 'webhook', id: 'hook-1', ifRevision: 1 }),
      () => write(store, { remove: 'removal', id: 'entry-9/1', ifRevision: 1 }),
    )
    expect(await latchkey.keys.rotate()).toMatchObject({ checked: 9, changed: 3, waiting: 0, failed: 0 })
    expect(await latchkey.keys.status()).toMatchObject({ keys: [{ isCurrent: true }, { values: 0 }] })
    await stop()
  })

  it('writes no record that another process has encrypted with the new key since it was read', async () => {
    const { latchkey, store, afterReads, sealed, stop } = await filled()
    afterReads(
      async () => {},
      async () => {
        const flow = await store.getFlow('home', 'flow-1')
        if (flow === undefined) throw new Error('There is a flow.')
        await write(store, put({ ...flow, sealedDraft: await sealed(), revision: 2 }))
      },
      async () => {
        const hook = await store.webhooks.get('home', 'hook-1')
        if (hook === undefined) throw new Error('There is a webhook.')
        const record = { ...hook, content: { sealed: await sealed() }, revision: 2 }
        await write(store, { put: 'webhook', record, ifRevision: 1 })
      },
      async () => {
        const removal = await store.removals.get('home', 'entry-9/1')
        if (removal === undefined) throw new Error('There is a removal.')
        const content = { ...removal.content, sealed: await sealed() }
        await write(store, { put: 'removal', record: { ...removal, content, revision: 2 }, ifRevision: 1 })
      },
    )
    expect(await latchkey.keys.rotate()).toMatchObject({ checked: 9, changed: 4, waiting: 0, failed: 0 })
    expect((await store.getFlow('home', 'flow-1'))?.revision).toBe(2)
    expect((await store.webhooks.get('home', 'hook-1'))?.revision).toBe(2)
    await stop()
  })

  it('that has ended is followed by one with another key, and leaves values that are not encrypted', async () => {
    const { latchkey, store, stop } = await filled()
    await write(store, put(entryRecord({ entryId: 'entry-4', sealed: 'not encrypted' })))
    const first = await latchkey.keys.rotate()
    expect(first).toMatchObject({ resumed: false, changed: 7, failed: 1 })
    const { keys } = await latchkey.keys.status()
    expect(keys).toContainEqual({ keyId: '', isCurrent: false, values: 1 })
    const second = await latchkey.keys.rotate()
    expect(second).toMatchObject({ resumed: false, changed: 7, failed: 1 })
    expect(second.keyId).not.toBe(first.keyId)
    await stop()
  })
})
