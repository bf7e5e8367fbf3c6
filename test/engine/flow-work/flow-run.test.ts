import { describe, expect, it } from '@jest/globals'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { addEntry, asForm, atRest, loseCredential, makeHost } from '../host.ts'
import { KeyedSemaphore, TamperedStore } from '../tampered-store.ts'

describe('adopting the verified connection', () => {
  it('logs in once for one reauthentication, and tells hosts to subscribe again', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const told: string[] = []
    host.latchkey.on('entry_loaded', () => told.push('loaded'))
    host.latchkey.on('entry_unloaded', () => told.push('unloaded'))
    const form = asForm(await host.latchkey.entries.requestReauth(entryId))
    host.service.accounts.set('new', 'ann')
    const logins = host.service.connects.length
    await host.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    expect(host.service.connects).toHaveLength(logins + 1)
    expect(told).toEqual(['unloaded', 'loaded'])
    await atRest()
    expect(host.service).toMatchObject({ open: 1, disposed: 1 })
  })

  it('connects again with adopt: false, and closes the verified connection', async () => {
    const host = await makeHost({ service: new ScriptedService({ adopt: false }) })
    const entryId = await addEntry(host)
    expect(host.service.connects).toHaveLength(2)
    expect(host.service).toMatchObject({ open: 1, disposed: 1 })
    const form = await loseCredential(host, entryId)
    host.service.accounts.set('new', 'ann')
    const logins = host.service.connects.length
    const submit = host.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    expect(await submit).toMatchObject({ reason: 'reauth_successful', entryState: 'loaded' })
    expect(host.service.connects).toHaveLength(logins + 2)
    expect(host.service.open).toBe(1)
  })

  it('succeeds although the entry cannot connect again, and the view shows it', async () => {
    const host = await makeHost({ service: new ScriptedService({ adopt: false }) })
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    host.service.accounts.set('new', 'ann')
    host.service.script({ connect: 'ann' }, 'cannot_connect')
    const submit = host.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    expect(await submit).toMatchObject({
      reason: 'reauth_successful',
      success: true,
      entryState: 'setup_retry',
    })
  })

  it('passes the connection to a running setup, and closes the one of the setup', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const form = asForm(await host.latchkey.entries.requestReauth(entryId))
    host.service.script('cannot_connect')
    await host.latchkey.entries.reload(entryId)
    host.service.script({ held: { connect: 'ann' } })
    await host.pass(5_000)
    host.service.accounts.set('new', 'ann')
    const submit = host.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    expect(await submit).toMatchObject({ reason: 'reauth_successful', entryState: 'loaded' })
    host.service.release()
    await atRest()
    expect(host.service.open).toBe(1)
  })

  it('waits for an unloading that is under way', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const form = asForm(await host.latchkey.entries.requestReauth(entryId))
    let end: () => void = () => {}
    const used = host.latchkey.entries.use(
      host.service.integration,
      entryId,
      () => new Promise<void>((resolve) => (end = resolve)),
    )
    await atRest()
    const unloaded = host.latchkey.entries.unload(entryId)
    host.service.accounts.set('new', 'ann')
    const submit = host.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    await atRest()
    end()
    await used
    await unloaded
    expect(await submit).toMatchObject({ reason: 'reauth_successful', entryState: 'loaded' })
    await atRest()
    expect(host.service.open).toBe(1)
  })

  it('closes the connection where the entry was disabled between the commit and the takeover', async () => {
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
    await host.latchkey.entries.disable(entryId)
    gate.open()
    expect(await submit).toMatchObject({ reason: 'reauth_successful', entryState: 'disabled' })
    expect(host.service.open).toBe(0)
  })

  it('takes it also in a process that had not set the entry up', async () => {
    const one = await makeHost()
    const entryId = await addEntry(one)
    const form = await loseCredential(one, entryId)
    const two = await one.again()
    await one.latchkey.stop()
    one.service.accounts.set('new', 'ann')
    const end = await two.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    expect(end).toMatchObject({ reason: 'reauth_successful', entryState: 'loaded' })
    expect(one.service.open).toBe(1)
  })
})
