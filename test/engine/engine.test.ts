import { describe, expect, it } from '@jest/globals'
import { LatchkeyError, ScopeError, StoppedError } from '../../src/errors.ts'
import type { Store } from '../../src/ports/store.ts'
import { ScriptedService } from '../../src/testing/scripted-service.ts'
import { addEntry, atRest, loseCredential, makeHost, openForm } from './host.ts'
import { KeyedSemaphore, TamperedStore } from './tampered-store.ts'

describe('scopes', () => {
  it('keep their entries, flows and attention lists apart', async () => {
    const host = await makeHost()
    const { latchkey, service } = host
    const acme = latchkey.scope('acme')
    const [mine, theirs] = [await addEntry(host), await addEntry({ latchkey: acme, service })]
    const form = await loseCredential({ latchkey: acme, service }, theirs)
    expect((await latchkey.entries.list()).items).toMatchObject([{ entryId: mine, scope: 'default' }])
    expect((await acme.entries.list()).items).toMatchObject([{ entryId: theirs, scope: 'acme' }])
    expect(await latchkey.attention.list()).toEqual([])
    expect(await acme.attention.list()).toMatchObject([{ entryId: theirs, scope: 'acme' }])
    expect((await latchkey.flows.list()).items).toEqual([])
    await expect(latchkey.flows.get(form.flowId)).rejects.toMatchObject({ code: 'UNKNOWN_FLOW' })
    await expect(latchkey.entries.remove(theirs)).rejects.toMatchObject({ code: 'UNKNOWN_ENTRY' })
    expect((await latchkey.history(theirs)).items).toEqual([])
    const used = latchkey.entries.use(service.integration, theirs, (client) => client.ping())
    await expect(used).rejects.toMatchObject({ code: 'UNKNOWN_ENTRY' })
  })

  it('hear only their own events', async () => {
    const { latchkey, service } = await makeHost()
    const told: string[] = []
    const stop = latchkey.scope('acme').on('entry_added', ({ scope }) => told.push(`acme: ${scope}`))
    latchkey.on('entry_added', ({ scope }) => told.push(`default: ${scope}`))
    await addEntry({ latchkey: latchkey.scope('acme'), service })
    expect(told).toEqual(['acme: acme'])
    stop()
    await addEntry({ latchkey: latchkey.scope('acme'), service }, { account: 'bob' })
    await addEntry({ latchkey, service })
    expect(told).toEqual(['acme: acme', 'default: default'])
  })

  it.each(['constructor', '__proto__', 'a b/c:d', 'x'.repeat(128)])('may be called "%s"', async (name) => {
    const { latchkey, service } = await makeHost()
    const scope = latchkey.scope(name)
    const entryId = await addEntry({ latchkey: scope, service })
    expect(await scope.entries.get(entryId)).toMatchObject({ scope: name, state: 'loaded' })
    expect(await scope.flows.list()).toMatchObject({ items: [] })
  })

  it.each(['', 'x'.repeat(129), 'a\nb', '\u0000', JSON.parse('7')])('cannot be called %j', async (name) => {
    const { latchkey } = await makeHost()
    expect(() => latchkey.scope(name)).toThrow(ScopeError)
  })

  it('must be named if the host requires it', async () => {
    const { latchkey, service } = await makeHost({ scopes: true })
    await expect(latchkey.entries.list()).rejects.toThrow('A scope is required. Call latchkey.scope(name).')
    await expect(openForm(latchkey)).rejects.toThrow(ScopeError)
    expect(() => latchkey.on('entry_added', () => {})).toThrow(ScopeError)
    const entryId = await addEntry({ latchkey: latchkey.scope('acme'), service })
    expect(await latchkey.scope('acme').entries.get(entryId)).toMatchObject({ scope: 'acme' })
    await latchkey.stop()
  })

  it('are all heard by a listener of all scopes, until it is removed', async () => {
    const { latchkey, service } = await makeHost({ scopes: true })
    const heard: string[] = []
    const stop = latchkey.onAll('entry_added', ({ scope }) => heard.push(scope))
    await addEntry({ latchkey: latchkey.scope('acme'), service })
    await addEntry({ latchkey: latchkey.scope('umbrella'), service })
    stop()
    await addEntry({ latchkey: latchkey.scope('initech'), service })
    expect(heard).toEqual(['acme', 'umbrella'])
  })

  it('are listed in pages', async () => {
    const { latchkey, service } = await makeHost({ scopes: true })
    expect(await latchkey.scopes()).toEqual({ items: [], next: null })
    for (const name of ['umbrella', 'acme', 'initech'])
      await addEntry({ latchkey: latchkey.scope(name), service })
    expect(await latchkey.scopes()).toEqual({ items: ['acme', 'initech', 'umbrella'], next: null })
    expect(await latchkey.scopes({ limit: 2 })).toEqual({ items: ['acme', 'initech'], next: 'initech' })
    expect(await latchkey.scopes({ limit: 2, after: 'initech' })).toEqual({ items: ['umbrella'], next: null })
    expect(await latchkey.scopes({ limit: 0 })).toEqual({ items: ['acme'], next: 'acme' })
    await latchkey.stop()
    await expect(latchkey.scopes()).rejects.toThrow(StoppedError)
  })
})

