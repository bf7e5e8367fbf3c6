import { describe, expect, it } from '@jest/globals'
import {
  FlowEndedError,
  InvalidInputError,
  StaleRevisionError,
  StoreError,
  UnknownDomainError,
  UnknownFlowError,
  UnreadableRecordError,
} from '../../../src/errors.ts'
import { addEntry, asForm, makeHost, openForm } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'

const valid = { host: 'h', token: 'good' }

describe('flows.submit', () => {
  it('sets an entry up, and answers with it', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({
      domain: 'scripted',
      uniqueId: 'ann',
      title: 'Scripted',
      state: 'loaded',
      reason: null,
      reauth: null,
      disabled: false,
      revision: 1,
    })
    expect(host.service).toMatchObject({ open: 1, disposed: 0 })
    expect(host.service.connects).toEqual([{ host: 'h', token: 'good', code: null }])
  })

  it.each([
    ['a text', 'h'],
    ['nothing', undefined],
    ['null', null],
    ['a list', [valid]],
    ['an instance of a class', new (class Form {})()],
  ])('refuses %s in place of fields', async (_, input) => {
    const { latchkey } = await makeHost()
    const { flowId, revision } = await openForm(latchkey)
    await expect(latchkey.flows.submit(flowId, input, { revision })).rejects.toThrow(
      'The input is not an object. Submit an object with the fields of the form.',
    )
  })

  it.each([
    ['a field that the form does not show', { ...valid, admin: true }, ': "admin"'],
    ['the code of a challenge that was not asked', { ...valid, code: '123' }, ': "code"'],
    ['__proto__', JSON.parse('{"host":"h","token":"good","__proto__":{"admin":true}}'), ': "__proto__"'],
    ['a secret as a name', { host: 'h', 'good-secret-as-name': 'token' }, ''],
  ])('refuses %s, and names it only if it can be a field', async (_, input, named) => {
    const host = await makeHost()
    const { flowId, revision } = await openForm(host.latchkey)
    const thrown: unknown = await host.latchkey.flows
      .submit(flowId, input, { revision })
      .catch((error) => error)
    expect(thrown).toBeInstanceOf(InvalidInputError)
    expect(String(thrown)).toBe(
      `InvalidInputError: The input has a field that is not on the form${named}. Submit only the fields of the form.`,
    )
    expect(JSON.stringify([thrown, host.log.lines])).not.toContain('good-secret-as-name')
    expect(host.service.connects).toEqual([])
    expect(await host.latchkey.flows.get(flowId)).toMatchObject({ revision, errors: {} })
  })

  it('shows which fields are missing or of another type, and asks no service', async () => {
    const host = await makeHost()
    const form = await openForm(host.latchkey)
    const next = asForm(
      await host.latchkey.flows.submit(form.flowId, { host: 7 }, { revision: form.revision }),
    )
    expect(next.errors).toEqual({
      '/host': {
        code: 'invalid_type',
        text: 'This isn’t the right kind of value.',
        params: { type: 'string' },
      },
      '/token': { code: 'required', text: 'This field is required.' },
    })
    expect(next.revision).toBe(form.revision + 1)
    expect(host.service.connects).toEqual([])
  })

  it('writes nothing where the same mistake is made again', async () => {
    const store = new TamperedStore()
    const { latchkey } = await makeHost({ store })
    const form = await openForm(latchkey)
    const once = asForm(await latchkey.flows.submit(form.flowId, { host: 7 }, { revision: form.revision }))
    const { writes } = store
    expect(await latchkey.flows.submit(form.flowId, { host: 7 }, { revision: once.revision })).toEqual(once)
    expect(store.writes).toBe(writes)
  })

  it('refuses JSON that is 20,000 levels deep, in time and stack', async () => {
    const { latchkey } = await makeHost()
    const { flowId, revision } = await openForm(latchkey)
    const deep: unknown = JSON.parse(`{"host":${'['.repeat(20_000)}${']'.repeat(20_000)},"token":"good"}`)
    await expect(latchkey.flows.submit(flowId, deep, { revision })).rejects.toThrow(InvalidInputError)
  })

  it('refuses input that is too large', async () => {
    const { latchkey } = await makeHost()
    const { flowId, revision } = await openForm(latchkey)
    const large = { host: 'h'.repeat(70_000), token: 'good' }
    await expect(latchkey.flows.submit(flowId, large, { revision })).rejects.toThrow(
      'The input is too large.',
    )
  })

  it('keeps the input of plain fields, and never the secret', async () => {
    const host = await makeHost()
    const form = await openForm(host.latchkey)
    const submitted = { host: 'hub.example', token: 'typed-secret' }
    const next = asForm(await host.latchkey.flows.submit(form.flowId, submitted, { revision: form.revision }))
    expect(next).toMatchObject({
      values: { host: 'hub.example' },
      errors: {
        base: {
          code: 'invalid_auth',
          text: 'Scripted rejected this token.',
          advice: 'Check for typos, or create a new one.',
          keepSecrets: false,
        },
      },
    })
    const stored = await host.store.getFlow('default', form.flowId)
    expect(JSON.stringify([next, stored])).not.toContain('typed-secret')
  })

  it('rejects a stale revision and returns the current view', async () => {
    const { latchkey } = await makeHost()
    const { flowId, revision } = await openForm(latchkey)
    const current = await latchkey.flows.submit(flowId, valid, { revision })
    const stale: unknown = await latchkey.flows.submit(flowId, valid, { revision }).catch((error) => error)
    expect(stale).toBeInstanceOf(StaleRevisionError)
    expect(stale).toMatchObject({ code: 'STALE_REVISION', view: current })
  })

  it('takes one of two submits of the same form', async () => {
    const host = await makeHost()
    host.service.accounts.set('good', 'ann')
    const { flowId, revision } = await openForm(host.latchkey)
    const [first, second] = await Promise.allSettled([
      host.latchkey.flows.submit(flowId, valid, { revision }),
      host.latchkey.flows.submit(flowId, valid, { revision }),
    ])
    expect(first).toMatchObject({ status: 'fulfilled', value: { type: 'create_entry' } })
    expect(second).toMatchObject({
      status: 'rejected',
      reason: { code: 'FLOW_ENDED', view: { success: true } },
    })
    expect(host.service.connects).toHaveLength(1)
  })

  it('refuses a submit after the end, and shows the end', async () => {
    const { latchkey } = await makeHost()
    const { flowId, revision } = await openForm(latchkey)
    await latchkey.flows.cancel(flowId)
    const thrown: unknown = await latchkey.flows.submit(flowId, valid, { revision }).catch((error) => error)
    expect(thrown).toBeInstanceOf(FlowEndedError)
    expect(thrown).toMatchObject({ view: { type: 'abort', reason: 'cancelled', success: false } })
  })

  it('refuses a flow that is not there, in this scope or at all', async () => {
    const { latchkey } = await makeHost()
    const { flowId } = await openForm(latchkey)
    const { flows } = latchkey.scope('other')
    await expect(flows.submit(flowId, valid, { revision: 1 })).rejects.toThrow(UnknownFlowError)
    await expect(flows.get(flowId)).rejects.toThrow(
      `Flow ${flowId} not found. It may have expired. Start a new flow.`,
    )
    await expect(flows.cancel('__proto__')).rejects.toThrow(UnknownFlowError)
    await expect(latchkey.flows.get('constructor')).rejects.toMatchObject({ flowId: 'constructor' })
  })

  it('tells that the account is linked already, and closes the second connection', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { flowId, revision } = await openForm(host.latchkey)
    const end = await host.latchkey.flows.submit(flowId, valid, { revision })
    expect(end).toMatchObject({ type: 'abort', reason: 'already_configured', success: false, entryId })
    expect(host.service).toMatchObject({ open: 1, disposed: 1 })
  })

  it('creates one entry per flow if the service has no unique ids', async () => {
    const host = await makeHost()
    await addEntry(host, { account: null })
    await addEntry(host, { account: null })
    expect((await host.latchkey.entries.list()).items).toHaveLength(2)
  })

  it('names a setup that cannot work', async () => {
    const host = await makeHost()
    host.service.script('setup_error')
    const { flowId, revision } = await openForm(host.latchkey)
    expect(await host.latchkey.flows.submit(flowId, valid, { revision })).toMatchObject({
      errors: { base: { code: 'setup_error', text: 'Scripted can’t be set up with these details.' } },
    })
  })

  it('shows the form again where the store cannot write, and makes no entry', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    host.service.accounts.set('good', 'ann')
    const { flowId, revision } = await openForm(host.latchkey)
    let failures = 0
    store.onApply = (apply, writes) => {
      const commits = writes.some((write) => 'put' in write && write.put === 'entry')
      if (!commits) return apply()
      failures++
      throw new StoreError('The disk is full, says the driver of good.')
    }
    const form = asForm(await host.latchkey.flows.submit(flowId, valid, { revision }))
    expect(form.errors).toEqual({
      base: {
        code: 'unknown',
        text: 'Something went wrong.',
        advice: 'Try again. If it keeps happening, ask your administrator.',
        keepSecrets: true,
      },
    })
    expect(failures).toBe(1)
    expect((await host.latchkey.entries.list()).items).toEqual([])
    expect(host.service).toMatchObject({ open: 0, disposed: 1 })
    expect(host.log.messages).toEqual(['An actor of a flow failed unexpectedly.'])
    expect(JSON.stringify(host.log.lines)).not.toContain('good')

    store.onApply = (apply) => apply()
    const submit = host.latchkey.flows.submit(flowId, valid, { revision: form.revision })
    expect(await submit).toMatchObject({ type: 'create_entry' })
  })

  it('tells the caller where not even the form can be written', async () => {
    const store = new TamperedStore()
    const { latchkey } = await makeHost({ store })
    const { flowId, revision } = await openForm(latchkey)
    store.onApply = async () => {
      throw new StoreError('The disk is full.')
    }
    await expect(latchkey.flows.submit(flowId, valid, { revision })).rejects.toThrow('The disk is full.')
    await expect(latchkey.flows.cancel(flowId)).rejects.toThrow('The disk is full.')
    expect(await latchkey.flows.get(flowId)).toMatchObject({ revision, errors: {} })
  })

  it('shows the end that was written although its answer was lost', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    host.service.accounts.set('good', 'ann')
    const { flowId, revision } = await openForm(host.latchkey)
    store.onApply = async (apply) => {
      await apply()
      store.onApply = (next) => next()
      throw new StoreError('The connection broke.')
    }
    const end = await host.latchkey.flows.submit(flowId, valid, { revision })
    expect(end).toMatchObject({ type: 'create_entry', success: true })
    expect(host.service).toMatchObject({ open: 0, disposed: 1 })
    expect((await host.latchkey.entries.list()).items).toHaveLength(1)
  })

  it('cannot show a flow without an integration, but can cancel it', async () => {
    const host = await makeHost()
    const { flowId, revision } = await openForm(host.latchkey)
    const { latchkey } = await host.again({ integrations: [] })
    await expect(latchkey.flows.get(flowId)).rejects.toThrow(UnknownDomainError)
    await expect(latchkey.flows.submit(flowId, valid, { revision })).rejects.toThrow(UnknownDomainError)
    expect(await latchkey.flows.list()).toEqual({ items: [], next: null, unreadable: [flowId] })
    expect(await latchkey.flows.cancel(flowId)).toMatchObject({ reason: 'cancelled' })
  })

  it('fails closed on a flow of an unknown version', async () => {
    const store = new TamperedStore()
    const { latchkey } = await makeHost({ store })
    const { flowId, revision } = await openForm(latchkey)
    store.onFlow = (flow) => ({ ...structuredClone(flow), machine: 'config-flow@9' })
    const thrown: unknown = await latchkey.flows.submit(flowId, valid, { revision }).catch((error) => error)
    expect(thrown).toBeInstanceOf(UnreadableRecordError)
    expect(String(thrown)).toContain('Another version of Latchkey wrote it.')
    expect(await latchkey.flows.list()).toMatchObject({ items: [], unreadable: [flowId] })
    store.onFlow = (flow) => ({ ...structuredClone(flow), step: 'nowhere' })
    await expect(latchkey.flows.get(flowId)).rejects.toThrow(
      `The stored flow ${flowId} cannot be read. It is damaged.`,
    )
  })
})

