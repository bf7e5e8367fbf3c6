import { describe, expect, it } from '@jest/globals'
import type { EditSource } from '../../../machines/edit-slot.ts'
import { AlreadyInProgressError } from '../../../src/errors.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { table } from '../../machines/moves.ts'
import { addEntry, asForm, atRest, loseCredential, makeHost } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'

describe('one edit at a time', () => {
  it('answers a second start with the open flow', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { flows } = host.latchkey
    const [one, two] = await Promise.all([
      flows.start({ source: 'reauth', entryId }),
      flows.start({ source: 'reauth', entryId }),
    ])
    const opened = one.joined === true ? two : one
    const joined = { ...opened, joined: true }
    expect([one, two]).toEqual(expect.arrayContaining([opened, joined]))
    expect(await flows.start({ source: 'reauth', entryId })).toEqual(joined)
    expect((await flows.list()).items).toHaveLength(1)
  })

  it('holds between processes that notice at once', async () => {
    const one = await makeHost()
    const entryId = await addEntry(one)
    const two = await one.again()
    const work = (host: typeof one) =>
      host.latchkey.entries
        .use(one.service.integration, entryId, (client) => client.ping())
        .catch((error) => error)
    await work(two)
    one.service.accounts.clear()
    const errors = await Promise.all([work(one), work(two)])
    expect(errors.map(({ code }) => code)).toEqual(['REAUTH_REQUIRED', 'REAUTH_REQUIRED'])
    expect(errors[0].flowId).toBe(errors[1].flowId)
    expect((await one.latchkey.flows.list()).items).toHaveLength(1)
    expect(await one.latchkey.attention.list()).toHaveLength(1)
  })

  it('lets a reconfigure take the slot of an idle reauth, in one write', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const reauth = await loseCredential(host, entryId)
    const { writes } = store
    const form = asForm(await host.latchkey.flows.start({ source: 'reconfigure', entryId }))
    expect(store.writes).toBe(writes + 1)
    expect(form).toMatchObject({ step: 'reconfigure', order: ['host', 'token'], values: { host: 'h' } })
    expect(await host.latchkey.flows.get(reauth.flowId)).toMatchObject({
      reason: 'already_in_progress',
      text: 'This was continued in another window.',
    })
    expect(await host.latchkey.attention.list()).toMatchObject([{ flowId: form.flowId }])

    await host.latchkey.flows.cancel(form.flowId)
    expect(await host.latchkey.attention.list()).toMatchObject([{ reason: 'invalid_auth', flowId: null }])
    const again = await host.latchkey.flows.start({ source: 'reauth', entryId })
    expect(again).toMatchObject({ step: 'reauth_confirm', expiresAt: null })
  })

  it('clears the need by the commit of a reconfigure', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await loseCredential(host, entryId)
    host.service.accounts.set('new', 'ann')
    const form = asForm(await host.latchkey.flows.start({ source: 'reconfigure', entryId }))
    const input = { host: 'moved', token: 'new' }
    const end = await host.latchkey.flows.submit(form.flowId, input, { revision: form.revision })
    expect(end).toMatchObject({ reason: 'reconfigure_successful', success: true, entryState: 'loaded' })
    expect(await host.latchkey.attention.list()).toEqual([])
    expect((await host.store.getEntry('default', entryId))?.data).toEqual({ host: 'moved' })
  })

  it('asks for the secret again in a reconfigure, and never sends the stored one', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const form = asForm(await host.latchkey.flows.start({ source: 'reconfigure', entryId }))
    const logins = host.service.connects.length
    const submit = host.latchkey.flows.submit(form.flowId, { host: 'evil' }, { revision: form.revision })
    expect(await submit).toMatchObject({ errors: { '/token': { code: 'required' } } })
    expect(host.service.connects).toHaveLength(logins)
  })

  it('sends the stored secret where the integration spells it out', async () => {
    const service = new ScriptedService({ reconfigure: { fields: ['host'], sendStoredSecrets: true } })
    const host = await makeHost({ service })
    const entryId = await addEntry(host)
    const form = asForm(await host.latchkey.flows.start({ source: 'reconfigure', entryId }))
    expect(form.order).toEqual(['host'])
    const submit = host.latchkey.flows.submit(form.flowId, { host: 'moved' }, { revision: form.revision })
    expect(await submit).toMatchObject({ reason: 'reconfigure_successful' })
    expect(service.connects.at(-1)).toEqual({ host: 'moved', token: 'good', code: null })
  })

  it('refuses a reconfigure during a check of a reauth, and a reauth while a reconfigure is open', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const reauth = await loseCredential(host, entryId)
    host.service.script({ held: 'cannot_connect' })
    const submit = host.latchkey.flows.submit(reauth.flowId, { token: 'new' }, { revision: reauth.revision })
    await atRest()
    const refused: unknown = await host.latchkey.flows
      .start({ source: 'reconfigure', entryId })
      .catch((e) => e)
    expect(refused).toBeInstanceOf(AlreadyInProgressError)
    expect(refused).toMatchObject({
      flowId: reauth.flowId,
      source: 'reauth',
      message: `A reauth flow is already open for this entry (${reauth.flowId}). Finish or cancel it first.`,
    })
    host.service.release()
    expect(await submit).toMatchObject({ errors: { base: { code: 'cannot_connect' } } })
    const form = await host.latchkey.flows.start({ source: 'reconfigure', entryId })
    await expect(host.latchkey.flows.start({ source: 'reauth', entryId })).rejects.toMatchObject({
      code: 'ALREADY_IN_PROGRESS',
      flowId: form.flowId,
      source: 'reconfigure',
    })
  })

  it('looks again where another process has opened a flow first', async () => {
    const store = new TamperedStore()
    const one = await makeHost({ store })
    const entryId = await addEntry(one)
    const two = await one.again({ store: store.inner })
    const raced = async <Result>(start: () => Promise<Result>) => {
      store.onApply = async (apply) => {
        store.onApply = (next) => next()
        await two.latchkey.flows.start({ source: 'reauth', entryId })
        await apply()
      }
      return start()
    }
    const { joined, ...view } = await raced(() => one.latchkey.flows.start({ source: 'reauth', entryId }))
    expect(joined).toBe(true)
    expect((await two.latchkey.flows.list()).items).toEqual([view])
    await one.latchkey.flows.cancel(view.flowId)
    await raced(() => one.latchkey.entries.requestReauth(entryId))
    expect((await two.latchkey.flows.list()).items).toHaveLength(1)
    expect(await one.latchkey.attention.list()).toMatchObject([{ reason: 'requested' }])
  })

  it('records a second need of an entry once, and keeps since when', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await host.latchkey.entries.requestReauth(entryId)
    await host.pass(5_000)
    await loseCredential(host, entryId)
    expect(await host.latchkey.attention.list()).toMatchObject([{ reason: 'invalid_auth', since: 1_000_000 }])
    expect((await host.latchkey.flows.list()).items).toHaveLength(1)
    const { items } = await host.latchkey.history(entryId)
    expect(items.map(({ kind }) => kind)).toEqual([
      'entry_created',
      'reauth_required',
      'flow_started',
      'reauth_required',
    ])
  })

  it('forgets the need of an entry that was removed while it was noticed', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    host.service.script({ held: 'invalid_auth' })
    const used = host.latchkey.entries.use(host.service.integration, entryId, (client) => client.ping())
    host.service.accounts.clear()
    const failed = used.catch((error) => error)
    await atRest()
    const entry = await store.inner.getEntry('default', entryId)
    await store.inner.apply('default', [{ remove: 'entry', id: entryId, ifRevision: entry?.revision ?? 0 }])
    host.service.release()
    expect(await failed).toMatchObject({ code: 'UNKNOWN_ENTRY' })
    expect((await host.latchkey.flows.list()).items).toEqual([])
  })

  it('does not record a need of a credential that was replaced while it was noticed', async () => {
    const one = await makeHost()
    const entryId = await addEntry(one)
    const two = await one.again()
    const form = asForm(await two.latchkey.flows.start({ source: 'reauth', entryId }))
    one.service.accounts.set('new', 'ann')
    one.service.script({ held: 'invalid_auth' })
    one.service.accounts.delete('good')
    const used = one.latchkey.entries.use(one.service.integration, entryId, (client) => client.ping())
    await atRest()
    const end = await two.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    expect(end).toMatchObject({ reason: 'reauth_successful' })
    one.service.release()
    expect(await used).toBe('pong')
    expect(await one.latchkey.attention.list()).toEqual([])
  })

  it('opens no flow for an entry that was disabled while its failure was noticed', async () => {
    const one = await makeHost()
    const entryId = await addEntry(one)
    const two = await one.again()
    one.service.script({ held: 'invalid_auth' })
    one.service.accounts.clear()
    const used = one.latchkey.entries
      .use(one.service.integration, entryId, (client) => client.ping())
      .catch((error) => error)
    await atRest()
    await two.latchkey.entries.disable(entryId)
    one.service.release()
    expect(await used).toMatchObject({ code: 'ENTRY_NOT_LOADED', state: 'disabled' })
    expect((await one.latchkey.flows.list()).items).toEqual([])
    expect(await one.latchkey.entries.get(entryId)).toMatchObject({ reauth: null })
  })
})

