import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { FailingStore } from '../../../src/testing/failing-store.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { addEntry, asForm, atRest, makeHost } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'
import { tokenRival } from '../token-rival.ts'
import { restorePointOf, rowOf, secondVersion } from '../versions.ts'

/** An entry that runs in a process of the first version, and the second version in another that has migrated it. */
async function bothVersions() {
  const store = new TamperedStore()
  const old = await makeHost({ store })
  const entryId = await addEntry(old)
  const fresh = await old.again({ integrations: [secondVersion(old.service)] })
  await fresh.latchkey.start()
  const migrated = await rowOf(store, entryId)
  expect(migrated.version).toBe(2)
  return { store, old, fresh, entryId, migrated, service: old.service }
}

describe('a process of an older version, in parallel with a newer one', () => {
  it('goes on with the connection that it has', async () => {
    const { old, entryId, service } = await bothVersions()
    const ping = () => old.latchkey.entries.use(service.integration, entryId, (client) => client.ping())
    await expect(ping()).resolves.toBe('pong')
  })

  it('refuses to set the entry up, with a sentence, and touches nothing', async () => {
    const { store, old, entryId, migrated } = await bothVersions()
    const restarted = await old.again()
    await restarted.latchkey.start()
    expect(await restarted.latchkey.entries.get(entryId)).toMatchObject({
      state: 'migration_error',
      reason: 'newer_version',
    })
    expect(await restarted.latchkey.attention.list()).toMatchObject([{ entryId, reason: 'newer_version' }])
    for (const source of ['reauth', 'reconfigure'] as const) {
      await expect(restarted.latchkey.flows.start({ source, entryId })).rejects.toThrow(
        'has version 2, but its integration supports at most 1. Update the integration.',
      )
    }
    expect(await rowOf(store, entryId)).toEqual(migrated)
  })

  it('refuses the input of a form that it opened before', async () => {
    const store = new TamperedStore()
    const old = await makeHost({ store })
    const entryId = await addEntry(old)
    const form = asForm(await old.latchkey.flows.start({ source: 'reauth', entryId }))
    const fresh = await old.again({ integrations: [secondVersion(old.service)] })
    await fresh.latchkey.start()
    const migrated = await rowOf(store, entryId)
    await expect(old.latchkey.flows.submit(form.flowId, { token: 'good' }, form)).rejects.toMatchObject({
      code: 'ENTRY_VERSION',
    })
    expect(await rowOf(store, entryId)).toEqual(migrated)
    expect(old.service.connects).toHaveLength(2)
  })

  it('does not overwrite an entry that was migrated while it verified a credential', async () => {
    const store = new TamperedStore()
    const old = await makeHost({ store })
    const entryId = await addEntry(old)
    old.service.accounts.set('fresh', 'ann')
    const form = asForm(await old.latchkey.flows.start({ source: 'reauth', entryId }))
    old.service.script({ held: { connect: 'ann' } })
    const submitted = old.latchkey.flows.submit(form.flowId, { token: 'fresh' }, form)
    await atRest()
    const fresh = await old.again({ integrations: [secondVersion(old.service)] })
    await fresh.latchkey.start()
    const migrated = await rowOf(store, entryId)
    old.service.release()
    expect(await submitted).toMatchObject({ reason: 'entry_changed' })
    expect(await rowOf(store, entryId)).toEqual(migrated)
  })

  it('does not write its options over migrated ones', async () => {
    const store = new TamperedStore()
    const options = z.object({ every: z.number().default(5) })
    const old = await makeHost({ store, service: new ScriptedService({ options }) })
    const entryId = await addEntry(old)
    const form = asForm(await old.latchkey.flows.start({ source: 'options', entryId }))
    let migrated: unknown
    store.onEntry = async (entry) => {
      store.onEntry = async (same) => same
      const fresh = await old.again({ integrations: [secondVersion(old.service)] })
      await fresh.latchkey.start()
      migrated = await rowOf(store, entryId)
      return entry
    }
    const view = await old.latchkey.flows.submit(form.flowId, { every: 9 }, form)
    expect(view).toMatchObject({ step: 'init', errors: { base: { code: 'unknown' } } })
    expect(await rowOf(store, entryId)).toEqual(migrated)
  })

  it('lets go when its connection drops: the entry is no longer its own', async () => {
    const { old, entryId, service } = await bothVersions()
    await old.latchkey.entries.use(service.integration, entryId, (client) => client.drop())
    await old.pass(5_000)
    expect(await old.latchkey.entries.get(entryId)).toMatchObject({ reason: 'newer_version' })
    expect(service.open).toBe(1)
  })

  it('finds the same when it probes', async () => {
    const { store, old, entryId, service, migrated } = await bothVersions()
    service.accounts.delete('good')
    const call = old.latchkey.entries.use(service.integration, entryId, (client) => client.ping())
    await expect(call).rejects.toMatchObject({ code: 'ENTRY_NOT_LOADED', reason: 'newer_version' })
    expect(await rowOf(store, entryId)).toEqual(migrated)
  })

  it('can rename the entry: unknown members stay unchanged', async () => {
    const { store, old, entryId, migrated } = await bothVersions()
    await old.latchkey.entries.update(entryId, { title: 'Attic' })
    expect(restorePointOf(await rowOf(store, entryId))).toEqual(restorePointOf(migrated))
  })
})

