import { afterAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { secret } from '../../../src/authoring/secret.ts'
import { AbortFlowError, CannotConnectError, InvalidAuthError, StoreError } from '../../../src/errors.ts'
import { defineIntegration, type ScopedLatchkey } from '../../../src/index.ts'
import { ScriptedService } from '../../../src/testing/index.ts'
import { addEntry, atRest, makeHost, openForm } from '../host.ts'
import { someStores } from '../stores.ts'
import { TamperedStore } from '../tampered-store.ts'

const stores = someStores()
afterAll(stores.clear)

const input = { host: 'h', token: 'good' }
const importInto = ({ flows }: ScopedLatchkey, values: unknown = input, by = {}) =>
  flows.start({ domain: 'scripted', source: 'import', input: values }, by)
const single = () => new ScriptedService({ singleInstance: true })
const matching = () => new ScriptedService({ abortIfEntriesMatch: ['host'] })
const device = { uniqueId: 'ann', values: { host: 'h' }, key: 'mdns:1' }
const found = { domain: 'scripted', source: 'discovery', discovery: device } as const

describe.each(stores.each)('over %s', (_, make) => {
  it('an import creates an entry without user input', async () => {
    const host = await makeHost({ store: make() })
    host.service.accounts.set('good', 'ann')
    const end = await importInto(host.latchkey, input, { principal: 'config.yaml' })
    expect(end).toMatchObject({ type: 'create_entry', source: 'import' })
    expect(await host.latchkey.flows.get(end.flowId)).toEqual(end)
    expect((await host.latchkey.entries.get(end.entryId ?? '')).state).toBe('loaded')
    expect((await host.latchkey.history(end.entryId ?? '')).items).toMatchObject([
      { kind: 'entry_created', who: 'config.yaml' },
    ])
    // A host repeats its imports at each start.
    expect(await importInto(host.latchkey)).toMatchObject({ reason: 'already_configured' })
    expect(host.service.open).toBe(1)
    await host.store.close()
  })

  it('one entry is created, regardless of how many imports run at once', async () => {
    const one = await makeHost({ store: make(), service: single() })
    const two = await one.again()
    for (const token of ['a', 'b', 'c']) one.service.accounts.set(token, token)
    const first = await openForm(one.latchkey)
    const second = await openForm(two.latchkey)
    const ends = await Promise.all([
      one.latchkey.flows.submit(first.flowId, { host: 'h', token: 'a' }, { revision: 1 }),
      two.latchkey.flows.submit(second.flowId, { host: 'h', token: 'b' }, { revision: 1 }),
      importInto(two.latchkey, { host: 'h', token: 'c' }),
    ])
    expect(ends.map((end) => end.type).sort()).toEqual(['abort', 'abort', 'create_entry'])
    for (const end of ends.filter(({ type }) => type === 'abort')) {
      expect(end).toMatchObject({ reason: 'single_instance_allowed' })
    }
    expect((await one.latchkey.entries.list()).items).toHaveLength(1)
    expect(one.service.open).toBe(1)
    for (const request of [
      { domain: 'scripted', source: 'user' } as const,
      { ...found, discovery: { ...device, uniqueId: 'x' } },
    ]) {
      expect(await one.latchkey.flows.start(request)).toMatchObject({ reason: 'single_instance_allowed' })
    }
    const tried = one.service.connects.length
    expect(await importInto(one.latchkey)).toMatchObject({ reason: 'single_instance_allowed' })
    expect(one.service.connects).toHaveLength(tried)
    await one.store.close()
  })

  it('matching entries are created once, regardless of how many imports run at once', async () => {
    const one = await makeHost({ store: make(), service: matching() })
    const two = await one.again()
    for (const token of ['a', 'b']) one.service.accounts.set(token, null)
    const ends = await Promise.all([
      importInto(one.latchkey, { host: 'h', token: 'a' }),
      importInto(two.latchkey, { host: 'h', token: 'b' }),
    ])
    expect(ends.map((end) => end.type).sort()).toEqual(['abort', 'create_entry'])
    expect(ends.find(({ type }) => type === 'abort')).toMatchObject({ reason: 'already_configured' })
    expect(one.service.open).toBe(1)
    // The service is not called from now on.
    const tried = one.service.connects.length
    const { flowId, revision } = await openForm(one.latchkey)
    const end = await one.latchkey.flows.submit(flowId, { host: 'h', token: 'a' }, { revision })
    expect(end).toMatchObject({ reason: 'already_configured' })
    expect(one.service.connects).toHaveLength(tried)
    expect(await importInto(one.latchkey, { host: 'other', token: 'a' })).toMatchObject({
      type: 'create_entry',
    })
    await one.store.close()
  })
})

describe('an import', () => {
  it.each([
    ['cannot_connect', 'cannot_connect'],
    ['invalid_auth', 'invalid_auth'],
    ['setup_error', 'setup_error'],
    [{ rateLimited: 60 }, 'rate_limited'],
    [{ challenge: 'otp' }, 'challenge_required'],
    [{ throws: new Error('fire') }, 'unknown'],
  ] as const)('that meets %j ends with its reason, and is not kept', async (answer, reason) => {
    const host = await makeHost()
    host.service.script(answer)
    const end = await importInto(host.latchkey)
    expect(end).toMatchObject({ type: 'abort', reason, success: false, entryId: null })
    expect((await host.store.findFlows('default', { limit: 9 })).items).toEqual([])
    expect((await host.latchkey.entries.list()).items).toEqual([])
  })

  it('draws on the budget of logins', async () => {
    const host = await makeHost({ limits: { attemptsPerDomain: 2 } })
    for (let times = 0; times < 2; times++) await importInto(host.latchkey)
    await expect(importInto(host.latchkey)).rejects.toMatchObject({ code: 'ATTEMPTS_EXHAUSTED' })
    expect(host.service.connects).toHaveLength(2)
  })

  it('counts every one of many that fail at once', async () => {
    const one = await makeHost()
    const two = await one.again()
    await Promise.all([importInto(one.latchkey), importInto(two.latchkey), importInto(one.latchkey)])
    expect((await one.store.getAttempts('default', 'domain:scripted'))?.failures).toHaveLength(3)
  })

  it('tells the caller where its failure cannot be counted', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    store.onApply = async () => {
      throw new StoreError('The disk is full.')
    }
    await expect(importInto(host.latchkey)).rejects.toMatchObject({ code: 'STORE' })
  })

  it.each([
    [{ host: 'h' }, ['/input/token']],
    [{ host: '', token: '' }, ['/input/host', '/input/token']],
    [undefined, []],
    [{ ...input, port: 1 }, ['/input/port']],
  ])('is refused where its values do not fit: %j', async (values, pointers) => {
    const host = await makeHost()
    const request = { domain: 'scripted', source: 'import', ...(values && { input: values }) } as const
    await expect(host.latchkey.flows.start(request)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      pointers,
    })
    expect(host.service.connects).toEqual([])
  })

  it('is refused as a whole where a rule of the whole is broken', async () => {
    const fields = z.object({ host: z.string(), token: secret() }).refine(({ host }) => host !== 'h')
    const host = await makeHost({ service: new ScriptedService({ fields } as object) })
    await expect(importInto(host.latchkey)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      pointers: ['/input'],
    })
  })

  it('repeats nothing of what a rule of the integration throws', async () => {
    const fields = z.object({ host: z.string(), token: secret() }).refine(({ token }) => {
      throw new Error(`not ${token.reveal()}`)
    })
    const service = new ScriptedService({ fields } as object)
    const host = await makeHost({ service })
    const thrown: unknown = await importInto(host.latchkey).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ code: 'INVALID_INPUT', pointers: [] })
    expect(JSON.stringify([thrown, String(thrown), host.log.lines])).not.toContain('good')
  })

  it('is aborted by stop()', async () => {
    const host = await makeHost()
    host.service.script({ hangs: true })
    const importing = importInto(host.latchkey)
    const refused = expect(importing).rejects.toMatchObject({ code: 'STOPPED' })
    await atRest()
    await host.latchkey.stop()
    await refused
  })

  it('makes one entry under one key, and answers alike', async () => {
    const one = await makeHost()
    const two = await one.again()
    one.service.accounts.set('good', 'ann')
    const by = { idempotencyKey: 'k' }
    const [first, second] = await Promise.all([
      importInto(one.latchkey, input, by),
      importInto(two.latchkey, input, by),
    ])
    expect(first).toMatchObject({ type: 'create_entry' })
    expect(second).toEqual(first)
    expect(await importInto(one.latchkey, input, by)).toEqual(first)
    const [stored] = (await one.store.findFlows('default', { limit: 9 })).items
    expect(JSON.stringify(stored)).not.toContain('good')
  })

  it('does not replace an ignored entry', async () => {
    const host = await makeHost()
    host.service.accounts.set('good', 'ann')
    await host.latchkey.flows.ignore((await host.latchkey.flows.start(found)).flowId)
    expect(await importInto(host.latchkey)).toMatchObject({ reason: 'already_configured' })
    expect(host.service.open).toBe(0)
  })
})

