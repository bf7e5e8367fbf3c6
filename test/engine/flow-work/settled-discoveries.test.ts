import { afterAll, describe, expect, it } from '@jest/globals'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import type { FlowRecord, Store } from '../../../src/ports/store.ts'
import { FailingStore, fullDisk } from '../../../src/testing/failing-store.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import type { View } from '../../../src/view.ts'
import { addEntry, asForm, atRest, type Host, makeHost, openForm } from '../host.ts'
import { someStores } from '../stores.ts'

const stores = someStores()
afterAll(stores.clear)

const discover = (host: Pick<Host, 'latchkey'>, uniqueId: string, at = 'h', key?: string): Promise<View> =>
  host.latchkey.flows.start({
    domain: 'scripted',
    source: 'discovery',
    discovery: { uniqueId, values: { host: at }, ...(key !== undefined && { key }) },
  })

type Spec = ConstructorParameters<typeof ScriptedService>[0]
const open = async (store: Store, spec: Spec = {}): Promise<Host> =>
  makeHost({ store, service: new ScriptedService(spec) })

const configured = (entryId: string) => ({ type: 'abort', reason: 'already_configured', entryId })

describe.each(stores.each)('an open discovery, over %s', (_, store) => {
  it('ends when the one entry of its integration is linked', async () => {
    const host = await open(store(), { singleInstance: true })
    const found = asForm(await discover(host, 'bob'))
    const entryId = await addEntry(host)
    expect(await host.latchkey.flows.get(found.flowId)).toMatchObject(configured(entryId))
  })

  it('ends when its account replaces that of an entry', async () => {
    const host = await open(store())
    const entryId = await addEntry(host)
    const found = asForm(await discover(host, 'bob'))
    host.service.accounts.set('bobs', 'bob')
    const form = asForm(await host.latchkey.flows.start({ source: 'replace', entryId }))
    const menu = await host.latchkey.flows.submit(form.flowId, { host: 'h', token: 'bobs' }, form)
    expect(await host.latchkey.flows.choose(menu.flowId, 'replace', menu)).toMatchObject({ success: true })
    expect(await host.latchkey.flows.get(found.flowId)).toMatchObject(configured(entryId))
  })

  it('ends when an entry adopts its identity', async () => {
    const host = await open(store(), { adoptUniqueId: true })
    const entryId = await addEntry(host, { account: null })
    const found = asForm(await discover(host, 'ann'))
    host.service.accounts.set('good', 'ann')
    expect(await host.latchkey.entries.reload(entryId)).toMatchObject({ state: 'loaded', uniqueId: 'ann' })
    expect(await host.latchkey.flows.get(found.flowId)).toMatchObject(configured(entryId))
  })

  it('ends when its match values are linked or an entry moves to them', async () => {
    const host = await open(store(), { abortIfEntriesMatch: ['host'] })
    const found = asForm(await discover(host, 'bob', 'h'))
    const other = asForm(await discover(host, 'eve', 'elsewhere'))
    const entryId = await addEntry(host, { account: null })
    expect(await host.latchkey.flows.get(found.flowId)).toMatchObject(configured(entryId))
    expect(await host.latchkey.flows.get(other.flowId)).toMatchObject({ type: 'form' })
    const change = asForm(await host.latchkey.flows.start({ source: 'reconfigure', entryId }))
    await host.latchkey.flows.submit(change.flowId, { host: 'elsewhere', token: 'good' }, change)
    expect(await host.latchkey.flows.get(other.flowId)).toMatchObject(configured(entryId))
  })

  it('that another process opens before the account is saved ends in the same write', async () => {
    const failing = new FailingStore(store())
    const host = await open(failing)
    const form = await openForm(host.latchkey)
    host.service.accounts.set('good', 'ann')
    let found: View | undefined
    failing.before('apply', 1, async () => {
      found = await discover(host, 'ann')
    })
    const end = await host.latchkey.flows.submit(form.flowId, { host: 'h', token: 'good' }, form)
    expect(end).toMatchObject({ type: 'create_entry' })
    expect(found).toMatchObject({ type: 'form' })
    expect(await host.latchkey.flows.get(found?.flowId ?? '')).toMatchObject(configured(end.entryId ?? ''))
  })

  it('that another process opens before a replacement or an adoption is saved ends in the same write', async () => {
    const failing = new FailingStore(store())
    const host = await open(failing, { adoptUniqueId: true })
    const entryId = await addEntry(host, { account: null })
    host.service.accounts.set('good', 'ann').set('bobs', 'bob')
    const found: View[] = []
    failing.before('apply', 1, async () => void found.push(await discover(host, 'ann')))
    expect(await host.latchkey.entries.reload(entryId)).toMatchObject({ state: 'loaded', uniqueId: 'ann' })
    const form = asForm(await host.latchkey.flows.start({ source: 'replace', entryId }))
    const menu = await host.latchkey.flows.submit(form.flowId, { host: 'h', token: 'bobs' }, form)
    failing.before('apply', 1, async () => void found.push(await discover(host, 'bob')))
    expect(await host.latchkey.flows.choose(menu.flowId, 'replace', menu)).toMatchObject({ success: true })
    expect(found).toHaveLength(2)
    for (const { flowId } of found)
      expect(await host.latchkey.flows.get(flowId)).toMatchObject(configured(entryId))
  })

  it('that another process opens while its match values are linked ends after the write', async () => {
    for (const spec of [{ singleInstance: true }, { abortIfEntriesMatch: ['host'] }] as const) {
      const failing = new FailingStore(store())
      const host = await open(failing, spec)
      const form = await openForm(host.latchkey)
      host.service.accounts.set('good', null)
      let found: View | undefined
      failing.before('apply', 1, async () => {
        found = await discover(host, 'bob')
      })
      const end = await host.latchkey.flows.submit(form.flowId, { host: 'h', token: 'good' }, form)
      expect(found).toMatchObject({ type: 'form' })
      expect(await host.latchkey.flows.get(found?.flowId ?? '')).toMatchObject(configured(end.entryId ?? ''))
    }
  })

  it('that was not yet stored when its match values were linked ends at once', async () => {
    for (const spec of [{ singleInstance: true }, { abortIfEntriesMatch: ['host'] }] as const) {
      const failing = new FailingStore(store())
      const host = await open(failing, spec)
      failing.before('apply', 1, async () => void (await addEntry(host, { account: null })))
      const end = await discover(host, 'bob')
      const [entry] = (await host.latchkey.entries.list()).items
      expect(end).toMatchObject(configured(entry?.entryId ?? ''))
    }
  })
})