/** The open flow, and the source of the second one. */
const decisions = table(`
open          reauth  reconfigure  replace
reauth        join    supersede    supersede
reconfigure   refuse  join         refuse
replace       refuse  refuse       join
`).map(({ state: open, event: second, target: decision }) => ({ open, second, decision }))

describe('a second flow that needs the edit slot', () => {
  /** Starts a second flow, while the first one waits or works. */
  async function start(open: string, second: string, whileWorking: boolean) {
    const host = await makeHost()
    const { flows } = host.latchkey
    const entryId = await addEntry(host)
    const first = asForm(await flows.start({ source: open as EditSource, entryId }))
    let finish = async () => {}
    if (whileWorking) {
      host.service.script({ held: 'cannot_connect' })
      const input = open === 'reauth' ? { token: 'new' } : { host: 'h', token: 'new' }
      const submitted = flows.submit(first.flowId, input, { revision: first.revision })
      await atRest()
      finish = async () => {
        host.service.release()
        await submitted
      }
    }
    const result = await flows.start({ source: second as EditSource, entryId }).catch((error) => error)
    await finish()
    return { first, result, end: await flows.get(first.flowId) }
  }

  it.each(decisions)('$open waits, $second starts: $decision', async ({ open, second, decision }) => {
    const { first, result, end } = await start(open, second, false)
    if (decision === 'join') expect(result).toEqual({ ...first, joined: true })
    if (decision === 'refuse') {
      expect(result).toMatchObject({ code: 'ALREADY_IN_PROGRESS', flowId: first.flowId, source: open })
    }
    if (decision !== 'supersede') return expect(end).toEqual(first)
    expect(result).toMatchObject({ type: 'form', source: second })
    expect(end).toMatchObject({ type: 'abort', reason: 'already_in_progress', success: false })
  })

  it.each(decisions)('$open works, $second starts', async ({ open, second, decision }) => {
    const { first, result, end } = await start(open, second, true)
    if (decision === 'join') expect(result).toMatchObject({ type: 'progress', flowId: first.flowId })
    else expect(result).toMatchObject({ code: 'ALREADY_IN_PROGRESS', flowId: first.flowId, source: open })
    expect(end).toMatchObject({ type: 'form', errors: { base: { code: 'cannot_connect' } } })
  })
})
