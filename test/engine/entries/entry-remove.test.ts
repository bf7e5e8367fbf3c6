import { describe, expect, it } from '@jest/globals'
import { UnknownEntryError } from '../../../src/errors.ts'
import { addEntry, atRest, loseCredential, makeHost } from '../host.ts'
import { stickyService } from '../sticky-service.ts'
import { KeyedSemaphore, TamperedStore } from '../tampered-store.ts'

describe('entries.remove', () => {
  it('closes the connection, forgets the entry and keeps its history', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const told: unknown[] = []
    host.latchkey.on('entry_removed', (event) => told.push(event))
    await host.latchkey.entries.remove(entryId)
    expect(host.service).toMatchObject({ open: 0, disposed: 1 })
    expect(told).toEqual([{ scope: 'default', entryId, domain: 'scripted' }])
    await expect(host.latchkey.entries.get(entryId)).rejects.toThrow(UnknownEntryError)
    const first = await host.latchkey.history(entryId, { limit: 1 })
    const { items } = await host.latchkey.history(entryId, { after: first.next ?? '' })
    expect([...first.items, ...items].map(({ kind }) => kind)).toEqual(['entry_created', 'entry_removed'])
    await expect(host.latchkey.entries.remove(entryId)).rejects.toThrow(UnknownEntryError)
    expect(await addEntry(host)).not.toBe(entryId)
  })

  it('removes what cannot be closed, and what does not run', async () => {
    const { service } = stickyService()
    const host = await makeHost({ service })
    const entryId = await addEntry(host)
    await host.latchkey.entries.remove(entryId)
    expect((await host.latchkey.entries.list()).items).toEqual([])
    const other = await addEntry(host)
    const { latchkey } = await host.again()
    await latchkey.entries.remove(other)
    expect((await latchkey.entries.list()).items).toEqual([])
  })

  it('removes an entry without an integration, and its open flow', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    const { latchkey } = await host.again({ integrations: [] })
    await latchkey.start()
    await latchkey.entries.remove(entryId)
    expect(await latchkey.flows.get(form.flowId)).toMatchObject({ reason: 'entry_removed' })
  })

  it('makes no more tries of an entry that was waiting for one', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.script('cannot_connect')
    expect(await host.latchkey.entries.reload(entryId)).toMatchObject({ state: 'setup_retry' })
    const logins = host.service.connects.length
    await host.latchkey.entries.remove(entryId)
    await host.pass(3_600_000)
    expect(host.service.connects).toHaveLength(logins)
  })

  it('keeps no connection of a flow that was saving during the removal', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    host.service.accounts.set('new', 'ann')
    const gate = new KeyedSemaphore()
    store.onApply = async (apply) => {
      store.onApply = (next) => next()
      await apply()
      await gate.wait()
    }
    const submit = host.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    await atRest()
    expect(gate.reached).toBe(true)
    await host.latchkey.entries.remove(entryId)
    gate.open()
    expect(await submit).toMatchObject({ reason: 'reauth_successful' })
    await atRest()
    expect(host.service).toMatchObject({ open: 0 })
    await host.latchkey.stop()
  })

  it('loses to a commit that was first, and wins over one that comes after', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    host.service.accounts.set('new', 'ann')
    const gate = new KeyedSemaphore()
    store.onApply = async (apply) => {
      store.onApply = (next) => next()
      await gate.wait()
      await apply()
    }
    const submit = host.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    await atRest()
    await host.latchkey.entries.remove(entryId)
    gate.open()
    expect(await submit).toMatchObject({ type: 'abort', reason: 'entry_removed', success: false })
    expect(host.service.open).toBe(0)
  })

  it('closes what a flow gave the entry while it was being removed', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    host.service.accounts.set('new', 'ann')
    const saved = new KeyedSemaphore()
    const removal = new KeyedSemaphore()
    store.onApply = async (apply, writes) => {
      const removes = writes.some((write) => 'remove' in write && write.remove === 'entry')
      if (removes) await removal.wait()
      await apply()
      if (!removes && !saved.reached) await saved.wait()
    }
    const submit = host.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    await atRest()
    const removed = host.latchkey.entries.remove(entryId)
    await atRest()
    saved.open()
    expect(await submit).toMatchObject({ reason: 'reauth_successful' })
    expect(host.service.open).toBe(1)
    removal.open()
    await removed
    await atRest()
    expect(host.service.open).toBe(0)
  })
})