describe('an integration of one entry', () => {
  it('lets only a user set up an ignored account', async () => {
    const host = await makeHost({ service: single() })
    await host.latchkey.flows.ignore((await host.latchkey.flows.start(found)).flowId)
    expect(await importInto(host.latchkey)).toMatchObject({ reason: 'single_instance_allowed' })
    const other = { ...found, discovery: { ...device, uniqueId: 'bob' } }
    expect(await host.latchkey.flows.start(other)).toMatchObject({ reason: 'single_instance_allowed' })
    const entryId = await addEntry(host)
    expect((await host.latchkey.entries.list()).items.map((entry) => entry.entryId)).toEqual([entryId])
    // A linked entry can still be repaired.
    expect(await host.latchkey.flows.start({ source: 'reconfigure', entryId })).toMatchObject({
      type: 'form',
    })
  })
})

describe('an integration whose entries match', () => {
  it('finds a device without a unique id by its matching values', async () => {
    const host = await makeHost({ service: matching() })
    const entryId = await addEntry(host, { account: null })
    expect(await host.latchkey.flows.start(found)).toMatchObject({ reason: 'already_configured', entryId })
    const other = { ...found, discovery: { ...device, values: { host: 'other' } } }
    expect(await host.latchkey.flows.start(other)).toMatchObject({ type: 'form' })
  })

  it('refuses a reconfiguration that would match another, and lets one that matches itself', async () => {
    const host = await makeHost({ service: matching() })
    const { latchkey } = host
    await addEntry(host, { host: 'one' })
    const entryId = await addEntry(host, { token: 'other', account: 'bob', host: 'two' })
    const change = async (to: string) => {
      const { flowId, revision } = await latchkey.flows.start({ source: 'reconfigure', entryId })
      return latchkey.flows.submit(flowId, { host: to, token: 'other' }, { revision })
    }
    expect(await change('one')).toMatchObject({ reason: 'already_configured' })
    expect(await change('two')).toMatchObject({ reason: 'reconfigure_successful' })
    expect(await change('three')).toMatchObject({ reason: 'reconfigure_successful' })
    expect(await importInto(latchkey, { host: 'two', token: 'good' })).toMatchObject({
      reason: 'already_configured',
    })
    host.service.accounts.set('third', 'cid')
    expect(await importInto(latchkey, { host: 'two', token: 'third' })).toMatchObject({
      type: 'create_entry',
    })
  })

  it('repairs an older entry without a match key, next to a matching one', async () => {
    const before = await makeHost()
    await addEntry(before, { host: 'h' })
    const entryId = await addEntry(before, { token: 'other', account: 'bob', host: 'h' })
    const service = matching()
    service.accounts.set('other', 'bob').set('good', 'ann')
    const host = await before.again({ service, integrations: [service.integration] })
    const { flowId, revision } = await host.latchkey.flows.start({ source: 'reauth', entryId })
    const end = await host.latchkey.flows.submit(flowId, { token: 'other' }, { revision })
    expect(end).toMatchObject({ reason: 'reauth_successful' })
  })

  it.each([
    ['nothing', 'INTEGRATION', 'abortIfEntriesMatch names "nothing", which is not a stored field'],
    ['token', 'CONFIGURATION', 'names the secret "token", but the cipher cannot compute codes'],
  ])('cannot match by %s', async (field, code, text) => {
    const service = new ScriptedService({ abortIfEntriesMatch: [field as 'host'] })
    const message = expect.stringContaining(text)
    await expect(makeHost({ service })).rejects.toMatchObject({ code, message })
  })
})

