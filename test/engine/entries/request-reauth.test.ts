import { afterAll, describe, expect, it } from '@jest/globals'
import { addEntry, asForm, atRest, loseCredential, makeHost } from '../host.ts'
import { someStores } from '../stores.ts'

const stores = someStores()
afterAll(stores.clear)

describe.each(stores.each)('entries.requestReauth, on %s', (_, store) => {
  it('shows its reason in the view, the entry and the attention list', async () => {
    const { latchkey, service, ...host } = await makeHost({ store: store() })
    const entryId = await addEntry({ latchkey, service })
    const reason = 'The <b>plan</b> has\n changed.\u202e'
    const form = asForm(await latchkey.entries.requestReauth(entryId, { reason, principal: 'ada' }))
    const message = 'The <b>plan</b> has  changed.'
    expect(form.message).toBe(message)
    expect(await latchkey.flows.get(form.flowId)).toMatchObject({ message })
    expect(await latchkey.attention.list()).toMatchObject([{ entryId, reason: 'requested', message }])
    expect((await latchkey.entries.get(entryId)).reauth).toMatchObject({ reason: 'requested', message })
    const again = await host.again()
    expect(await again.latchkey.flows.get(form.flowId)).toMatchObject({ message })
    await latchkey.flows.cancel(form.flowId)
    expect(await latchkey.flows.start({ source: 'reauth', entryId })).toMatchObject({ message })
    expect(await latchkey.flows.start({ source: 'reconfigure', entryId })).not.toHaveProperty('message')
    await latchkey.stop()
  })

  it('does not replace a refusal by the service', async () => {
    const host = await makeHost({ store: store() })
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    const { latchkey } = host
    const { items } = await latchkey.history(entryId)
    expect(await latchkey.entries.requestReauth(entryId, { reason: 'Please.' })).toEqual(form)
    await latchkey.flows.cancel(form.flowId)
    await latchkey.entries.requestReauth(entryId, { reason: 'Please.' })
    const [item] = await latchkey.attention.list()
    expect(item).toMatchObject({ reason: 'invalid_auth', since: 1_000_000 })
    expect(item).not.toHaveProperty('message')
    const kinds = (await latchkey.history(entryId)).items.slice(items.length).map(({ kind }) => kind)
    expect(kinds).not.toContain('reauth_required')
    await latchkey.stop()
  })

  it('is replaced by a refusal of the service', async () => {
    const host = await makeHost({ store: store() })
    const entryId = await addEntry(host)
    await host.latchkey.entries.requestReauth(entryId, { reason: 'Please.' })
    await loseCredential(host, entryId)
    expect(await host.latchkey.attention.list()).toMatchObject([{ reason: 'invalid_auth' }])
    expect((await host.latchkey.entries.get(entryId)).reauth).not.toHaveProperty('message')
    await host.latchkey.stop()
  })

  it('is withdrawn, and its flow ends in the same write', async () => {
    const { latchkey, service } = await makeHost({ store: store() })
    const entryId = await addEntry({ latchkey, service })
    const form = await latchkey.entries.requestReauth(entryId)
    const view = await latchkey.entries.withdrawReauth(entryId, { principal: 'ada' })
    expect(view).toMatchObject({ entryId, state: 'loaded', reauth: null })
    expect(await latchkey.flows.get(form.flowId)).toMatchObject({ type: 'abort', success: false })
    expect(await latchkey.attention.list()).toEqual([])
    const { items } = await latchkey.history(entryId)
    expect(items.at(-1)).toMatchObject({ kind: 'reauth_withdrawn', who: 'ada' })
    // Nothing is left to withdraw.
    expect(await latchkey.entries.withdrawReauth(entryId)).toEqual(view)
    await latchkey.stop()
  })

  it('cannot be withdrawn after the service has refused the credential', async () => {
    const host = await makeHost({ store: store() })
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    await expect(host.latchkey.entries.withdrawReauth(entryId)).rejects.toMatchObject({ code: 'ENTRY_STATE' })
    await host.latchkey.flows.cancel(form.flowId)
    await expect(host.latchkey.entries.withdrawReauth(entryId)).rejects.toMatchObject({ code: 'ENTRY_STATE' })
    expect(await host.latchkey.attention.list()).toMatchObject([{ reason: 'invalid_auth' }])
    await host.latchkey.stop()
  })
})

describe('the reason of a requested reauthentication', () => {
  it('is cut after 300 characters', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const form = await host.latchkey.entries.requestReauth(entryId, { reason: 'é'.repeat(400) })
    expect(form).toMatchObject({ message: 'é'.repeat(300) })
  })

  it.each(['', ' \n ', '\u200b'])('is absent if nothing of it is visible: %j', async (reason) => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    expect(await host.latchkey.entries.requestReauth(entryId, { reason })).not.toHaveProperty('message')
  })

  it('must be a text', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const request = host.latchkey.entries.requestReauth(entryId, { reason: 5 as never })
    await expect(request).rejects.toMatchObject({ code: 'INVALID_INPUT', pointers: ['/reason'] })
    expect(await host.latchkey.attention.list()).toEqual([])
  })

  it('can be changed, and stays if the next request gives none', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { entries, attention } = host.latchkey
    await entries.requestReauth(entryId, { reason: 'First.' })
    await entries.requestReauth(entryId, { reason: 'Second.' })
    const { revision } = await entries.get(entryId)
    await entries.requestReauth(entryId)
    await entries.requestReauth(entryId, { reason: 'Second.' })
    expect(await attention.list()).toMatchObject([{ message: 'Second.' }])
    expect((await entries.get(entryId)).revision).toBe(revision)
  })
})

describe('entries.withdrawReauth', () => {
  it('leaves a reconfiguration open', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { entries, flows, attention } = host.latchkey
    const reauth = await entries.requestReauth(entryId)
    await flows.cancel(reauth.flowId)
    const form = await flows.start({ source: 'reconfigure', entryId })
    await entries.withdrawReauth(entryId)
    expect(await flows.get(form.flowId)).toMatchObject({ type: 'form' })
    expect(await attention.list()).toEqual([])
  })

  it('writes one history row for two who withdraw it at once', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await host.latchkey.entries.requestReauth(entryId)
    const other = await host.again()
    const views = await Promise.all([
      host.latchkey.entries.withdrawReauth(entryId),
      other.latchkey.entries.withdrawReauth(entryId),
      host.latchkey.entries.withdrawReauth(entryId),
    ])
    expect(views.map(({ reauth }) => reauth)).toEqual([null, null, null])
    const { items } = await host.latchkey.history(entryId)
    expect(items.filter(({ kind }) => kind === 'reauth_withdrawn')).toHaveLength(1)
  })

  it('cancels the check of a submitted credential', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { entries, flows } = host.latchkey
    const form = asForm(await entries.requestReauth(entryId))
    host.service.script({ hangs: true })
    const submitted = flows.submit(form.flowId, { token: 'good' }, form)
    await atRest()
    expect(await entries.withdrawReauth(entryId)).toMatchObject({ reauth: null })
    expect(await submitted).toMatchObject({ type: 'abort', reason: 'cancelled' })
  })
})
