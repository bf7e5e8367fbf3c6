import { describe, expect, it } from '@jest/globals'
import type { EntryRecord } from '../../../src/index.ts'
import { addEntry, atRest, type Host, makeHost } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'

const stored = ({ store }: Host, entryId: string): Promise<EntryRecord | undefined> =>
  store.getEntry('default', entryId)

describe('a setup that failed', () => {
  it('is known to a process that has not loaded the entry, in its view and in the attention list', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.script('setup_error')
    await host.latchkey.entries.reload(entryId)
    const { latchkey: other } = await host.again()
    const view = { state: 'setup_error', reason: 'setup_error' }
    expect(await host.latchkey.entries.get(entryId)).toMatchObject(view)
    expect(await other.entries.get(entryId)).toMatchObject(view)
    expect(await other.attention.get(entryId)).toEqual(await host.latchkey.attention.get(entryId))
    expect(await other.attention.list()).toMatchObject([{ entryId, reason: 'setup_error', since: 1_000_000 }])
  })

  it('is known with the time of the next attempt, and needs no user, if retrying may help', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.script('cannot_connect')
    await host.latchkey.entries.reload(entryId)
    const { latchkey: other } = await host.again()
    expect(await other.entries.get(entryId)).toMatchObject({ state: 'setup_retry', reason: 'cannot_connect' })
    expect(await other.attention.list()).toEqual([])
    expect((await stored(host, entryId))?.setupFailure).toEqual({
      reason: 'cannot_connect',
      since: 1_000_000,
      tries: 1,
      retryAt: 1_005_000,
    })
  })

  it('is written once while the entry retries by itself and fails for the same reason', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    for (let time = 0; time < 6; time++) host.service.script('cannot_connect')
    host.service.script({ throws: new Error('odd') })
    await host.latchkey.entries.reload(entryId)
    const before = store.writes
    for (let time = 0; time < 5; time++) await host.pass(600_000)
    expect(store.writes).toBe(before)
    await host.pass(600_000)
    expect(store.writes).toBe(before + 1)
    expect((await stored(host, entryId))?.setupFailure).toMatchObject({
      reason: 'unknown',
      since: 1_000_000,
      tries: 7,
    })
  })

  it('is forgotten when the entry is loaded again, by any process, with one write', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    host.service.script('setup_error')
    await host.latchkey.entries.reload(entryId)
    const { latchkey: other } = await host.again()
    const told: unknown[] = []
    other.on('attention_changed', (event) => told.push(event.entryId))
    const before = store.writes
    await other.entries.setup(entryId)
    expect(store.writes).toBe(before + 1)
    expect((await stored(host, entryId))?.setupFailure).toBeNull()
    expect(told).toContain(entryId)
    expect(await host.latchkey.attention.list()).toEqual([])
    await other.entries.reload(entryId)
    expect(store.writes).toBe(before + 1)
  })

  it('is forgotten when a flow saves a new credential', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.script('setup_error')
    await host.latchkey.entries.reload(entryId)
    const form = await host.latchkey.flows.start({ source: 'reauth', entryId })
    host.service.accounts.set('new', 'ann')
    const { flowId, revision } = form
    await host.latchkey.flows.submit(flowId, { token: 'new' }, { revision })
    expect((await stored(host, entryId))?.setupFailure).toBeNull()
    expect(await host.latchkey.attention.list()).toEqual([])
  })

  it('is not stored for a failure of the store', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    host.service.script('setup_error')
    await host.latchkey.entries.reload(entryId)
    store.onApply = async () => {
      throw new Error('The disk is full.')
    }
    expect(await host.latchkey.entries.reload(entryId)).toMatchObject({ state: 'loaded' })
    expect(host.log.messages).toContain('The result of a setup could not be recorded.')
    expect((await stored(host, entryId))?.setupFailure).toMatchObject({ reason: 'setup_error' })
  })

  it('is written once if two processes meet it at the same time', async () => {
    const host = await makeHost({ connect: 'lazy' })
    const entryId = await addEntry(host)
    await host.latchkey.entries.unload(entryId)
    const other = await host.again()
    host.service.script({ held: 'cannot_connect' }, { held: 'cannot_connect' })
    const before = await stored(host, entryId)
    const calls = [host, other].map(({ latchkey }) =>
      expect(latchkey.entries.use(host.service.integration, entryId, () => {})).rejects.toMatchObject({
        retryAt: 1_005_000,
      }),
    )
    await atRest()
    host.service.release()
    await Promise.all(calls)
    expect((await stored(host, entryId))?.revision).toBe((before?.revision ?? 0) + 1)
  })

  it('is stored together with a change that another process makes at that moment', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const other = await host.again({ store: store.inner })
    host.service.script('cannot_connect')
    store.onApply = async (apply) => {
      store.onApply = (next) => next()
      await other.latchkey.entries.update(entryId, { title: 'Renamed' })
      await apply()
    }
    await host.latchkey.entries.reload(entryId)
    expect(await stored(host, entryId)).toMatchObject({
      title: 'Renamed',
      setupFailure: { reason: 'cannot_connect' },
    })
  })

  it('is not stored for an entry that another process removes at that moment', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    host.service.script({ held: 'cannot_connect' })
    const reloaded = host.latchkey.entries.reload(entryId)
    await atRest()
    const { writes, onEntry } = store
    store.onEntry = async () => {
      store.onEntry = onEntry
      return undefined
    }
    host.service.release()
    expect(await reloaded).toMatchObject({ state: 'setup_retry' })
    expect(store.writes).toBe(writes)
    expect(host.log.messages).toEqual([])
  })

  it('is not stored for an entry that another process changes to a new credential', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    host.service.script('setup_error')
    let rival = true
    const { getEntry } = store
    store.getEntry = async (scope, id) => {
      const entry = await getEntry.call(store, scope, id)
      if (!rival || entry === undefined || host.service.connects.length < 2) return entry
      rival = false
      return { ...entry, credentialRevision: 2 }
    }
    await host.latchkey.entries.reload(entryId)
    expect((await stored(host, entryId))?.setupFailure).toBeUndefined()
  })
})