describe('a newer version of an integration that refreshes tokens', () => {
  it.each([
    ['before', 0],
    ['during', 15_000],
  ])('migrates an entry when another process no longer refreshes its token: %s', async (_, ahead) => {
    const store = new FailingStore(memoryStore())
    const old = await makeHost({ store })
    const entryId = await addEntry(old)
    const rival = tokenRival(store, () => old.clock.now(), entryId)
    const integrations = [{ ...secondVersion(old.service), refresh: async () => ({}) }]
    const fresh = await old.again({ integrations })
    if (ahead === 0) await rival.claim()
    else store.before('apply', 1, async () => void (await rival.claim(ahead)))
    await fresh.latchkey.start()
    expect(await fresh.latchkey.entries.get(entryId)).toMatchObject({ state: 'setup_retry' })
    expect((await rowOf(store, entryId)).version).toBe(1)
    await rival.release()
    expect(await fresh.latchkey.entries.reload(entryId)).toMatchObject({ state: 'loaded' })
    expect((await rowOf(store, entryId)).version).toBe(2)
  })
})

describe('two processes of the newer version', () => {
  it('migrate an entry once', async () => {
    const store = new TamperedStore()
    const old = await makeHost({ store })
    const entryId = await addEntry(old)
    const integrations = [secondVersion(old.service)]
    const hosts = [await old.again({ integrations }), await old.again({ integrations })]
    await Promise.all(hosts.map(({ latchkey }) => latchkey.start()))
    for (const { latchkey } of hosts)
      expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    const { items } = await old.latchkey.history(entryId)
    expect(items.filter(({ kind }) => kind === 'entry_migrated')).toHaveLength(1)
    expect(await rowOf(store, entryId)).not.toHaveProperty('previous')
  })

  it('do not restore the original of an entry that one of them has loaded', async () => {
    const store = new TamperedStore()
    const old = await makeHost({ store })
    const entryId = await addEntry(old)
    await old.latchkey.entries.unload(entryId)
    const integrations = [secondVersion(old.service)]
    const [first, second] = [await old.again({ integrations }), await old.again({ integrations })]
    old.service.script({ held: 'setup_error' })
    const failing = first.latchkey.entries.setup(entryId)
    await atRest()
    await second.latchkey.start()
    old.service.release()
    expect(await failing).toMatchObject({ state: 'loaded' })
    expect(await rowOf(store, entryId)).toMatchObject({ version: 2, migrationError: null })
  })

  it('agree if one has loaded an entry while the other restored the original', async () => {
    const store = new TamperedStore()
    const old = await makeHost({ store })
    const entryId = await addEntry(old)
    await old.latchkey.entries.unload(entryId)
    const integrations = [secondVersion(old.service)]
    const [first, second] = [await old.again({ integrations }), await old.again({ integrations })]
    old.service.script({ held: { connect: 'ann' } }, 'setup_error')
    const held = first.latchkey.entries.setup(entryId)
    await atRest()
    expect(await second.latchkey.entries.setup(entryId)).toMatchObject({ state: 'migration_error' })
    expect((await rowOf(store, entryId)).version).toBe(1)
    old.service.release()
    expect(await held).toMatchObject({ state: 'loaded' })
    expect(await rowOf(store, entryId)).toMatchObject({ version: 2, migrationError: null })
    expect(old.service.open).toBe(1)
  })
})