describe('many open discoveries', () => {
  it('are all compared with a linked entry, except those that cannot be read', async () => {
    const host = await open(memoryStore(), { abortIfEntriesMatch: ['host'] })
    for (let at = 0; at < 110; at++) await discover(host, `id-${at}`, `elsewhere-${at}`)
    const found = asForm(await discover(host, 'bob', 'h'))
    const damaged = await host.store.getFlow('default', found.flowId)
    if (damaged === undefined) throw new Error('There is no flow.')
    // As another process has written it.
    const { slot: _, ...rest } = JSON.parse(JSON.stringify(damaged)) as FlowRecord
    const record = { ...rest, flowId: 'damaged', machine: 'config-flow@9', revision: 1 }
    await host.store.apply('default', [{ put: 'flow', record, ifRevision: 0 }])
    const entryId = await addEntry(host, { account: null })
    expect(await host.latchkey.flows.get(found.flowId)).toMatchObject(configured(entryId))
    expect(await host.store.getFlow('default', 'damaged')).toMatchObject({ open: true })
    expect(await host.store.countOpenFlows('default', 200)).toBe(111)
  })
})

describe('the account of an ignored entry', () => {
  it('is taken over by a replacement, with its discovery keys', async () => {
    const host = await open(memoryStore())
    const entryId = await addEntry(host)
    const found = await discover(host, 'bob', 'h', 'mdns:bob')
    const ignored = await host.latchkey.flows.ignore(found.flowId)
    host.service.accounts.set('bobs', 'bob')
    const removed: string[] = []
    host.latchkey.on('entry_removed', (event) => void removed.push(event.entryId))
    const form = asForm(await host.latchkey.flows.start({ source: 'replace', entryId }))
    const menu = await host.latchkey.flows.submit(form.flowId, { host: 'h', token: 'bobs' }, form)
    const end = await host.latchkey.flows.choose(menu.flowId, 'replace', menu)
    expect(end).toMatchObject({ reason: 'replace_successful' })
    expect(removed).toEqual([ignored.entryId])
    expect((await host.latchkey.entries.list({ ignored: true })).items).toEqual([])
    expect(await host.store.getEntry('default', entryId)).toMatchObject({
      uniqueId: 'bob',
      discoveryKeys: ['mdns:bob'],
    })
  })

  it('is taken over by a reauthentication that adopts it', async () => {
    const host = await open(memoryStore(), { adoptUniqueId: true })
    const entryId = await addEntry(host, { account: null })
    await host.latchkey.flows.ignore((await discover(host, 'ann')).flowId)
    host.service.accounts.set('next', 'ann')
    const form = asForm(await host.latchkey.flows.start({ source: 'reauth', entryId }))
    expect(await host.latchkey.flows.submit(form.flowId, { token: 'next' }, form)).toMatchObject({
      reason: 'reauth_successful',
    })
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ uniqueId: 'ann' })
  })
})

describe('ending discoveries after a link', () => {
  it('does not undo the link if the store fails, and logs the failure', async () => {
    const failing = new FailingStore(memoryStore())
    const host = await open(failing, { singleInstance: true })
    const form = await openForm(host.latchkey)
    host.service.accounts.set('good', 'ann')
    failing.before('apply', 1, async () => void (await discover(host, 'bob')))
    failing.before('apply', 3, fullDisk)
    const end = await host.latchkey.flows.submit(form.flowId, { host: 'h', token: 'good' }, form)
    expect(end).toMatchObject({ type: 'create_entry' })
    expect(host.log.messages).toContain('The discoveries of a linked account could not be ended.')
  })

  it('leaves a discovery to a user who goes on with it', async () => {
    const failing = new FailingStore(memoryStore())
    const host = await open(failing, { singleInstance: true })
    const form = await openForm(host.latchkey)
    host.service.accounts.set('good', 'ann')
    let found: View | undefined
    failing.before('apply', 1, async () => {
      found = await discover(host, 'bob')
    })
    failing.before('apply', 3, async () => {
      await host.latchkey.flows.submit(found?.flowId ?? '', { host: 'h', token: '' }, { revision: 1 })
    })
    await host.latchkey.flows.submit(form.flowId, { host: 'h', token: 'good' }, form)
    await atRest()
    expect(await host.latchkey.flows.get(found?.flowId ?? '')).toMatchObject({ type: 'form', revision: 2 })
  })
})
