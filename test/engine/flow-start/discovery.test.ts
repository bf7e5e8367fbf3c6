import { afterAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { SlotTakenError, StoreError } from '../../../src/errors.ts'
import {
  address,
  defineIntegration,
  defineIntegrationWithMethods,
  type LatchkeyEvents,
  type ScopedLatchkey,
  secret,
  type View,
} from '../../../src/index.ts'
import { addEntry, asForm, atRest, type Host, makeHost, openForm } from '../host.ts'
import { someStores } from '../stores.ts'
import { TamperedStore } from '../tampered-store.ts'

const stores = someStores()
afterAll(stores.clear)

const device = { uniqueId: 'ann', values: { host: 'h' }, title: 'Hub in the hall', key: 'mdns:1' }
const discover = ({ flows }: ScopedLatchkey, changes: object = {}) =>
  flows.start({ domain: 'scripted', source: 'discovery', discovery: { ...device, ...changes } })
const rowOf = (host: Host, entryId: string) => host.store.getEntry('default', entryId)
const known = (entryId: string) => ({ type: 'abort', reason: 'already_configured', entryId, success: false })

describe.each(stores.each)('a discovery over %s', (_, make) => {
  const host = () => makeHost({ store: make() })

  it('shows the discovered device, and links it after a user has confirmed it', async () => {
    const one = await host()
    const { latchkey, service } = one
    service.accounts.set('good', 'ann')
    const form = asForm(await discover(latchkey))
    expect(form).toMatchObject({
      step: 'discovery_confirm',
      source: 'discovery',
      values: { host: 'h' },
      mayIgnore: true,
      placeholders: { name: 'Hub in the hall' },
      order: ['host', 'token'],
      entryId: null,
      expiresAt: 1_000_000 + 24 * 3_600_000,
    })
    expect(service.connects).toEqual([])
    // After a restart it shows the same view.
    const { latchkey: again } = await one.again()
    expect(await again.flows.get(form.flowId)).toEqual(form)
    const { revision } = form
    const end = await again.flows.submit(form.flowId, { host: 'h', token: 'good' }, { revision })
    expect(end).toMatchObject({ type: 'create_entry' })
    expect(await rowOf(one, end.entryId ?? '')).toMatchObject({ uniqueId: 'ann', discoveryKeys: ['mdns:1'] })
    expect(await discover(again)).toMatchObject(known(end.entryId ?? ''))
    await one.store.close()
  })

  it('holds its identity while it is open', async () => {
    const one = await host()
    const { flowId } = await discover(one.latchkey)
    expect(await discover(one.latchkey)).toMatchObject({ type: 'abort', reason: 'already_in_progress' })
    expect(await discover(one.latchkey, { uniqueId: 'bob' })).toMatchObject({ type: 'form' })
    expect(await discover(one.latchkey.scope('acme'))).toMatchObject({ type: 'form' })
    await one.latchkey.flows.cancel(flowId)
    expect(await discover(one.latchkey)).toMatchObject({ type: 'form' })
    await one.store.close()
  })

  it('is opened once, by whichever of two processes is quicker', async () => {
    const one = await host()
    const two = await one.again()
    const views = await Promise.all([one, two, one, two].map(({ latchkey }) => discover(latchkey)))
    expect(views.filter(({ type }) => type === 'form')).toHaveLength(1)
    const others = views.filter(({ type }) => type !== 'form')
    for (const other of others) expect(other).toMatchObject({ reason: 'already_in_progress' })
    await one.store.close()
  })

  it('ends in the same write as a user flow that links the same account', async () => {
    const one = await host()
    const found = await discover(one.latchkey)
    const entryId = await addEntry(one)
    expect(await one.latchkey.flows.get(found.flowId)).toMatchObject({
      type: 'abort',
      reason: 'already_configured',
    })
    expect(await rowOf(one, entryId)).toMatchObject({ discoveryKeys: ['mdns:1'] })
    await one.store.close()
  })

  it('does not block a reauthentication, and is not blocked by one', async () => {
    const one = await host()
    const entryId = await addEntry(one)
    await one.latchkey.flows.start({ source: 'reauth', entryId })
    expect(await discover(one.latchkey)).toMatchObject(known(entryId))
    expect(await openForm(one.latchkey)).toMatchObject({ step: 'user' })
    await one.store.close()
  })

  it('is ignored: it is not offered again until that is taken back', async () => {
    const one = await host()
    const { latchkey } = one
    const events: LatchkeyEvents['rediscover'][] = []
    latchkey.on('rediscover', (event) => events.push(event))
    const { flowId } = await discover(latchkey)
    const end = await latchkey.flows.ignore(flowId, { principal: 'ann' })
    expect(end).toMatchObject({ type: 'abort', reason: 'ignored', success: true })
    const entryId = end.entryId ?? ''
    expect(await discover(latchkey, { key: 'usb:2' })).toMatchObject(known(entryId))
    expect((await latchkey.entries.list()).items).toEqual([])
    expect((await latchkey.entries.list({ ignored: true })).items).toMatchObject([
      { entryId, ignored: true, title: 'Hub in the hall', state: 'disabled' },
    ])
    // No process sets it up.
    const next = await one.again()
    await next.latchkey.start()
    expect(await next.latchkey.entries.setup(entryId)).toMatchObject({ state: 'disabled' })
    await expect(next.latchkey.entries.enable(entryId)).rejects.toMatchObject({ state: 'ignored' })
    expect(one.service.connects).toEqual([])
    await latchkey.entries.remove(entryId)
    expect(events).toEqual([{ scope: 'default', domain: 'scripted', discoveryKeys: ['mdns:1', 'usb:2'] }])
    expect(await discover(latchkey)).toMatchObject({ type: 'form' })
    const history = (await latchkey.history(entryId)).items.map(({ kind, who }) => [kind, who])
    expect(history).toEqual([
      ['entry_ignored', 'ann'],
      ['entry_removed', 'host'],
    ])
    await next.latchkey.stop()
  })

  it('yields to a user flow for an ignored account', async () => {
    const one = await host()
    const { latchkey } = one
    const ignored = (await latchkey.flows.ignore((await discover(latchkey)).flowId)).entryId ?? ''
    const heard: string[] = []
    latchkey.on('entry_removed', ({ entryId }) => heard.push(entryId))
    const entryId = await addEntry(one)
    expect(heard).toEqual([ignored])
    expect(await rowOf(one, ignored)).toBeUndefined()
    expect(await rowOf(one, entryId)).toMatchObject({ disabled: false, discoveryKeys: ['mdns:1'] })
    expect((await latchkey.entries.get(entryId)).state).toBe('loaded')
    await one.store.close()
  })
})

describe('a discovery of a linked account', () => {
  it('tries at once an entry that waits for its device, and not in a storm', async () => {
    const host = await makeHost()
    const { latchkey, service } = host
    const entryId = await addEntry(host)
    service.script('cannot_connect', 'cannot_connect')
    await latchkey.entries.reload(entryId)
    const state = async () => (await latchkey.entries.get(entryId)).state
    expect(await state()).toBe('setup_retry')
    await discover(latchkey)
    await atRest()
    expect(await state()).toBe('setup_retry')
    const tried = service.connects.length
    await discover(latchkey)
    await atRest()
    expect(service.connects).toHaveLength(tried)
    await host.pass(5_000)
    await discover(latchkey)
    await atRest()
    expect(await state()).toBe('loaded')
    await discover(latchkey)
    expect(service.connects).toHaveLength(tried + 1)
  })

  it('leaves alone a service that asked for it', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.script({ rateLimited: 600 })
    await host.latchkey.entries.reload(entryId)
    const tried = host.service.connects.length
    await host.pass(60_000)
    await discover(host.latchkey)
    await atRest()
    expect(host.service.connects).toHaveLength(tried)
  })

  it('leaves alone an entry of an engine that has ended', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.script('cannot_connect')
    await host.latchkey.entries.reload(entryId)
    const store = new TamperedStore(host.store)
    const other = await host.again({ store })
    await other.latchkey.start()
    await other.latchkey.stop()
    await expect(discover(other.latchkey)).rejects.toMatchObject({ code: 'STOPPED' })
  })

  it('remembers the ten newest keys, and each once', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    for (let number = 1; number <= 12; number++) await discover(host.latchkey, { key: `key ${number}` })
    await discover(host.latchkey, { key: 'key 12' })
    const { discoveryKeys, revision } = (await rowOf(host, entryId)) ?? {}
    expect(discoveryKeys).toEqual(Array.from({ length: 10 }, (_, index) => `key ${index + 3}`))
    expect(revision).toBe(13)
    await host.latchkey.flows.start({
      domain: 'scripted',
      source: 'discovery',
      discovery: { uniqueId: 'ann', values: {} },
    })
    expect((await rowOf(host, entryId))?.revision).toBe(13)
  })

  it('aborts even if its key cannot be stored or the entry was removed', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    store.onApply = async () => {
      throw new StoreError('The disk is full.')
    }
    expect(await discover(host.latchkey)).toMatchObject(known(entryId))
    store.onApply = (apply) => apply()
    store.onEntry = async () => undefined
    expect(await discover(host.latchkey)).toMatchObject(known(entryId))
  })

  it('stores its key although another process wrote the row first', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    let once = true
    store.onApply = async (apply) => {
      if (once) {
        once = false
        await host.latchkey.entries.update(entryId, { title: 'Renamed' })
      }
      return apply()
    }
    await discover(host.latchkey)
    expect(await rowOf(host, entryId)).toMatchObject({ title: 'Renamed', discoveryKeys: ['mdns:1'] })
  })

  it('ends a flow that was still open for the entry', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const found = await discover(host.latchkey)
    const row = await store.getFlow('default', found.flowId)
    await host.latchkey.flows.cancel(found.flowId)
    const entryId = await addEntry(host)
    // A process that was quicker to write than this one was to look.
    await store.inner.apply('default', [
      { put: 'flow', record: { ...(row as NonNullable<typeof row>), flowId: 'left' }, ifRevision: 0 },
    ])
    expect(await discover(host.latchkey)).toMatchObject(known(entryId))
    expect(await host.latchkey.flows.get('left')).toMatchObject({ reason: 'already_configured' })
  })
})

