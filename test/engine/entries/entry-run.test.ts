import { describe, expect, it } from '@jest/globals'
import { StoreError } from '../../../src/errors.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { addEntry, asForm, atRest, loseCredential, makeHost } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'

describe('a setup that fails', () => {
  it('is retried after 5 s · 2ⁿ, at most 600 s', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.script(...new Array(10).fill('cannot_connect'))
    await host.latchkey.entries.reload(entryId)
    const waits: number[] = []
    for (let seconds = 0, made = host.service.connects.length; waits.length < 9; ) {
      await host.pass(5_000)
      seconds += 5
      if (host.service.connects.length === made) continue
      waits.push(seconds)
      seconds = 0
      made = host.service.connects.length
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 600, 600])
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ state: 'setup_retry' })
    await host.pass(600_000)
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded', reason: null })
  })

  it('is retried up to a fifth earlier, at random', async () => {
    const host = await makeHost({ random: () => 0.5 })
    const entryId = await addEntry(host)
    host.service.script('cannot_connect')
    await host.latchkey.entries.reload(entryId)
    const logins = host.service.connects.length
    await host.pass(4_499)
    expect(host.service.connects).toHaveLength(logins)
    await host.pass(1)
    expect(host.service.connects).toHaveLength(logins + 1)
  })

  it('restarts its backoff if a user sets it up', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.script('cannot_connect', 'cannot_connect', 'cannot_connect')
    const { entries } = host.latchkey
    await entries.reload(entryId)
    await host.pass(5_000)
    expect(await entries.setup(entryId)).toMatchObject({ state: 'setup_retry' })
    await host.pass(5_000)
    expect(await entries.get(entryId)).toMatchObject({ state: 'loaded' })
  })

  it.each([
    ['throws an Error', new Error('Surprise.')],
    ['throws a text', 'surprise'],
    ['throws nothing', undefined],
  ])('is retried where connect %s: nothing is permanent by accident', async (_, thrown) => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.script({ throws: thrown })
    expect(await host.latchkey.entries.reload(entryId)).toMatchObject({
      state: 'setup_retry',
      reason: 'unknown',
    })
    expect(host.log.messages).toEqual(['A call of the integration failed.'])
    await host.pass(5_000)
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
  })

  it('is not retried after a SetupError, and is in the attention list', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.script('setup_error')
    expect(await host.latchkey.entries.reload(entryId)).toMatchObject({
      state: 'setup_error',
      reason: 'setup_error',
    })
    expect(await host.latchkey.attention.list()).toMatchObject([
      { entryId, reason: 'setup_error', since: 1_000_000, flowId: null, title: 'Scripted' },
    ])
    await host.pass(3_600_000)
    expect(host.service.connects).toHaveLength(2)
    expect(await host.latchkey.entries.setup(entryId)).toMatchObject({ state: 'loaded' })
    expect(await host.latchkey.attention.list()).toEqual([])
  })

  it('times out where connect hangs, and fires its signal', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.script({ hangs: true })
    const reload = host.latchkey.entries.reload(entryId)
    await atRest()
    await host.pass(30_000)
    expect(await reload).toMatchObject({ state: 'setup_retry', reason: 'timeout' })
  })

  it('needs a user if the service asks for a second factor', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.script({ challenge: 'otp' })
    expect(await host.latchkey.entries.reload(entryId)).toMatchObject({ state: 'reauth_required' })
    expect(await host.latchkey.attention.list()).toMatchObject([{ reason: 'invalid_auth' }])
  })

  it('finds another account at the address: no call uses it, and it is in the attention list', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { latchkey, service } = await host.again()
    service.accounts.set('good', 'bob')
    await latchkey.start()
    expect(await latchkey.entries.get(entryId)).toMatchObject({
      state: 'setup_error',
      reason: 'wrong_account',
    })
    expect(await latchkey.attention.list()).toMatchObject([{ entryId, reason: 'wrong_account' }])
    expect(service).toMatchObject({ open: 1, disposed: 1 })
    const used = latchkey.entries.use(service.integration, entryId, (client) => client.ping())
    await expect(used).rejects.toThrow(
      'is not loaded (setup_error: wrong_account). Fix the cause and reload it.',
    )
  })

  it('is retried, and logged, where the store cannot be read', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    await host.latchkey.entries.unload(entryId)
    let reads = 0
    store.onEntry = async (entry) => {
      if (++reads === 2) throw new StoreError('The connection broke.')
      return entry
    }
    expect(await host.latchkey.entries.setup(entryId)).toMatchObject({
      state: 'setup_retry',
      reason: 'unknown',
    })
    expect(host.log.lines).toMatchObject([
      {
        message: 'An actor of an entry failed unexpectedly.',
        fields: {
          scope: 'default',
          entryId,
          domain: 'scripted',
          code: 'migrateEntry',
          error: { code: 'STORE' },
        },
      },
    ])
    await host.pass(5_000)
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
  })

  it('is retried soon after a long outage of the store, which counts no attempt', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    host.service.script('cannot_connect')
    await host.latchkey.entries.reload(entryId)
    store.onEntry = async () => {
      throw new StoreError('The connection broke.')
    }
    for (let time = 0; time < 60; time++) await host.pass(5_000)
    store.onEntry = async (entry) => entry
    expect(host.service.connects).toHaveLength(2)
    expect((await host.store.getEntry('default', entryId))?.setupFailure).toMatchObject({ tries: 1 })
    await host.pass(5_000)
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
  })

  it('is retried if the need cannot be written, and asks then', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    host.service.accounts.clear()
    store.onApply = async () => {
      store.onApply = (apply) => apply()
      throw new StoreError('The disk is full.')
    }
    expect(await host.latchkey.entries.reload(entryId)).toMatchObject({
      state: 'setup_retry',
      reason: 'unknown',
    })
    expect(await host.latchkey.attention.list()).toEqual([])
    await host.pass(5_000)
    expect(await host.latchkey.attention.list()).toMatchObject([{ reason: 'invalid_auth' }])
  })

  it('is found at the stored version: an entry that its integration cannot read waits for one that can', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const newer = new ScriptedService({
      version: 3,
      migrate: { 2: (values) => values },
      connect: host.service.integration.connect,
    })
    const two = await host.again({ integrations: [newer.integration] })
    await two.latchkey.start()
    expect(await two.latchkey.entries.get(entryId)).toMatchObject({
      state: 'migration_error',
      reason: 'migration_error',
    })
    expect(await two.latchkey.attention.list()).toMatchObject([{ entryId, reason: 'migration_error' }])
    const form = asForm(await two.latchkey.flows.start({ source: 'reconfigure', entryId }))
    const input = { host: 'h', token: 'good' }
    const end = await two.latchkey.flows.submit(form.flowId, input, { revision: form.revision })
    expect(end).toMatchObject({ reason: 'reconfigure_successful', entryState: 'loaded' })
    expect(await two.latchkey.attention.list()).toEqual([])
  })

  it('finds no entry if it was removed between two reads', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    await host.latchkey.entries.unload(entryId)
    let reads = 0
    store.onEntry = async (entry) => (++reads === 2 || reads === 3 ? undefined : entry)
    expect(await host.latchkey.entries.setup(entryId)).toMatchObject({ state: 'not_loaded' })
    expect(host.service.connects).toHaveLength(1)
  })

  it('stands still where its secrets cannot be opened', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const stored = await host.store.getEntry('default', entryId)
    if (stored === undefined) throw new Error('There is an entry.')
    const record = { ...stored, sealed: 'torn', revision: stored.revision + 1 }
    await host.store.apply('default', [{ put: 'entry', record, ifRevision: stored.revision }])
    expect(await host.latchkey.entries.reload(entryId)).toMatchObject({
      state: 'setup_error',
      reason: 'setup_error',
    })
    expect(host.log.messages).toEqual(['The secrets of an entry could not be decrypted.'])
    expect(await host.latchkey.attention.list()).toMatchObject([{ entryId, reason: 'setup_error' }])
  })
})

describe('the events of an entry', () => {
  it('emit each state and changes of the attention list', async () => {
    const host = await makeHost()
    const told: string[] = []
    const { latchkey } = host
    latchkey.on('entry_added', () => told.push('added'))
    latchkey.on('entry_state_changed', ({ from, to, reason }) => told.push(`${from} → ${to} (${reason})`))
    latchkey.on('attention_changed', () => told.push('attention'))
    latchkey.on('transition', ({ machine, from, to }) => {
      if (machine === 'configEntry' && to.includes('.')) told.push(`${from} ⇒ ${to}`)
    })
    const entryId = await addEntry(host)
    await loseCredential(host, entryId)
    expect(told).toEqual([
      'added',
      'not_loaded ⇒ loaded.running',
      'not_loaded → loaded (null)',
      'loaded.running ⇒ loaded.probing',
      'loaded.probing ⇒ reauth_required.recordingNeed',
      'loaded → reauth_required (invalid_auth)',
      'attention',
      'attention',
      'reauth_required.recordingNeed ⇒ reauth_required.waiting',
    ])
  })
})
