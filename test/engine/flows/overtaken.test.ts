import { describe, expect, it } from '@jest/globals'
import { InvalidAuthError } from '../../../src/errors.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { addEntry, asForm, atRest, loseCredential, makeHost } from '../host.ts'
import { KeyedSemaphore, TamperedStore } from '../tampered-store.ts'

describe('a process that is overtaken', () => {
  it('saves nothing for an entry that another process has disabled', async () => {
    const one = await makeHost()
    const entryId = await addEntry(one)
    const form = await loseCredential(one, entryId)
    const two = await one.again()
    one.service.script({ held: { connect: 'ann' } })
    const submit = one.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    await atRest()
    await two.latchkey.entries.disable(entryId)
    one.service.release()
    expect(await submit).toMatchObject({ type: 'abort', reason: 'entry_disabled', success: false })
    expect(await two.latchkey.entries.get(entryId)).toMatchObject({ reauth: { reason: 'invalid_auth' } })
    expect(one.service.open).toBe(0)
  })

  it('reloads once for all the calls that notice a newer credential', async () => {
    const one = await makeHost()
    const entryId = await addEntry(one)
    // On the same store, no notification comes first.
    const two = await one.again({ store: one.store })
    const use = () => two.latchkey.entries.use(one.service.integration, entryId, (client) => client.ping())
    await use()
    const form = await loseCredential(one, entryId)
    one.service.accounts.set('new', 'ann')
    await one.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    const logins = one.service.connects.length
    expect(await Promise.all([use(), use(), use()])).toEqual(['pong', 'pong', 'pong'])
    expect(one.service.connects).toHaveLength(logins + 1)
  })

  it('does not reload an entry that was reloaded while it waited', async () => {
    const one = await makeHost()
    const entryId = await addEntry(one)
    const form = await loseCredential(one, entryId)
    const store = new TamperedStore(one.store)
    const two = await one.again({ store })
    await two.latchkey.start()
    one.service.accounts.set('new', 'ann')
    await one.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    const gate = new KeyedSemaphore()
    store.onEntry = async (entry) => {
      if (!gate.reached) await gate.wait()
      return entry
    }
    const logins = one.service.connects.length
    const reload = two.latchkey.entries.reload(entryId)
    await atRest()
    const used = two.latchkey.entries.use(one.service.integration, entryId, (client) => client.ping())
    await atRest()
    gate.open()
    expect(await reload).toMatchObject({ state: 'loaded' })
    expect(await used).toBe('pong')
    expect(one.service.connects).toHaveLength(logins + 1)
  })

  it('looks again where another has written the entry between its reading and its repair', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    await loseCredential(host, entryId)
    host.service.accounts.set('good', 'ann')
    const gate = new KeyedSemaphore()
    store.onApply = async (apply) => {
      store.onApply = (next) => next()
      await gate.wait()
      await apply()
    }
    const reload = host.latchkey.entries.reload(entryId, { retryRejected: true })
    await atRest()
    expect(gate.reached).toBe(true)
    const unload = host.latchkey.entries.unload(entryId)
    gate.open()
    await Promise.all([reload, unload])
    await atRest()
    expect(host.service.open).toBe(0)
  })
})

describe('calls that come while an entry is busy', () => {
  it('wait for a probe before they reload', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    let runs = 0
    host.service.script({ held: { connect: 'ann' } })
    const used = host.latchkey.entries.use(host.service.integration, entryId, () => {
      if (runs++ === 0) throw new InvalidAuthError()
      return 'done'
    })
    await atRest()
    const reload = host.latchkey.entries.reload(entryId)
    await atRest()
    host.service.release()
    expect(await used).toBe('done')
    expect(await reload).toMatchObject({ state: 'loaded' })
    await atRest()
    expect(host.service.open).toBe(1)
  })

  it('use the connection that a reload brings', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { entries } = host.latchkey
    let end: () => void = () => {}
    const slow = entries.use(
      host.service.integration,
      entryId,
      () => new Promise<void>((resolve) => (end = resolve)),
    )
    await atRest()
    const reload = entries.reload(entryId)
    await atRest()
    const used = entries.use(host.service.integration, entryId, (client) => client.ping())
    await atRest()
    end()
    await slow
    expect(await used).toBe('pong')
    expect(await reload).toMatchObject({ state: 'loaded' })
    expect(host.service.connects).toHaveLength(2)
  })

  it('leave an entry that cannot be closed unchanged with adopt: false', async () => {
    const service = new ScriptedService({
      adopt: false,
      connect: async () => ({
        client: { account: 'ann', ping: () => 'pong', drop: () => {} },
        uniqueId: 'ann',
        dispose: () => Promise.reject(new Error('It does not close.')),
      }),
    })
    const host = await makeHost({ service })
    const entryId = await addEntry(host)
    expect(await host.latchkey.entries.unload(entryId)).toMatchObject({ state: 'failed_unload' })
    const form = asForm(await host.latchkey.flows.start({ source: 'reauth', entryId }))
    const end = await host.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    expect(end).toMatchObject({ reason: 'reauth_successful', entryState: 'failed_unload' })
    await host.latchkey.stop()
  })
})