describe('start and stop', () => {
  it('set up every entry of every scope, and close every connection and the store', async () => {
    const host = await makeHost()
    for (let index = 0; index < 120; index++)
      await addEntry(host, { token: `t${index}`, account: `a${index}` })
    await addEntry({ latchkey: host.latchkey.scope('acme'), service: host.service })
    await host.latchkey.stop()
    expect(host.service).toMatchObject({ open: 0, disposed: 121 })
    const store: TamperedStore = new TamperedStore(host.store)
    const again = await host.again({ store })
    await again.latchkey.start()
    expect(host.service.open).toBe(121)
    await again.latchkey.start()
    expect(host.service.open).toBe(121)
    await again.latchkey.stop()
    await again.latchkey.stop()
    expect(host.service.open).toBe(0)
    expect(store.closed).toBe(1)
  })

  it('refuse every call after the end', async () => {
    const host = await makeHost()
    const scope = host.latchkey.scope('acme')
    await host.latchkey.stop()
    await expect(host.latchkey.flows.list()).rejects.toThrow(StoppedError)
    await expect(host.latchkey.start()).rejects.toThrow('Latchkey has been stopped. Create a new instance.')
    await expect(scope.entries.list()).rejects.toThrow(StoppedError)
    expect(() => scope.on('entry_added', () => {})).toThrow(StoppedError)
  })

  it('abort checks in progress: their flows wait at the form', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await host.latchkey.entries.unload(entryId)
    host.service.script({ hangs: true }, { hangs: true })
    const { flowId, revision } = await openForm(host.latchkey)
    const submit = host.latchkey.flows
      .submit(flowId, { host: 'h', token: 'x' }, { revision })
      .catch((error) => error)
    const setup = host.latchkey.entries.setup(entryId)
    await atRest()
    await host.latchkey.stop()
    expect(await submit).toBeInstanceOf(StoppedError)
    await setup
    const logins = host.service.connects.length
    await host.pass(3_600_000)
    expect(host.service.connects).toHaveLength(logins)
    const { latchkey } = await host.again()
    expect(await latchkey.flows.get(flowId)).toMatchObject({
      type: 'form',
      step: 'user',
      revision,
      errors: {},
    })
  })

  it('start no waiting check and no late one', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.script('cannot_connect')
    await host.latchkey.entries.reload(entryId)
    const logins = host.service.connects.length
    await host.latchkey.stop()
    await host.pass(3_600_000)
    expect(host.service.connects).toHaveLength(logins)
  })

  it('do not retry a check that was requested before the end', async () => {
    const one = await makeHost()
    const entryId = await addEntry(one)
    const store = new TamperedStore(one.store)
    const two = await one.again({ store })
    const gate = new KeyedSemaphore()
    let reads = 0
    store.onEntry = async (entry) => {
      if (++reads === 2) await gate.wait()
      return entry
    }
    let steps = 0
    two.latchkey.on('transition', () => steps++)
    const used = two.latchkey.entries.use(one.service.integration, entryId, (client) => client.ping())
    const refused = expect(used).rejects.toBeInstanceOf(LatchkeyError)
    await atRest()
    expect(gate.reached).toBe(true)
    await two.latchkey.stop()
    gate.open()
    await refused
    const before = steps
    await two.pass(3_600_000)
    expect(steps).toBe(before)
    expect(one.service.connects).toHaveLength(1)
  })

  it('leave the rest of the entries alone where the host stops while it starts', async () => {
    const host = await makeHost()
    for (let index = 0; index < 40; index++)
      await addEntry(host, { token: `t${index}`, account: `a${index}` })
    const { latchkey, service } = await host.again()
    const logins = service.connects.length
    service.script(...Array.from({ length: 32 }, () => ({ hangs: true }) as const))
    const started = latchkey.start()
    await atRest()
    expect(service.connects).toHaveLength(logins + 32)
    const stopped = latchkey.stop()
    await Promise.all([started, stopped])
    expect(service.connects).toHaveLength(logins + 32)
  })

  it('list an entry without an integration, and log a warning', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { latchkey, log } = await host.again({ integrations: [] })
    await latchkey.start()
    expect(await latchkey.entries.get(entryId)).toMatchObject({
      state: 'setup_error',
      reason: 'integration_missing',
    })
    expect(log.lines).toMatchObject([
      {
        level: 'warn',
        message: 'The integration of an entry is not registered.',
        fields: { entryId, domain: 'scripted' },
      },
    ])
    expect(await latchkey.attention.list()).toMatchObject([
      { entryId, reason: 'integration_missing', title: 'Scripted', flowId: null },
    ])
  })

  it('report rows that the store itself cannot read', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const told: unknown[] = []
    await addEntry(host)
    store.onEntries = (page) => ({ ...page, unreadable: ['torn-1', 'torn-2'] })
    const { latchkey, log } = await host.again()
    latchkey.on('attention_changed', (event) => told.push(event))
    await latchkey.start()
    const torn = { scope: 'default', reason: 'unreadable', since: null, flowId: null }
    expect(await latchkey.attention.list()).toMatchObject([
      { ...torn, entryId: 'torn-1' },
      { ...torn, entryId: 'torn-2' },
    ])
    expect(told).toContainEqual({ scope: 'default', entryId: 'torn-2' })
    expect(
      log.messages.filter((message) => message === 'The row of an entry could not be read.'),
    ).toHaveLength(2)
    expect(await latchkey.entries.list()).toMatchObject({ unreadable: ['torn-1', 'torn-2'] })
  })
})