describe('a discovery at another address', () => {
  const moved = { values: { host: 'elsewhere' } }

  it('is a proposal: nothing is sent there until a user confirms it and enters the secret again', async () => {
    const host = await makeHost()
    const { latchkey, service } = host
    const entryId = await addEntry(host)
    const before = await rowOf(host, entryId)
    expect(await discover(latchkey, moved)).toMatchObject(known(entryId))
    expect(service.connects).toHaveLength(1)
    expect(await rowOf(host, entryId)).toMatchObject({
      data: before?.data,
      sealed: before?.sealed,
      credentialRevision: 1,
      proposal: { since: 1_000_000, values: { host: 'elsewhere' }, dismissed: false },
    })
    expect(await latchkey.attention.list()).toMatchObject([
      {
        entryId,
        reason: 'address_changed',
        since: 1_000_000,
        flowId: null,
        proposal: { before: { host: 'h' }, values: { host: 'elsewhere' } },
      },
    ])
    expect(await latchkey.attention.get(entryId)).toMatchObject({ reason: 'address_changed' })
    const form = asForm(await latchkey.flows.start({ source: 'reconfigure', entryId }))
    expect(form).toMatchObject({ values: { host: 'elsewhere' }, order: ['host', 'token'] })
    const { flowId, revision } = form
    const incomplete = await latchkey.flows.submit(flowId, { host: 'elsewhere' }, { revision })
    expect(incomplete).toMatchObject({ errors: { '/token': { code: 'required' } } })
    const end = await latchkey.flows.submit(
      ...([flowId, { host: 'elsewhere', token: 'good' }, { revision: incomplete.revision }] as const),
    )
    expect(end).toMatchObject({ reason: 'reconfigure_successful' })
    expect(await rowOf(host, entryId)).toMatchObject({ data: { host: 'elsewhere' }, proposal: null })
    expect(await latchkey.attention.list()).toEqual([])
  })

  it('survives a reauthentication: only a reconfiguration or a user settles it', async () => {
    const host = await makeHost()
    const { latchkey } = host
    const entryId = await addEntry(host)
    await discover(latchkey, moved)
    const { flowId, revision } = asForm(await latchkey.flows.start({ source: 'reauth', entryId }))
    expect(await latchkey.attention.list()).toMatchObject([{ reason: 'address_changed', flowId }])
    await latchkey.flows.submit(flowId, { token: 'good' }, { revision })
    expect(await latchkey.attention.list()).toMatchObject([{ reason: 'address_changed', flowId: null }])
    const view = await latchkey.entries.dismissProposal(entryId, { principal: 'ann' })
    expect(view).toMatchObject({ entryId })
    expect(await latchkey.attention.list()).toEqual([])
    expect(await latchkey.attention.get(entryId)).toBeNull()
    // The same one is not proposed again, also after another one.
    await discover(latchkey, moved)
    expect(await latchkey.attention.list()).toEqual([])
    await latchkey.entries.dismissProposal(entryId)
    await host.pass(1_000)
    await discover(latchkey, { values: { host: 'third' } })
    await host.pass(1_000)
    await discover(latchkey, { values: { host: 'fourth' } })
    await discover(latchkey, moved)
    const items = await latchkey.attention.list()
    expect(items).toMatchObject([{ since: 1_001_000, proposal: { values: { host: 'fourth' } } }])
    const kinds = (await latchkey.history(entryId)).items.map(({ kind }) => kind)
    expect(kinds.filter((kind) => /address|proposal/.test(kind))).toEqual([
      'address_proposed',
      'proposal_dismissed',
      'address_proposed',
    ])
  })

  it('is not proposed again after a reconfiguration, unless the user has used it', async () => {
    const host = await makeHost()
    const { latchkey } = host
    const entryId = await addEntry(host)
    const moveTo = async (address: string) => {
      const { flowId, revision } = await latchkey.flows.start({ source: 'reconfigure', entryId })
      await latchkey.flows.submit(flowId, { host: address, token: 'good' }, { revision })
    }
    await discover(latchkey, moved)
    await latchkey.entries.dismissProposal(entryId)
    await moveTo('h')
    await discover(latchkey, moved)
    expect(await latchkey.attention.list()).toEqual([])
    await moveTo('elsewhere')
    await discover(latchkey, { values: { host: 'h' } })
    expect(await latchkey.attention.list()).toMatchObject([{ proposal: { values: { host: 'h' } } }])
    await moveTo('h')
    await discover(latchkey, moved)
    expect(await latchkey.attention.list()).toMatchObject([{ proposal: moved }])
  })

  it('is withdrawn when the device is back at its own address', async () => {
    const host = await makeHost()
    const { latchkey } = host
    const entryId = await addEntry(host)
    await discover(latchkey, moved)
    // This announcement does not say where the device is.
    await discover(latchkey, { values: {} })
    expect(await latchkey.attention.list()).toHaveLength(1)
    await host.pass(1_000)
    const events: LatchkeyEvents['attention_changed'][] = []
    latchkey.on('attention_changed', (event) => events.push(event))
    expect(await discover(latchkey)).toMatchObject(known(entryId))
    expect(await latchkey.attention.list()).toEqual([])
    expect(events).toEqual([{ scope: 'default', entryId }])
    // It moves again: that is a new question.
    await discover(latchkey, moved)
    expect(await latchkey.attention.list()).toMatchObject([{ reason: 'address_changed', since: 1_001_000 }])
    const kinds = (await latchkey.history(entryId)).items.map(({ kind }) => kind)
    expect(kinds).toEqual(['entry_created', 'address_proposed', 'proposal_withdrawn', 'address_proposed'])
  })

  it('keeps a dismissal when the device is back, and when another process was quicker', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const { latchkey } = host
    const entryId = await addEntry(host)
    await discover(latchkey, moved)
    let once = true
    store.onApply = async (apply) => {
      if (once) {
        once = false
        await latchkey.entries.dismissProposal(entryId)
      }
      return apply()
    }
    await discover(latchkey)
    await discover(latchkey, moved)
    expect(await latchkey.attention.list()).toEqual([])
    expect(await rowOf(host, entryId)).toMatchObject({ proposal: { dismissed: true } })
  })

  it('is listed in addition to a worse reason', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await discover(host.latchkey, moved)
    host.service.script('setup_error')
    await host.latchkey.entries.reload(entryId)
    expect(await host.latchkey.attention.list()).toMatchObject([
      { reason: 'setup_error', proposal: { values: { host: 'elsewhere' } } },
    ])
    await host.latchkey.entries.requestReauth(entryId)
    expect(await host.latchkey.attention.list()).toMatchObject([{ reason: 'requested', proposal: {} }])
  })

  it('includes fields that the entry did not have', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const row = await rowOf(host, entryId)
    if (row === undefined) throw new Error('gone')
    const record = { ...row, data: {}, revision: 2 }
    await host.store.apply('default', [{ put: 'entry', record, ifRevision: 1 }])
    await discover(host.latchkey, moved)
    expect(await host.latchkey.attention.list()).toMatchObject([{ proposal: { before: {} } }])
  })

  it('means nothing to an entry that is switched off', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await host.latchkey.entries.disable(entryId)
    expect(await discover(host.latchkey, moved)).toMatchObject(known(entryId))
    expect(await host.latchkey.attention.list()).toEqual([])
  })

  it('can be dismissed twice', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    await discover(host.latchkey, moved)
    let once = true
    store.onApply = async (apply) => {
      if (once) {
        once = false
        const row = await store.inner.getEntry('default', entryId)
        if (row === undefined) throw new Error('gone')
        const record = { ...row, proposal: null, revision: row.revision + 1 }
        await store.inner.apply('default', [{ put: 'entry', record, ifRevision: row.revision }])
      }
      return apply()
    }
    await host.latchkey.entries.dismissProposal(entryId)
    expect((await rowOf(host, entryId))?.proposal).toBeNull()
  })

  it('aborts as unknown if it cannot be stored', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    await addEntry(host)
    store.onApply = async () => {
      throw new StoreError('The disk is full.')
    }
    expect(await discover(host.latchkey, moved)).toMatchObject({ reason: 'unknown' })
  })
})