describe('an import with options, sub-entries and choices', () => {
  /** A service that offers sites. Its client has the options and the sub-entries that it was connected with. */
  const plant = (changes: object = {}) =>
    defineIntegration({
      domain: 'plant',
      title: 'Plant',
      fields: z.object({ site: z.string(), kind: z.string().optional(), token: secret() }),
      options: z.object({ interval: z.int().min(1).default(60), unit: z.string().default('kW') }),
      choices: {
        kind: { solar: 'Solar', wind: 'Wind' },
        site: async () => ({ north: 'North', south: 'South' }),
      },
      optionsChoices: { unit: { kW: 'Kilowatt', W: 'Watt' } },
      subentries: {
        meter: {
          title: 'Meter',
          fields: z.object({ number: z.int(), pin: secret().optional() }),
          name: ({ number }: { number: number }) => ({ title: String(number) }),
        },
      },
      connect: async ({ site }, { options }) => ({
        client: options,
        uniqueId: site,
        options: { interval: 5 },
        subentries: [{ type: 'meter', title: 'First', values: { number: 1 } }],
      }),
      ...changes,
    })
  const values = { site: 'north', token: 'good' }
  const open = async (changes: object = {}) => {
    const integration = plant(changes)
    const host = await makeHost({ integrations: [integration] })
    const start = (more: object, input: object = values) =>
      host.latchkey.flows.start({ domain: 'plant', source: 'import', input, ...more })
    const entries = async () => (await host.latchkey.entries.list()).items
    return { ...host, integration, start, entries }
  }

  it('saves them instead of those of connect', async () => {
    const { latchkey, store, integration, start } = await open()
    const meters = [{ type: 'meter', title: 'Cellar', uniqueId: 'm-7', values: { number: 7, pin: '4711' } }]
    const end = await start({ options: { interval: 30, unit: 'W' }, subentries: meters })
    expect(end).toMatchObject({ type: 'create_entry' })
    const entry = await latchkey.entries.get(end.entryId ?? '')
    expect(entry).toMatchObject({ state: 'loaded', options: { interval: 30, unit: 'W' } })
    expect(entry.subentries).toMatchObject([{ type: 'meter', title: 'Cellar' }])
    const [stored] = (await store.getEntry('default', entry.entryId))?.subentries?.items ?? []
    expect(stored).toMatchObject({ uniqueId: 'm-7', data: { number: 7 }, sealed: expect.any(String) })
    const used = await latchkey.entries.use(integration, entry.entryId, (client) => client)
    expect(used).toEqual({ interval: 30, unit: 'W' })
  })

  it('saves those of connect if it has none', async () => {
    const { latchkey, start } = await open()
    const entry = await latchkey.entries.get((await start({ options: { interval: 30 } })).entryId ?? '')
    expect(entry).toMatchObject({ options: { interval: 30 }, subentries: [{ title: 'First' }] })
    const other = await latchkey.entries.get(
      (await start({ subentries: [] }, { ...values, site: 'south' })).entryId ?? '',
    )
    expect(other).toMatchObject({ options: { interval: 5 }, subentries: [] })
  })

  it.each<[string, string, object]>([
    ['an invalid option', '/options/interval', { options: { interval: 0 } }],
    ['an unknown option', '/options/colour', { options: { colour: 'red' } }],
    ['an option that is not one of its choices', '/options/unit', { options: { unit: 'MW' } }],
    ['options that are not an object', '/options', { options: [] }],
    ['sub-entries that are not a list', '/subentries', { subentries: {} }],
    [
      'a sub-entry of an unknown type',
      '/subentries/0/type',
      { subentries: [{ type: 'x', title: 'X', values: {} }] },
    ],
    [
      'an invalid field of a sub-entry',
      '/subentries/1/values/number',
      {
        subentries: [
          { type: 'meter', title: 'A', values: { number: 1 } },
          { type: 'meter', title: 'B', values: { number: 'pin-0815' } },
        ],
      },
    ],
    ['a value that is not one of its labels', '/input/kind', { input: { ...values, kind: 'coal' } }],
    ['a value that the service does not offer', '/input/site', { input: { ...values, site: 'east' } }],
  ])('saves nothing for %s, and names the path', async (_case, pointer, more) => {
    const { start, entries } = await open()
    const error: unknown = await start(more).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'INVALID_INPUT', pointers: [pointer] })
    expect(String(error)).not.toContain('pin-0815')
    expect(await entries()).toEqual([])
  })

  it.each<[string, () => Promise<unknown>, string]>([
    ['cannot be reached', () => Promise.reject(new CannotConnectError()), 'cannot_connect'],
    ['refuses the credential', () => Promise.reject(new InvalidAuthError()), 'invalid_auth'],
    ['ends the flow', () => Promise.reject(new AbortFlowError('no_plants')), 'no_plants'],
    ['offers nothing', async () => [], 'no_options'],
  ])('saves nothing if the service of the choices %s', async (_case, site, reason) => {
    const { start, entries } = await open({ choices: { site } })
    expect(await start({})).toMatchObject({ type: 'abort', reason })
    expect(await entries()).toEqual([])
  })

  it('loads no choices of a field that it does not have', async () => {
    const fields = z.object({ site: z.string(), tariff: z.string().optional(), token: secret() })
    const asked: string[] = []
    const choices = {
      site: async () => {
        asked.push('site')
        return { north: 'North' }
      },
      tariff: () => Promise.reject(new CannotConnectError()),
    }
    const pages = [undefined, { login: ['token'], plant: ['site', 'tariff'] }]
    for (const together of pages) {
      const { start } = await open({ fields, choices, ...(together && { pages: together }) })
      expect(await start({})).toMatchObject({ type: 'create_entry' })
      expect(await start({}, { ...values, tariff: 'night' })).toMatchObject({ reason: 'cannot_connect' })
    }
    expect(asked).toEqual(['site', 'site', 'site', 'site'])
  })

  it('counts a refused login by the choices', async () => {
    const { start } = await open({ choices: { site: () => Promise.reject(new InvalidAuthError()) } })
    for (let tries = 0; tries <= 20; tries++) {
      const end = await start({}).catch((error: { code: string }) => error)
      if ('code' in end && end.code === 'ATTEMPTS_EXHAUSTED') return
    }
    throw new Error('The attempts are unlimited.')
  })
})