describe('pages', () => {
  it('have 100 items by default and at most 1,000', async () => {
    const store = new TamperedStore()
    const asked: number[] = []
    const findFlows: Store['findFlows'] = store.findFlows.bind(store)
    store.findFlows = (scope, query) => {
      asked.push(query.limit)
      return findFlows(scope, query)
    }
    const { latchkey } = await makeHost({ store })
    await latchkey.flows.list()
    for (const limit of [7, 1e9, 0, -3, 2.5, Number.NaN]) await latchkey.flows.list({ limit })
    expect(asked).toEqual([100, 7, 1_000, 1, 1, 2, 1])
  })
})

describe('integrations', () => {
  it('are listed for users in the order of the host, in every scope', async () => {
    const scripted = new ScriptedService().integration
    const integrations = [
      { ...scripted, domain: 'second', title: 'Zeta' },
      { ...scripted, domain: 'first', title: 'Alpha' },
    ]
    const { latchkey } = await makeHost({ integrations })
    const views = [
      { domain: 'second', title: 'Zeta', options: false, subentries: [] },
      { domain: 'first', title: 'Alpha', options: false, subentries: [] },
    ]
    expect(latchkey.integrations).toEqual(views)
    expect(latchkey.scope('acme').integrations).toEqual(views)
  })
})