describe('what a discovery says', () => {
  it.each([
    [undefined, '/discovery/uniqueId'],
    [{ uniqueId: '', values: {} }, '/discovery/uniqueId'],
    [{ ...device, key: '' }, '/discovery/key'],
    [{ ...device, values: { token: 'hunter2' } }, '/discovery/values/token'],
    [{ ...device, values: { host: '' } }, '/discovery/values/host'],
  ])('is checked, and no value of it is repeated: %j', async (discovery, pointer) => {
    const { latchkey } = await makeHost()
    const request = { domain: 'scripted', source: 'discovery', discovery }
    const thrown = await latchkey.flows.start(request as never).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ code: 'INVALID_INPUT', pointers: [pointer] })
    expect(String(thrown)).not.toContain('hunter2')
    expect((await latchkey.flows.list()).items).toEqual([])
  })

  it('refuses fields that there are not', async () => {
    const { latchkey } = await makeHost()
    await expect(discover(latchkey, { values: { port: 1 } })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it.each([
    ['a joined emoji', 'Ada’s \u{1f469}\u200d\u{1f4bb} hub', 'Ada’s \u{1f469}\u200d\u{1f4bb} hub'],
    ['a NUL at its end', 'EPSON\u0000', 'EPSON'],
    ['230 characters', 'x'.repeat(230), 'x'.repeat(200)],
    ['an override of direction', '\u202eevil', 'evil'],
    ['no characters', '', 'Scripted'],
    ['blanks', ' \u200b ', 'Scripted'],
    ['no text', 7, 'Scripted'],
    ['null', null, 'Scripted'],
  ])('can have a name with %s: it is cleaned, and never refused', async (_, title, name) => {
    const { latchkey } = await makeHost()
    const { flowId, placeholders } = asForm(await discover(latchkey, { title }))
    expect(placeholders).toMatchObject({ name })
    await latchkey.flows.ignore(flowId)
    expect((await latchkey.entries.list({ ignored: true })).items).toMatchObject([{ title: name }])
  })

  it('needs no title', async () => {
    const { latchkey } = await makeHost()
    const form = asForm(await discover(latchkey, { title: undefined, key: undefined }))
    expect(form.placeholders).toMatchObject({ name: 'Scripted' })
    expect((await latchkey.flows.ignore(form.flowId)).entryId).toBeDefined()
    expect((await latchkey.entries.list({ ignored: true })).items).toMatchObject([{ title: 'Scripted' }])
  })

  it('takes at most half of the open flows, and leaves the rest to users', async () => {
    const host = await makeHost({ limits: { openFlows: 5 } })
    const entryId = await addEntry(host)
    for (const uniqueId of ['a', 'b'])
      expect(await discover(host.latchkey, { uniqueId })).toMatchObject({ type: 'form' })
    await expect(discover(host.latchkey, { uniqueId: 'c' })).rejects.toMatchObject({
      code: 'TOO_MANY_FLOWS',
      limit: 2,
    })
    expect(await openForm(host.latchkey)).toMatchObject({ type: 'form' })
    expect(await discover(host.latchkey)).toMatchObject(known(entryId))
  })

  it('opens one flow under one key, and refuses another identity under it', async () => {
    const { latchkey } = await makeHost()
    const by = { idempotencyKey: 'k' }
    const request = { domain: 'scripted', source: 'discovery', discovery: device } as const
    const first = await latchkey.flows.start(request, by)
    expect(await latchkey.flows.start(request, by)).toEqual(first)
    const other = { ...request, discovery: { ...device, uniqueId: 'bob' } }
    await expect(latchkey.flows.start(other, by)).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
  })
})

describe('a discovery of an integration with several methods', () => {
  /** The cloud method has no host field. The local method has only that one. */
  const stored = z.object({ host: z.string().min(1), token: secret() })
  const hub = defineIntegrationWithMethods({
    domain: 'scripted',
    title: 'Hub',
    stored,
    methods: {
      cloud: {
        title: 'In the cloud',
        fields: z.object({ token: secret(), pin: secret().optional() }),
        exchange: async ({ token }) => ({ host: 'cloud', token: token.reveal() }),
      },
      local: { title: 'At home', fields: stored },
    },
    connect: async ({ host }) => ({ client: host, uniqueId: 'ann' }),
  })
  const linked = async (way: string, input: object) => {
    const { latchkey } = await makeHost({ integrations: [hub] })
    const menu = await discover(latchkey)
    const form = asForm(await latchkey.flows.choose(menu.flowId, way, menu))
    const end = await latchkey.flows.submit(form.flowId, input, form)
    return { latchkey, entryId: end.entryId ?? '' }
  }

  it('takes the fields of any method, prefills them, and shows them after back', async () => {
    const { latchkey } = await makeHost({ integrations: [hub] })
    const menu = await discover(latchkey)
    expect(menu).toMatchObject({ type: 'menu', step: 'pick_method', mayIgnore: true })
    const cloud = asForm(await latchkey.flows.choose(menu.flowId, 'cloud', menu))
    expect(cloud).toMatchObject({ step: 'discovery_confirm', values: {}, order: ['token', 'pin'] })
    const again = await latchkey.flows.back(menu.flowId, cloud)
    expect(await latchkey.flows.choose(menu.flowId, 'local', again)).toMatchObject({ values: { host: 'h' } })
  })

  it.each([
    [{ pin: 'hunter2' }, ['/discovery/values/pin']],
    [{ host: '' }, ['/discovery/values/host']],
    [{ port: 1 }, ['/discovery/values/port']],
  ])('refuses a value that is a secret of one method, or fits none: %j', async (values, pointers) => {
    const { latchkey } = await makeHost({ integrations: [hub] })
    await expect(discover(latchkey, { values })).rejects.toMatchObject({ code: 'INVALID_INPUT', pointers })
  })

  it('gets a proposed address if its method has that field', async () => {
    const local = await linked('local', { host: 'h', token: 'good' })
    await discover(local.latchkey, { values: { host: 'elsewhere' } })
    const proposal = { before: { host: 'h' }, values: { host: 'elsewhere' } }
    expect(await local.latchkey.attention.list()).toMatchObject([{ reason: 'address_changed', proposal }])
    const cloud = await linked('cloud', { token: 'good' })
    expect(await discover(cloud.latchkey)).toMatchObject(known(cloud.entryId))
    expect(await cloud.latchkey.attention.list()).toEqual([])
  })
})

describe('a discovery and time', () => {
  it('expires after a day, and can be announced again', async () => {
    const host = await makeHost()
    const { flowId } = await discover(host.latchkey)
    host.clock.increment(24 * 3_600_000)
    // No task has run yet: the expired flow holds no slot.
    expect(await discover(host.latchkey)).toMatchObject({ type: 'form' })
    expect(await host.latchkey.flows.get(flowId)).toMatchObject({ reason: 'flow_expired' })
  })
})

describe('flows.ignore', () => {
  it('is only for open discoveries', async () => {
    const { latchkey } = await makeHost()
    const { flowId } = await openForm(latchkey)
    await expect(latchkey.flows.ignore(flowId)).rejects.toMatchObject({ code: 'WRONG_STEP', event: 'ignore' })
    const found = await discover(latchkey)
    await latchkey.flows.cancel(found.flowId)
    await expect(latchkey.flows.ignore(found.flowId)).rejects.toMatchObject({ code: 'FLOW_ENDED' })
    await expect(latchkey.flows.ignore('nobody')).rejects.toMatchObject({ code: 'UNKNOWN_FLOW' })
  })

  it('asks again if it cannot be saved', async () => {
    const store = new TamperedStore()
    const { latchkey } = await makeHost({ store })
    const { flowId } = await discover(latchkey)
    store.onApply = async (apply, writes) => {
      if (writes.some((write) => 'put' in write && write.put === 'entry'))
        throw new StoreError('The disk is full.')
      return apply()
    }
    expect(await latchkey.flows.ignore(flowId)).toMatchObject({
      step: 'discovery_confirm',
      errors: { base: { code: 'unknown' } },
    })
  })

  it('loses against a user flow that links it at the same time', async () => {
    const one = await makeHost()
    const two = await one.again()
    const { flowId, revision } = await discover(one.latchkey)
    one.service.accounts.set('good', 'ann')
    const ends = await Promise.all([
      one.latchkey.flows.submit(flowId, { host: 'h', token: 'good' }, { revision }),
      two.latchkey.flows.ignore(flowId),
    ])
    expect(ends.map(({ type }) => type).sort()).toEqual(['create_entry', 'progress'])
    const entries = [
      ...(await one.latchkey.entries.list()).items,
      ...(await one.latchkey.entries.list({ ignored: true })).items,
    ]
    expect(entries).toHaveLength(1)
    await atRest()
    expect(one.service.open).toBe(entries[0]?.ignored === true ? 0 : 1)
  })
})

describe('a race for an account', () => {
  it('is noticed by the discovery if a user flow linked it first', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    let once = true
    store.onApply = async (apply, writes) => {
      const opens = writes.some(
        (write) => 'put' in write && write.put === 'flow' && write.record.source === 'discovery',
      )
      if (once && opens) {
        once = false
        await addEntry(host)
      }
      return apply()
    }
    expect(await discover(host.latchkey)).toMatchObject({ reason: 'already_configured' })
    expect((await host.latchkey.flows.list()).items).toEqual([])
  })

  it('tells the caller if a discovery cannot be stored', async () => {
    const store = new TamperedStore()
    const { latchkey } = await makeHost({ store })
    store.onApply = async () => {
      throw new StoreError('The disk is full.')
    }
    await expect(discover(latchkey)).rejects.toMatchObject({ code: 'STORE' })
    expect((await latchkey.flows.list()).items).toEqual([])
  })

  it('is retried if the yielding flow has changed since it was read', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const { flowId, revision } = await discover(host.latchkey)
    let once = true
    store.onApply = async (apply, writes) => {
      if (once && writes.some((write) => 'put' in write && write.put === 'entry')) {
        once = false
        await host.latchkey.flows.submit(flowId, { host: '' }, { revision })
      }
      return apply()
    }
    const entryId = await addEntry(host)
    expect(await host.latchkey.flows.get(flowId)).toMatchObject({ reason: 'already_configured' })
    expect(await rowOf(host, entryId)).toBeDefined()
  })

  it('is retried if the ignored entry is no longer ignored', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const ignored = (await host.latchkey.flows.ignore((await discover(host.latchkey)).flowId)).entryId ?? ''
    let once = true
    store.onApply = async (apply, writes) => {
      if (once && writes.some((write) => 'remove' in write && write.remove === 'entry')) {
        once = false
        await host.latchkey.entries.remove(ignored)
      }
      return apply()
    }
    const entryId = await addEntry(host)
    expect((await host.latchkey.entries.list()).items.map((entry) => entry.entryId)).toEqual([entryId])
  })

  it('tells the caller of a slot that no flow should meet', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    host.service.accounts.set('good', 'ann')
    const { flowId, revision } = await openForm(host.latchkey)
    store.onApply = async (apply, writes) => {
      if (writes.some((write) => 'put' in write && write.put === 'entry'))
        throw new SlotTakenError('edit', 'x')
      return apply()
    }
    const end = await host.latchkey.flows.submit(flowId, { host: 'h', token: 'good' }, { revision })
    expect(end).toMatchObject({ errors: { base: { code: 'unknown' } } })
  })
})

