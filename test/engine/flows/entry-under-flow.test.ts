import { describe, expect, it } from '@jest/globals'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { addEntry, asAbort, atRest, loseCredential, makeHost } from '../host.ts'

describe('an entry that changes under an open flow', () => {
  const mended = async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    host.service.accounts.set('new', 'ann')
    return { ...host, entryId, form }
  }

  it('ends a parked flow in the write that removes the entry', async () => {
    const { latchkey, entryId, form } = await mended()
    await latchkey.entries.remove(entryId)
    expect(await latchkey.flows.get(form.flowId)).toMatchObject({ reason: 'entry_removed', success: false })
  })

  it('ends a parked flow in the write that disables the entry', async () => {
    const { latchkey, entryId, form } = await mended()
    await latchkey.entries.disable(entryId)
    expect(await latchkey.flows.get(form.flowId)).toMatchObject({ reason: 'entry_disabled', success: false })
    expect(await latchkey.entries.get(entryId)).toMatchObject({
      state: 'disabled',
      reauth: { reason: 'invalid_auth' },
    })
  })

  it.each([
    ['removed', 'entry_removed'],
    ['disabled', 'entry_disabled'],
  ] as const)('calls back the check of a flow whose entry is %s', async (what, reason) => {
    const { latchkey, entryId, form, service } = await mended()
    service.script({ held: { connect: 'ann' } })
    const submit = latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    await atRest()
    if (what === 'removed') await latchkey.entries.remove(entryId)
    else await latchkey.entries.disable(entryId)
    expect(await submit).toMatchObject({ type: 'abort', reason, success: false })
    service.release()
    await atRest()
    expect(service.open).toBe(0)
  })

  it.each([
    ['removed', 'entry_removed'],
    ['disabled', 'entry_disabled'],
  ] as const)('ends a flow at its submit where another process has %s the entry', async (what, reason) => {
    const { latchkey, entryId, form, store, service } = await mended()
    const entry = await store.getEntry('default', entryId)
    if (entry === undefined) throw new Error('There is an entry.')
    const record = { ...entry, disabled: true, revision: entry.revision + 1 }
    await store.apply('default', [
      what === 'removed'
        ? { remove: 'entry', id: entryId, ifRevision: entry.revision }
        : { put: 'entry', record, ifRevision: entry.revision },
    ])
    const logins = service.connects.length
    const submit = latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    expect(await submit).toMatchObject({ reason })
    expect(service.connects).toHaveLength(logins)
  })

  it('keeps the new title where the entry is renamed while the flow checks', async () => {
    const { latchkey, entryId, form, service } = await mended()
    service.script({ held: { connect: 'ann' } })
    const submit = latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    await atRest()
    await latchkey.entries.update(entryId, { title: 'Attic' })
    service.release()
    expect(await submit).toMatchObject({ reason: 'reauth_successful', success: true, entryState: 'loaded' })
    expect(await latchkey.entries.get(entryId)).toMatchObject({
      title: 'Attic',
      state: 'loaded',
      reauth: null,
    })
  })

  it('keeps the old placeholder and the new title if the entry is renamed while the flow waits', async () => {
    const { latchkey, entryId, form } = await mended()
    await latchkey.entries.update(entryId, { title: 'Attic' })
    const submit = latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    expect(await submit).toMatchObject({ reason: 'reauth_successful' })
    expect(await latchkey.entries.get(entryId)).toMatchObject({ title: 'Attic' })
  })

  it('leaves the entry alone where the account is another', async () => {
    const { latchkey, entryId, form, service, store } = await mended()
    service.accounts.set('other', 'bob')
    const before = await store.getEntry('default', entryId)
    const end = await latchkey.flows.submit(form.flowId, { token: 'other' }, { revision: form.revision })
    expect(asAbort(end)).toMatchObject({ reason: 'wrong_account', success: false })
    expect(end).not.toHaveProperty('entryState')
    expect(await store.getEntry('default', entryId)).toEqual(before)
    // The user can switch the entry to that account.
    expect(service.open).toBe(1)
    expect(await latchkey.attention.list()).toMatchObject([{ entryId, reason: 'invalid_auth', flowId: null }])
  })

  it('shows another account as a form error with onAccountMismatch: retry', async () => {
    const host = await makeHost({ service: new ScriptedService({ onAccountMismatch: 'retry' }) })
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    host.service.accounts.set('other', 'bob')
    const submit = host.latchkey.flows.submit(form.flowId, { token: 'other' }, { revision: form.revision })
    expect(await submit).toMatchObject({ type: 'form', errors: { base: { code: 'wrong_account' } } })
    expect(host.service.open).toBe(0)
  })
})
