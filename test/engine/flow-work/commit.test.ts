import { describe, expect, it } from '@jest/globals'
import { StoreError } from '../../../src/errors.ts'
import { addEntry, afterLeases, asForm, atRest, type Host, loseCredential, makeHost } from '../host.ts'
import { KeyedSemaphore, TamperedStore } from '../tampered-store.ts'

describe('a commit', () => {
  it('ends as entry_changed where another process has given a newer credential', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    host.service.accounts.set('new', 'ann')
    const gate = new KeyedSemaphore()
    host.service.script({ held: { connect: 'ann' } })
    const submit = host.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    await atRest()
    const entry = await store.getEntry('default', entryId)
    if (entry === undefined) throw new Error('There is an entry.')
    const revision = entry.revision + 1
    const record = { ...entry, revision, credentialRevision: entry.credentialRevision + 1 }
    await store.apply('default', [{ put: 'entry', record, ifRevision: entry.revision }])
    gate.open()
    host.service.release()
    expect(await submit).toMatchObject({ reason: 'entry_changed', success: false })
    expect(host.service.open).toBe(0)
  })

  it('reads the entry again if it was only renamed between reading and writing', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    host.service.accounts.set('new', 'ann')
    const two = await host.again({ store: store.inner })
    store.onApply = async (apply) => {
      store.onApply = (next) => next()
      await two.latchkey.entries.update(entryId, { title: 'Attic' })
      await apply()
    }
    const submit = host.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    expect(await submit).toMatchObject({ reason: 'reauth_successful' })
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ title: 'Attic', reauth: null })
    expect(host.service.open).toBe(1)
  })

  it('is not made by a paused process whose flow has been superseded by another', async () => {
    const store = new TamperedStore()
    const one = await makeHost({ store })
    const entryId = await addEntry(one)
    const form = await loseCredential(one, entryId)
    one.service.accounts.set('new', 'ann')
    one.service.script({ held: { connect: 'ann' } })
    const submit = one.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    await atRest()
    const now = await one.again({ store: store.inner })
    const start = now.latchkey.flows.start({ source: 'reconfigure', entryId })
    await expect(start).rejects.toMatchObject({ code: 'ALREADY_IN_PROGRESS' })
    const two = await afterLeases(one, { store: store.inner })
    await two.latchkey.flows.start({ source: 'reconfigure', entryId })
    one.service.release()
    expect(await submit).toMatchObject({ type: 'abort', reason: 'already_in_progress', success: false })
    expect(one.service.open).toBe(0)
    expect(await one.latchkey.entries.get(entryId)).toMatchObject({ reauth: { reason: 'invalid_auth' } })
  })

  it('saves an account once if another process has finished the flow of a paused one', async () => {
    const store = new TamperedStore()
    const one = await makeHost({ store })
    const form = asForm(await one.latchkey.flows.start({ domain: 'scripted', source: 'user' }))
    one.service.accounts.set('good', 'ann')
    const submit = ({ latchkey }: Host) =>
      latchkey.flows.submit(form.flowId, { host: 'h', token: 'good' }, { revision: form.revision })
    let saved: unknown
    store.onApply = async (apply) => {
      store.onApply = (next) => next()
      saved = await submit(await afterLeases(one, { store: store.inner }))
      await apply()
    }
    const shown = await submit(one)
    expect(shown).toMatchObject({ type: 'create_entry' })
    expect(shown).toEqual(saved)
    expect((await one.latchkey.entries.list()).items).toHaveLength(1)
    // Only the connection of the other process is open.
    expect([one.service.connects.length, one.service.open]).toEqual([2, 1])
  })

  it('is repeated if the budget was written since it was read, and clears it', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    const bad = asForm(
      await host.latchkey.flows.submit(form.flowId, { token: 'bad' }, { revision: form.revision }),
    )
    host.service.accounts.set('new', 'ann')
    store.onApply = async (apply) => {
      store.onApply = (next) => next()
      const key = `entry:${entryId}`
      const attempts = await store.getAttempts('default', key)
      if (attempts === undefined) throw new Error('A failure is counted.')
      const record = { ...attempts, revision: attempts.revision + 1 }
      await store.inner.apply('default', [{ put: 'attempts', record, ifRevision: attempts.revision }])
      await apply()
    }
    const submit = host.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: bad.revision })
    expect(await submit).toMatchObject({ reason: 'reauth_successful' })
    expect(await store.getAttempts('default', `entry:${entryId}`)).toBeUndefined()
  })

  it('is saved although the answer was lost, and the connection is closed', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    host.service.accounts.set('new', 'ann')
    store.onApply = async (apply) => {
      store.onApply = (next) => next()
      await apply()
      throw new StoreError('The connection broke.')
    }
    const submit = host.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    expect(await submit).toMatchObject({ reason: 'reauth_successful', success: true })
    expect(host.service.open).toBe(0)
    const used = host.latchkey.entries.use(host.service.integration, entryId, (client) => client.ping())
    expect(await used).toBe('pong')
  })
})
