import { afterAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { address } from '../../../src/authoring/field.ts'
import { defineIntegration, defineIntegrationWithMethods } from '../../../src/authoring/integration.ts'
import { secret } from '../../../src/authoring/secret.ts'
import { InvalidAuthError } from '../../../src/errors.ts'
import type { EntryRecord } from '../../../src/ports/store.ts'
import { FailingStore } from '../../../src/testing/failing-store.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import type { View } from '../../../src/view.ts'
import { addEntry, asAbort, asForm, atRest, type Host, loseCredential, makeHost, openForm } from '../host.ts'
import { someStores } from '../stores.ts'

const stores = someStores()
afterAll(stores.clear)

/** A host with a broken entry of the account `ann`, and a new token of that account. */
async function broken(options: Parameters<typeof makeHost>[0] = {}) {
  const host = await makeHost(options)
  const entryId = await addEntry(host)
  await host.latchkey.entries.update(entryId, { title: 'Hallway' })
  const reauth = await loseCredential(host, entryId)
  host.service.accounts.set('next', 'ann')
  return { ...host, entryId, reauth }
}

const add = async ({ latchkey }: Pick<Host, 'latchkey'>, token: string, host = 'h'): Promise<View> => {
  const form = await openForm(latchkey)
  return latchkey.flows.submit(form.flowId, { host, token }, form)
}

const importing = ({ latchkey }: Pick<Host, 'latchkey'>, token: string, host = 'h'): Promise<View> =>
  latchkey.flows.start({ domain: 'scripted', source: 'import', input: { host, token } })

describe.each(stores.each)('linking the account of a broken entry again, over %s', (_, store) => {
  it('asks, repairs the entry, and ends its reauthentication in the same write', async () => {
    const host = await broken({ store: store() })
    const { latchkey, entryId, reauth, service } = host
    const before = await latchkey.entries.get(entryId)
    const asked = asForm(await add(host, 'next', 'h2'))
    expect(asked).toMatchObject({
      step: 'repair_confirm',
      entryId,
      title: 'Reconnect Hallway',
      description: 'Hallway is already connected, but its sign-in stopped working. Save this one for it?',
      order: [],
      submit: 'Save',
      lastStep: true,
    })
    expect(service.connects).toHaveLength(3)
    expect((await latchkey.entries.get(entryId)).revision).toBe(before.revision)
    const end = asAbort(await latchkey.flows.submit(asked.flowId, {}, asked))
    expect(end).toMatchObject({ reason: 'reauth_successful', success: true, entryId, entryState: 'loaded' })
    expect(service.connects).toHaveLength(3)
    const after = await latchkey.entries.get(entryId)
    expect(after).toMatchObject({
      title: 'Hallway',
      reauth: null,
      state: 'loaded',
      revision: before.revision + 1,
    })
    expect(await latchkey.flows.get(reauth.flowId)).toMatchObject({ reason: 'reauth_successful' })
    expect(await latchkey.attention.list()).toEqual([])
    const rows = (await latchkey.history(entryId)).items.map(({ kind, flowId }) => [kind, flowId])
    expect(rows.slice(-1)).toEqual([['credential_updated', asked.flowId]])
  })

  it('goes on at once for an import', async () => {
    const host = await broken({ store: store() })
    const end = await importing(host, 'next')
    expect(end).toMatchObject({
      type: 'abort',
      reason: 'reauth_successful',
      success: true,
      entryId: host.entryId,
    })
    expect(await host.latchkey.flows.get(host.reauth.flowId)).toMatchObject({ reason: 'reauth_successful' })
    expect(await host.latchkey.entries.get(host.entryId)).toMatchObject({ state: 'loaded', title: 'Hallway' })
  })

  it('makes no login for an import of the refused values', async () => {
    const host = await broken({ store: store() })
    const logins = host.service.connects.length
    const end = await importing(host, 'good')
    expect(end).toMatchObject({ reason: 'already_configured', entryId: host.entryId })
    expect(host.service.connects).toHaveLength(logins)
    expect(await importing(host, 'never seen')).toMatchObject({ reason: 'invalid_auth' })
    expect(host.service.connects).toHaveLength(logins + 1)
  })
})

describe('linking an account again', () => {
  it('repairs an entry whose reauthentication the host has requested', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await host.latchkey.entries.requestReauth(entryId)
    const asked = await add(host, 'good')
    expect(asked).toMatchObject({ step: 'repair_confirm', entryId })
    expect(await host.latchkey.flows.submit(asked.flowId, {}, asked)).toMatchObject({ success: true })
    expect(host.service.open).toBe(1)
  })

  it('repairs an entry whose reauthentication the user has cancelled', async () => {
    const host = await broken()
    const { latchkey, entryId, reauth } = host
    await latchkey.flows.cancel(reauth.flowId)
    const asked = await add(host, 'next')
    expect(asked).toMatchObject({ step: 'repair_confirm', entryId })
    expect(await latchkey.flows.submit(asked.flowId, {}, asked)).toMatchObject({ success: true })
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded', reauth: null })
    expect(await latchkey.attention.list()).toEqual([])
    expect(await latchkey.flows.get(reauth.flowId)).toMatchObject({ reason: 'cancelled' })
  })

  it('never writes an entry that works, is disabled or is ignored, but names it', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.accounts.set('next', 'ann')
    const before = await host.store.getEntry('default', entryId)
    for (const end of [await add(host, 'next'), await importing(host, 'next')])
      expect(end).toMatchObject({ reason: 'already_configured', entryId, success: false })
    expect(await host.store.getEntry('default', entryId)).toEqual(before)
    await loseCredential(host, entryId)
    await host.latchkey.entries.disable(entryId)
    const disabled = await host.store.getEntry('default', entryId)
    for (const end of [await add(host, 'next'), await importing(host, 'next')])
      expect(end).toMatchObject({ reason: 'already_configured', entryId })
    expect(await host.store.getEntry('default', entryId)).toEqual(disabled)
    const found = { uniqueId: 'bob', values: { host: 'b' } }
    const { flowId } = await host.latchkey.flows.start({
      domain: 'scripted',
      source: 'discovery',
      discovery: found,
    })
    const ignored = await host.latchkey.flows.ignore(flowId)
    host.service.accounts.set('bobs', 'bob')
    expect(await importing(host, 'bobs')).toMatchObject({
      reason: 'already_configured',
      entryId: ignored.entryId,
    })
    expect(host.service.open).toBe(0)
  })

  it('never writes the entry of a discovery', async () => {
    const host = await broken()
    const discovery = { uniqueId: 'ann', values: { host: 'h' } }
    const end = await host.latchkey.flows.start({ domain: 'scripted', source: 'discovery', discovery })
    expect(end).toMatchObject({ reason: 'already_configured', entryId: host.entryId })
    expect(await host.latchkey.attention.list()).toMatchObject([{ reason: 'invalid_auth' }])
  })

  it('names the only entry of an integration, and repairs it if the account is the same', async () => {
    const service = new ScriptedService({ singleInstance: true })
    const host = await broken({ service })
    service.accounts.set('bobs', 'bob')
    expect(await add(host, 'bobs')).toMatchObject({
      reason: 'single_instance_allowed',
      entryId: host.entryId,
    })
    expect(await importing(host, 'next')).toMatchObject({ reason: 'reauth_successful' })
    expect(await host.latchkey.flows.start({ domain: 'scripted', source: 'user' })).toMatchObject({
      reason: 'single_instance_allowed',
      entryId: host.entryId,
    })
  })

  it('repairs an entry without an identity that has the same match values', async () => {
    const service = new ScriptedService({ abortIfEntriesMatch: ['host'] })
    const host = await makeHost({ service })
    const entryId = await addEntry(host, { account: null })
    expect(await add(host, 'good')).toMatchObject({ reason: 'already_configured', entryId })
    await loseCredential(host, entryId)
    service.accounts.set('next', null).set('anns', 'ann')
    expect(await add(host, 'anns')).toMatchObject({ reason: 'already_configured', entryId })
    const asked = await add(host, 'next')
    expect(asked).toMatchObject({ step: 'repair_confirm', entryId })
    expect(await host.latchkey.flows.submit(asked.flowId, {}, asked)).toMatchObject({ success: true })
  })

  it('keeps the options and sub-entries, and connects with them', async () => {
    const seen: unknown[] = []
    const accounts = new Set(['one'])
    const integration = defineIntegration({
      domain: 'scripted',
      title: 'Scripted',
      fields: z.object({ host: address(), token: secret() }),
      options: z.object({ every: z.number().default(1) }),
      connect: async ({ token }, { options, subentries }) => {
        if (!accounts.has(token.reveal())) throw new Error('unknown token')
        seen.push([options.every, subentries.length])
        return { client: {}, uniqueId: 'ann' }
      },
      subentries: { room: { title: 'Room', fields: z.object({}), name: () => ({ title: 'Attic' }) } },
    })
    const host = await makeHost({ integrations: [integration] })
    const { flows, entries } = host.latchkey
    const end = await add(host, 'one')
    const entryId = end.entryId ?? ''
    const options = await flows.start({ source: 'options', entryId })
    await flows.submit(options.flowId, { every: 7 }, options)
    const room = await flows.start({ source: 'subentry', entryId, type: 'room' })
    await flows.submit(room.flowId, {}, room)
    await entries.requestReauth(entryId)
    accounts.add('two')
    const asked = await add(host, 'two')
    expect(seen.at(-1)).toEqual([1, 0])
    await flows.submit(asked.flowId, {}, asked)
    await atRest()
    expect(seen.at(-1)).toEqual([7, 1])
    expect(await entries.get(entryId)).toMatchObject({
      options: { every: 7 },
      subentries: [{ title: 'Attic' }],
    })
  })

  it('remembers the method of the new sign-in', async () => {
    const fields = z.object({ token: secret() })
    const integration = defineIntegrationWithMethods({
      domain: 'scripted',
      title: 'Scripted',
      stored: fields,
      methods: { first: { title: 'First', fields }, second: { title: 'Second', fields } },
      connect: async () => ({ client: {}, uniqueId: 'ann' }),
    })
    const host = await makeHost({ integrations: [integration] })
    const { flows, entries } = host.latchkey
    const by = async (method: string) => {
      const menu = await flows.start({ domain: 'scripted', source: 'user' })
      const form = await flows.choose(menu.flowId, method, menu)
      return flows.submit(form.flowId, { token: 't' }, form)
    }
    const entryId = (await by('first')).entryId ?? ''
    await entries.requestReauth(entryId)
    const asked = await by('second')
    await flows.submit(asked.flowId, {}, asked)
    expect(await host.store.getEntry('default', entryId)).toMatchObject({ method: 'second' })
  })

  it('ends as already linked if the entry was repaired before the confirmation', async () => {
    const host = await broken()
    const { latchkey, service, entryId, reauth } = host
    const asked = await add(host, 'next')
    service.accounts.set('third', 'ann')
    await latchkey.flows.submit(reauth.flowId, { token: 'third' }, reauth)
    const end = await latchkey.flows.submit(asked.flowId, {}, asked)
    expect(end).toMatchObject({ reason: 'already_configured', entryId, success: false })
    expect(service.open).toBe(1)
  })

  it('only names an entry that it cannot read, migrate or compare', async () => {
    const host = await broken()
    const { store, entryId } = host
    const change = async (changes: object) => {
      const record = await store.getEntry('default', entryId)
      if (record === undefined) throw new Error('There is no entry.')
      // As another process has written it.
      const stored = JSON.parse(JSON.stringify(record)) as EntryRecord
      const next = { ...stored, ...changes, revision: record.revision + 1 }
      await store.apply('default', [{ put: 'entry', record: next, ifRevision: record.revision }])
    }
    const named = { reason: 'already_configured', entryId }
    await change({ version: 9 })
    expect(await add(host, 'next')).toMatchObject(named)
    await change({ version: 1, sealed: 'broken' })
    expect(await importing(host, 'good')).toMatchObject({ reason: 'invalid_auth' })
    await change({ title: 7 })
    expect(await add(host, 'next')).toMatchObject(named)
    expect(await importing(host, 'next')).toMatchObject(named)
  })

  it('creates an entry if the other one was removed at the same time', async () => {
    const store = new FailingStore(memoryStore())
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    store.before('getEntry', 1, () => host.latchkey.entries.remove(entryId))
    expect(await add(host, 'good')).toMatchObject({ type: 'create_entry' })
    expect((await host.latchkey.entries.list()).items).toHaveLength(1)
  })

  it('compares an import with all broken entries of its integration', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await loseCredential(host, entryId)
    const record = await host.store.getEntry('default', entryId)
    if (record === undefined) throw new Error('There is no entry.')
    for (let at = 0; at < 120; at++) {
      const other = {
        ...record,
        entryId: `0-${String(at).padStart(3, '0')}`,
        uniqueId: `id-${at}`,
        revision: 1,
      }
      const data = { host: `h${at}` }
      await host.store.apply('default', [{ put: 'entry', record: { ...other, data }, ifRevision: 0 }])
    }
    const logins = host.service.connects.length
    expect(await importing(host, 'good')).toMatchObject({ reason: 'already_configured', entryId })
    expect(host.service.connects).toHaveLength(logins)
  })

  it('compares an import only with entries of the same method', async () => {
    const fields = z.object({ token: secret() })
    const logins: string[] = []
    const integration = defineIntegrationWithMethods({
      domain: 'scripted',
      title: 'Scripted',
      stored: fields,
      methods: { first: { title: 'First', fields }, second: { title: 'Second', fields } },
      connect: async ({ token }) => {
        logins.push(token.reveal())
        if (logins.length > 1) throw new InvalidAuthError()
        return { client: {}, uniqueId: 'ann' }
      },
    })
    const importAfter = async (method: string) => {
      logins.length = 0
      const { flows, entries } = (await makeHost({ integrations: [integration] })).latchkey
      const menu = await flows.start({ domain: 'scripted', source: 'user' })
      const form = await flows.choose(menu.flowId, method, menu)
      const { entryId } = await flows.submit(form.flowId, { token: 't' }, form)
      await entries.reload(entryId ?? '')
      const end = await flows.start({ domain: 'scripted', source: 'import', input: { token: 't' } })
      return [asAbort(end).reason, logins.length]
    }
    expect(await importAfter('first')).toEqual(['already_configured', 2])
    expect(await importAfter('second')).toEqual(['invalid_auth', 3])
  })

  it('compares an import with stored values that a new rule of the integration refuses', async () => {
    const host = await broken()
    const { integration } = host.service
    const strict = { ...integration, fields: z.object({ host: z.string().min(5), token: secret() }) }
    const { latchkey } = await host.again({ integrations: [strict as never] })
    const logins = host.service.connects.length
    expect(await importing({ latchkey }, 'good', 'longer')).toMatchObject({ reason: 'invalid_auth' })
    expect(host.service.connects).toHaveLength(logins + 1)
  })

  it('leaves an open reconfiguration of the entry to its user', async () => {
    const host = await broken()
    const { latchkey, entryId } = host
    const change = asForm(await latchkey.flows.start({ source: 'reconfigure', entryId }))
    const asked = await add(host, 'next')
    expect(await latchkey.flows.submit(asked.flowId, {}, asked)).toMatchObject({ success: true })
    expect(await latchkey.flows.get(change.flowId)).toMatchObject({ type: 'form', step: 'reconfigure' })
  })

  it('shows the form again after the verified connection has expired or the process has restarted', async () => {
    const host = await broken()
    await host.latchkey.start()
    const first = await add(host, 'next')
    await host.pass(600_000)
    expect(host.service.open).toBe(0)
    const again = asForm(await host.latchkey.flows.get(first.flowId))
    expect(again).toMatchObject({ step: 'user', entryId: null, errors: { base: { code: 'expired' } } })
    const second = await host.latchkey.flows.submit(again.flowId, { host: 'h', token: 'next' }, again)
    expect(second).toMatchObject({ step: 'repair_confirm' })
    await host.latchkey.stop()
    const restarted = await host.again()
    const end = await restarted.latchkey.flows.submit(second.flowId, {}, second)
    expect(end).toMatchObject({ step: 'user', entryId: null, errors: { base: { code: 'expired' } } })
  })

  it('closes the verified connection if the user cancels', async () => {
    const host = await broken()
    const asked = await add(host, 'next')
    expect(host.service.open).toBe(1)
    await host.latchkey.flows.cancel(asked.flowId)
    expect(host.service.open).toBe(0)
    expect(await host.latchkey.attention.list()).toMatchObject([{ reason: 'invalid_auth' }])
  })

  it('rejects input in the confirmation', async () => {
    const host = await broken()
    const asked = await add(host, 'next')
    const sent = host.latchkey.flows.submit(asked.flowId, { token: 'x' }, asked)
    await expect(sent).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('opens no follow-up flow after a repair', async () => {
    const service = new ScriptedService({ next: () => ({ source: 'user', domain: 'scripted' }) })
    const host = await broken({ service })
    const asked = await add(host, 'next')
    const end = await host.latchkey.flows.submit(asked.flowId, {}, asked)
    expect(end).toMatchObject({ reason: 'reauth_successful' })
    expect(end).not.toHaveProperty('nextFlow')
  })
})