describe.each(stores.each)('a discovery without an identity over %s', (_, make) => {
  const hub = (changes: object = {}) =>
    defineIntegration({
      domain: 'scripted',
      title: 'Hub',
      fields: z.object({ host: address({ schemes: ['http'] }), token: secret() }),
      connect: async ({ host }) => ({ client: host, uniqueId: 'ann' }),
      ...changes,
    })
  const nameless = { connect: async () => ({ client: {}, uniqueId: null }) }
  const at = (host: string) => ({ uniqueId: undefined, values: { host } })
  const confirm = async ({ flows }: ScopedLatchkey, view: View, host: string) =>
    flows.submit(view.flowId, { host, token: 'good' }, { revision: view.revision })

  it('of the service links the account, and is not offered again', async () => {
    const { latchkey, store } = await makeHost({ store: make(), integrations: [hub(nameless)] })
    const end = await confirm(latchkey, await discover(latchkey), 'h')
    expect(end).toMatchObject({ type: 'create_entry' })
    const entryId = end.entryId ?? ''
    expect(await latchkey.entries.get(entryId)).toMatchObject({ uniqueId: null, state: 'loaded' })
    expect(await discover(latchkey)).toMatchObject(known(entryId))
    expect(await latchkey.attention.list()).toEqual([])
    expect(await discover(latchkey, { values: { host: 'elsewhere' } })).toMatchObject(known(entryId))
    expect(await latchkey.attention.list()).toMatchObject([{ reason: 'address_changed' }])
    expect(await discover(latchkey, { uniqueId: 'bob' })).toMatchObject({ type: 'form' })
    await latchkey.entries.remove(entryId)
    expect(await discover(latchkey)).toMatchObject({ type: 'form' })
    await store.close()
  })

  it('of the service respects abortIfEntriesMatch', async () => {
    const integration = hub({ ...nameless, abortIfEntriesMatch: ['host'] })
    const { latchkey, store } = await makeHost({ store: make(), integrations: [integration] })
    const { entryId } = await confirm(latchkey, await openForm(latchkey), 'h')
    expect(await discover(latchkey)).toMatchObject(known(entryId ?? ''))
    const elsewhere = await discover(latchkey, { values: { host: 'elsewhere' } })
    expect(await confirm(latchkey, elsewhere, 'H.')).toMatchObject({ reason: 'already_configured' })
    await store.close()
  })

  it('of the announcement has the address as its slot', async () => {
    const { latchkey, store } = await makeHost({ store: make(), integrations: [hub()] })
    const form = await discover(latchkey, at('hub.local'))
    expect(form).toMatchObject({ type: 'form', step: 'discovery_confirm', values: { host: 'hub.local' } })
    const again = await discover(latchkey, at('http://HUB.local/'))
    expect(again).toMatchObject({ reason: 'already_in_progress' })
    expect(await discover(latchkey, at('other.local'))).toMatchObject({ type: 'form' })
    const end = await confirm(latchkey, form, 'hub.local')
    expect(end).toMatchObject({ type: 'create_entry' })
    expect(await latchkey.entries.get(end.entryId ?? '')).toMatchObject({ uniqueId: 'ann' })
    expect(await discover(latchkey, at('hub.local.'))).toMatchObject(known(end.entryId ?? ''))
    await store.close()
  })

  it('of the announcement finds an account that a user has linked there', async () => {
    const { latchkey, store } = await makeHost({ store: make(), integrations: [hub()] })
    const { entryId } = await confirm(latchkey, await openForm(latchkey), 'HUB.local')
    expect(await discover(latchkey, at('hub.local'))).toMatchObject(known(entryId ?? ''))
    const elsewhere = await discover(latchkey, at('elsewhere.local'))
    expect(await confirm(latchkey, elsewhere, 'elsewhere.local')).toMatchObject({
      reason: 'already_configured',
      entryId,
    })
    await store.close()
  })

  it('of the announcement finds the account among all those of its integration', async () => {
    const one = await makeHost({ store: make(), integrations: [hub()] })
    const { latchkey, store } = one
    const { entryId } = await confirm(latchkey, await openForm(latchkey), 'hub.local')
    const row = await rowOf(one, entryId ?? '')
    for (let count = 0; count < 501; count++) {
      const id = `0-${String(count).padStart(3, '0')}`
      const other = { ...structuredClone(row), entryId: id, uniqueId: id, data: { host: `${id}.local` } }
      await store.apply('default', [
        { put: 'entry', record: { ...other, revision: 1 } as never, ifRevision: 0 },
      ])
    }
    expect(await discover(latchkey, at('HUB.local'))).toMatchObject(known(entryId ?? ''))
    expect(await discover(latchkey, at('elsewhere.local'))).toMatchObject({ type: 'form' })
    await store.close()
  })

  it('of the announcement opens one flow under one key, and refuses another address under it', async () => {
    const { latchkey, store } = await makeHost({ store: make(), integrations: [hub()] })
    const start = (host: string) =>
      latchkey.flows.start(
        { domain: 'scripted', source: 'discovery', discovery: { values: { host } } },
        { idempotencyKey: 'k' },
      )
    const first = await start('hub.local')
    expect(await start('hub.local')).toEqual(first)
    await expect(start('other.local')).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
    await store.close()
  })

  it('of the announcement can be ignored, and needs an address', async () => {
    const { latchkey, store } = await makeHost({ store: make(), integrations: [hub()] })
    const { flowId } = await discover(latchkey, at('hub.local'))
    const { entryId } = await latchkey.flows.ignore(flowId)
    expect(await discover(latchkey, at('HUB.local'))).toMatchObject(known(entryId ?? ''))
    const thrown = discover(latchkey, { uniqueId: undefined, values: {} })
    await expect(thrown).rejects.toMatchObject({ pointers: ['/discovery/uniqueId'] })
    await store.close()
  })
})

