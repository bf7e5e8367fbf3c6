import { describe, expect, it } from '@jest/globals'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { FailingStore, fullDisk } from '../../../src/testing/failing-store.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { addEntry, asForm, makeHost } from '../host.ts'
import { tokenRival } from '../token-rival.ts'

/** A host with an entry that has no identity, of a service that reports one by now: `ann`. */
async function nameless(adoptUniqueId: boolean) {
  const store = new FailingStore(memoryStore())
  const host = await makeHost({ store, service: new ScriptedService({ adoptUniqueId }) })
  const entryId = await addEntry(host, { account: null })
  host.service.accounts.set('good', 'ann').set('new', 'ann')
  const identity = async () => (await host.latchkey.entries.get(entryId)).uniqueId
  const reauth = async () => {
    const { flowId, revision } = asForm(await host.latchkey.flows.start({ source: 'reauth', entryId }))
    return host.latchkey.flows.submit(flowId, { token: 'new' }, { revision })
  }
  return { ...host, store, entryId, identity, reauth }
}

describe('an entry without an identity', () => {
  it('adopts the unique id that a reauthentication verifies, permanently', async () => {
    const { identity, reauth, again, entryId } = await nameless(true)
    expect(await reauth()).toMatchObject({ reason: 'reauth_successful', entryState: 'loaded' })
    expect(await identity()).toBe('ann')
    const { latchkey, service } = await again()
    expect(await latchkey.entries.setup(entryId)).toMatchObject({ state: 'loaded' })
    service.accounts.set('new', 'bob')
    expect(await latchkey.entries.reload(entryId)).toMatchObject({ reason: 'wrong_account' })
  })

  it('adopts the unique id that its setup verifies', async () => {
    const { identity, latchkey, entryId, again } = await nameless(true)
    expect(await latchkey.entries.reload(entryId)).toMatchObject({ state: 'loaded', uniqueId: 'ann' })
    expect(await identity()).toBe('ann')
    const other = await again()
    expect(await other.latchkey.entries.setup(entryId)).toMatchObject({ state: 'loaded' })
  })

  it('adopts nothing while another process refreshes its token, and tries again', async () => {
    const { identity, latchkey, entryId, store, clock, service } = await nameless(true)
    const rival = tokenRival(store, () => clock.now(), entryId)
    await rival.claim()
    expect(await latchkey.entries.reload(entryId)).toMatchObject({ state: 'setup_retry', uniqueId: null })
    expect(service.open).toBe(0)
    await rival.release()
    expect(await latchkey.entries.reload(entryId)).toMatchObject({ state: 'loaded' })
    expect(await identity()).toBe('ann')
  })

  it('treats any unique id as another account without adoptUniqueId', async () => {
    const { identity, latchkey, entryId, reauth } = await nameless(false)
    expect(await reauth()).toMatchObject({ type: 'abort', reason: 'wrong_account' })
    expect(await latchkey.entries.reload(entryId)).toMatchObject({ reason: 'wrong_account' })
    expect(await identity()).toBeNull()
  })

  it('keeps running without the identity of another entry, which the attention list names', async () => {
    const host = await nameless(true)
    const other = await addEntry(host, { token: 'other', account: 'ann' })
    expect(await host.reauth()).toMatchObject({ type: 'abort', reason: 'already_configured' })
    const told: string[] = []
    host.latchkey.on('attention_changed', ({ entryId }) => void told.push(`${entryId}`))
    expect(await host.latchkey.entries.reload(host.entryId)).toMatchObject({
      state: 'loaded',
      uniqueId: null,
    })
    expect(told).toEqual([host.entryId])
    expect(await host.latchkey.attention.list()).toMatchObject([
      {
        entryId: host.entryId,
        reason: 'identity_taken',
        text: 'It’s the same account as Scripted. Remove one of them.',
        other: { entryId: other, title: 'Scripted' },
      },
    ])
    expect(await host.latchkey.attention.get(host.entryId)).toMatchObject({ reason: 'identity_taken' })
    expect(host.service.open).toBe(2)
    expect(host.log.lines).toContainEqual({
      level: 'warn',
      message: 'The service reports another unique id than the stored one.',
      fields: expect.objectContaining({ storedUniqueId: null, reportedUniqueId: 'ann' }),
    })
    await host.latchkey.entries.remove(other)
    expect(await host.latchkey.attention.list()).toEqual([])
    expect(await host.latchkey.entries.reload(host.entryId)).toMatchObject({ uniqueId: 'ann' })
  })

  it('takes the identity of an ignored entry', async () => {
    const host = await nameless(true)
    const { latchkey, entryId } = host
    const found = await latchkey.flows.start({
      domain: 'scripted',
      source: 'discovery',
      discovery: { uniqueId: 'ann', values: { host: 'h' } },
    })
    await latchkey.flows.ignore(found.flowId)
    expect(await latchkey.entries.reload(entryId)).toMatchObject({ state: 'loaded', uniqueId: 'ann' })
    expect((await latchkey.entries.list({ ignored: true })).items).toEqual([])
    expect(await latchkey.attention.list()).toEqual([])
  })

  it('is retried later if the unique id could not be written', async () => {
    const { identity, latchkey, entryId, store, service, pass } = await nameless(true)
    store.before('apply', 1, fullDisk)
    expect(await latchkey.entries.reload(entryId)).toMatchObject({ state: 'setup_retry' })
    expect(service.open).toBe(0)
    await pass(10_000)
    expect(await identity()).toBe('ann')
    expect(service.open).toBe(1)
  })

  it('is retried later if another process changes it during its setup, and other processes know that', async () => {
    const { identity, latchkey, entryId, store, again, pass } = await nameless(true)
    const other = await again()
    store.before('apply', 1, async () => {
      const entry = await store.getEntry('default', entryId)
      if (entry === undefined) throw new Error('There is an entry.')
      const record = { ...structuredClone(entry), title: 'Renamed', revision: entry.revision + 1 }
      await store.apply('default', [{ put: 'entry', record, ifRevision: entry.revision }])
    })
    expect(await latchkey.entries.reload(entryId)).toMatchObject({ state: 'setup_retry', title: 'Renamed' })
    expect(await other.latchkey.entries.get(entryId)).toMatchObject({
      state: 'setup_retry',
      reason: 'unknown',
    })
    await pass(10_000)
    expect(await identity()).toBe('ann')
    expect(await other.latchkey.entries.get(entryId)).toMatchObject({ state: 'not_loaded', reason: null })
  })
})
