import { afterEach, describe, expect, it } from '@jest/globals'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { StoreError, UnreadableRecordError } from '../../../src/errors.ts'
import { FailingStore, fullDisk } from '../../../src/testing/failing-store.ts'
import { addEntry } from '../host.ts'
import { closeHosts, makeWebhookHost } from './webhook-host.ts'

afterEach(closeHosts)

function lostAnswer(): never {
  throw new StoreError('The connection was lost.', { outcome: 'unknown' })
}

describe('webhooks on a store that fails', () => {
  it('are sent by a later turn if a row could not be read', async () => {
    const store = memoryStore()
    const host = await makeWebhookHost({ store })
    const { id } = await host.hook()
    await addEntry(host)
    await host.pass(2_000)
    const get = store.webhooks.get.bind(store.webhooks)
    store.webhooks.get = async (scope, row) => {
      if (row !== id) return get(scope, row)
      store.webhooks.get = get
      throw new StoreError('The database is busy.')
    }
    await host.pass(2_000)
    expect(host.server.received).toEqual([])
    expect(host.log.messages).toEqual(['A delivery of a webhook could not be processed.'])
    await host.deliver()
    expect(host.server.received).toHaveLength(1)
  })

  it('are queued by a later turn if the history could not be read', async () => {
    const store = memoryStore()
    const host = await makeWebhookHost({ store })
    await host.hook()
    await addEntry(host)
    const history = store.webhooks.history.bind(store.webhooks)
    store.webhooks.history = async () => {
      store.webhooks.history = history
      throw new StoreError('The database is busy.')
    }
    await host.deliver()
    expect(host.log.messages).toEqual(['Webhooks could not be queued.'])
    expect(host.server.received).toHaveLength(1)
  })

  it.each([true, false])('send an event of a damaged entry (its row is readable: %s)', async (isReadable) => {
    const store = memoryStore()
    const host = await makeWebhookHost({ store })
    await host.hook()
    const entryId = await addEntry(host)
    store.getEntry = async () => {
      throw new UnreadableRecordError('entry', entryId)
    }
    if (!isReadable) store.getEntryRow = async () => undefined
    await host.deliver()
    const data = { entryId, domain: isReadable ? 'scripted' : null, title: null }
    expect(host.server.payloads).toMatchObject([{ type: 'entry.added', data }])
  })

  it('refuse a change that could not be written', async () => {
    const store = new FailingStore(memoryStore())
    const host = await makeWebhookHost({ store })
    store.before('apply', 1, fullDisk)
    await expect(host.hook()).rejects.toMatchObject({ code: 'STORE' })
    expect((await host.latchkey.webhooks.list()).items).toEqual([])
  })

  it('are changed although the answer of the store was lost, if the change is stored', async () => {
    const store = new FailingStore(memoryStore())
    const host = await makeWebhookHost({ store })
    const { webhooks } = host.latchkey
    store.after('apply', 1, lostAnswer)
    const { id, secret } = await host.hook()
    expect(secret).toMatch(/^whsec_/)
    store.after('apply', 1, lostAnswer)
    expect(await webhooks.change(id, { tags: { a: 'b' } })).toMatchObject({ tags: { a: 'b' } })
    store.before('apply', 1, lostAnswer)
    const outcome = { code: 'STORE', outcome: 'unknown' }
    await expect(webhooks.change(id, { tags: {} })).rejects.toMatchObject(outcome)
    store.before('apply', 1, lostAnswer)
    await expect(webhooks.remove(id)).rejects.toMatchObject(outcome)
    expect((await webhooks.list()).items).toMatchObject([{ webhookId: id, tags: { a: 'b' } }])
    store.after('apply', 1, lostAnswer)
    await webhooks.remove(id)
    expect((await webhooks.list()).items).toEqual([])
  })

  it('are changed again if another process changes them at the same time', async () => {
    const inner = memoryStore()
    const store = new FailingStore(inner)
    const host = await makeWebhookHost({ store })
    const { id } = await host.hook()
    const touch = async () => {
      const record = await inner.webhooks.get('default', id)
      if (record === undefined) throw new Error('The webhook is missing.')
      const { revision } = record
      await inner.apply('default', [
        { put: 'webhook', record: { ...record, revision: revision + 1 }, ifRevision: revision },
      ])
    }
    const { webhooks } = host.latchkey
    store.before('apply', 1, touch)
    expect(await webhooks.change(id, { tags: { a: 'b' } })).toMatchObject({ tags: { a: 'b' } })
    // The result of an attempt is written after a change of its webhook in the meantime.
    host.server.script(500)
    await addEntry(host)
    await host.pass(2_000)
    store.before('apply', 2, touch)
    await host.deliver()
    expect((await webhooks.list()).items).toMatchObject([{ webhookId: id, tags: { a: 'b' } }])
    store.before('apply', 1, touch)
    await webhooks.remove(id)
    expect((await webhooks.list()).items).toEqual([])
  })

  it('can be removed if the row that follows the history was lost', async () => {
    const store = memoryStore()
    const host = await makeWebhookHost({ store })
    const { id } = await host.hook()
    const cursor = await store.webhooks.get('default', 'cursor')
    await store.apply('default', [{ remove: 'webhook', id: 'cursor', ifRevision: Number(cursor?.revision) }])
    await host.latchkey.webhooks.remove(id)
    expect((await host.latchkey.webhooks.list()).items).toEqual([])
  })
})