describe('flows.get and flows.list', () => {
  it('have no side effects: the store is not written, and the revision stays', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const { flowId, revision } = await openForm(host.latchkey)
    const before = store.inner.feed.stamp?.()
    await host.pass(31 * 60_000)
    for (let reads = 0; reads < 3; reads++) {
      expect(await host.latchkey.flows.get(flowId)).toMatchObject({ type: 'form', revision })
      expect((await host.latchkey.flows.list()).items).toMatchObject([{ flowId, revision }])
    }
    expect(store.inner.feed.stamp?.()).toBe(before)
  })

  it('list open flows by page, domain and entry', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const forms = [await openForm(host.latchkey), await openForm(host.latchkey)]
    await host.latchkey.flows.start({ source: 'reauth', entryId })
    const first = await host.latchkey.flows.list({ limit: 2 })
    const rest = await host.latchkey.flows.list({ limit: 2, after: first.next ?? '' })
    const all = [...first.items, ...rest.items]
    expect(all).toHaveLength(3)
    expect(all.map(({ flowId }) => flowId)).toEqual(expect.arrayContaining(forms.map(({ flowId }) => flowId)))
    expect((await host.latchkey.flows.list({ entryId })).items).toMatchObject([{ source: 'reauth' }])
    expect((await host.latchkey.flows.list({ domain: 'other' })).items).toEqual([])
  })
})