describe.each(stores.each)('a discovery that finds another account over %s', (_, make) => {
  const hub = (changes: object = {}) =>
    defineIntegration({
      domain: 'scripted',
      title: 'Hub',
      fields: z.object({ host: address({ schemes: ['http'] }), token: secret() }),
      connect: async ({ token }) => ({ client: {}, uniqueId: token.reveal(), title: 'Of Robert' }),
      ...changes,
    })
  const start = (changes: object = {}) => makeHost({ store: make(), integrations: [hub(changes)] })
  const sign = ({ flows }: ScopedLatchkey, view: View, token = 'bob', host = 'h') =>
    flows.submit(view.flowId, { host, token }, { revision: view.revision })
  const confirm = ({ flows }: ScopedLatchkey, { flowId, revision }: View) =>
    flows.submit(flowId, {}, { revision })
  const asks = async ({ latchkey }: Host, token = 'bob', host = 'h') =>
    asForm(await sign(latchkey, await discover(latchkey), token, host))

  it('asks whether to link that account, and does not offer the announced one there again', async () => {
    const one = await start()
    const { latchkey } = one
    const form = await asks(one)
    expect(form).toMatchObject({
      step: 'account_confirm',
      order: [],
      values: {},
      lastStep: true,
      entryId: null,
      placeholders: { name: 'Hub in the hall', account: 'Of Robert' },
      description: expect.stringContaining('Of Robert'),
    })
    expect(form).not.toHaveProperty('mayIgnore')
    await expect(latchkey.flows.ignore(form.flowId)).rejects.toMatchObject({ code: 'WRONG_STEP' })
    const end = await confirm(latchkey, form)
    expect(end).toMatchObject({ type: 'create_entry', success: true })
    const entryId = end.entryId ?? ''
    const linked = { uniqueId: 'bob', title: 'Of Robert', state: 'loaded' }
    expect(await latchkey.entries.get(entryId)).toMatchObject(linked)
    for (const host of ['h', 'H.', 'http://h']) {
      expect(await discover(latchkey, { values: { host } })).toMatchObject(known(entryId))
    }
    expect(await discover(latchkey, { values: { host: 'elsewhere' } })).toMatchObject({ type: 'form' })
    expect(await discover(latchkey, { uniqueId: 'carl' })).toMatchObject({ type: 'form' })
    expect(await latchkey.attention.list()).toEqual([])
    await one.store.close()
  })

  it('offers the announced account again after the entry was removed', async () => {
    const one = await start()
    const { entryId } = await confirm(one.latchkey, await asks(one))
    await one.latchkey.entries.remove(entryId ?? '')
    expect(await discover(one.latchkey)).toMatchObject({ type: 'form' })
    await one.store.close()
  })

  it('links a second account that it finds at another address', async () => {
    const one = await start()
    const { latchkey } = one
    const first = await confirm(latchkey, await asks(one))
    const elsewhere = { values: { host: 'elsewhere' } }
    const second = await confirm(latchkey, await sign(latchkey, await discover(latchkey, elsewhere), 'carl'))
    expect(second).toMatchObject({ type: 'create_entry' })
    expect(await discover(latchkey)).toMatchObject(known(first.entryId ?? ''))
    expect(await discover(latchkey, elsewhere)).toMatchObject(known(second.entryId ?? ''))
    await one.store.close()
  })

  it.each([{ abortIfEntriesMatch: ['host'] }, {}])(
    'remembers the announced address if the user has entered another one: %j',
    async (changes) => {
      const one = await start(changes)
      const { latchkey } = one
      const { entryId } = await confirm(latchkey, await asks(one, 'bob', 'gateway'))
      expect(await discover(latchkey)).toMatchObject(known(entryId ?? ''))
      expect(await discover(latchkey, { uniqueId: 'carl' })).toMatchObject({ type: 'form' })
      expect(await rowOf(one, entryId ?? '')).toMatchObject({ data: { host: 'gateway' } })
      expect(await latchkey.attention.list()).toEqual([])
      await one.store.close()
    },
  )

  it('without an announced address remembers its id', async () => {
    const one = await start()
    const { latchkey } = one
    const asked = await sign(latchkey, await discover(latchkey, { values: {} }))
    const { entryId } = await confirm(latchkey, asked)
    expect(await discover(latchkey, { values: {} })).toMatchObject(known(entryId ?? ''))
    expect(await discover(latchkey)).toMatchObject({ type: 'form' })
    await one.store.close()
  })

  it('asks nothing and writes nothing if that account is linked', async () => {
    const one = await start()
    const { latchkey } = one
    const { entryId } = await sign(latchkey, await openForm(latchkey), 'bob', 'elsewhere')
    await latchkey.entries.requestReauth(entryId ?? '')
    const row = await rowOf(one, entryId ?? '')
    expect(await sign(latchkey, await discover(latchkey))).toMatchObject(known(entryId ?? ''))
    expect(await rowOf(one, entryId ?? '')).toEqual(row)
    await one.store.close()
  })

  it('ends with the entry of another flow that linked the account before the confirmation', async () => {
    const one = await start()
    const { latchkey } = one
    const form = await asks(one)
    const { entryId } = await sign(latchkey, await openForm(latchkey))
    await latchkey.entries.requestReauth(entryId ?? '')
    const row = await rowOf(one, entryId ?? '')
    expect(await confirm(latchkey, form)).toMatchObject(known(entryId ?? ''))
    expect(await rowOf(one, entryId ?? '')).toEqual(row)
    await one.store.close()
  })

  it('replaces an ignored entry of that account', async () => {
    const one = await start()
    const { latchkey } = one
    const ignored = await latchkey.flows.ignore((await discover(latchkey, { uniqueId: 'bob' })).flowId)
    const end = await confirm(latchkey, await asks(one))
    expect(end).toMatchObject({ type: 'create_entry' })
    expect(await rowOf(one, ignored.entryId ?? '')).toBeUndefined()
    expect((await latchkey.entries.list({ ignored: true })).items).toEqual([])
    await one.store.close()
  })

  it('shows its form again after a restart, and when the connection has waited too long', async () => {
    const one = await start()
    const form = await asks(one)
    const again = await one.again()
    expect(await again.latchkey.flows.get(form.flowId)).toEqual(form)
    const expired = { step: 'discovery_confirm', errors: { base: { code: 'expired' } }, mayIgnore: true }
    const shown = await confirm(again.latchkey, form)
    expect(shown).toMatchObject(expired)
    expect(await sign(again.latchkey, shown, 'ann')).toMatchObject({ type: 'create_entry' })
    await one.store.close()
  })

  it('shows its form again if the store cannot look the account up', async () => {
    const store = new TamperedStore()
    const closed: string[] = []
    const connect = async () => ({
      client: {},
      uniqueId: 'bob',
      dispose: async () => void closed.push('bob'),
    })
    const { latchkey } = await makeHost({ store, integrations: [hub({ connect })] })
    const form = await discover(latchkey)
    store.onEntries = () => {
      throw new StoreError('The disk is full.')
    }
    const end = await sign(latchkey, form)
    expect(end).toMatchObject({ step: 'discovery_confirm', errors: { base: { code: 'unknown' } } })
    expect(closed).toEqual(['bob'])
    await store.close()
  })
})
