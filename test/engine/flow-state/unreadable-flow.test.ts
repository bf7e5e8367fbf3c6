import { afterAll, describe, expect, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import * as z from 'zod'
import { StoreError, UnreadableRecordError } from '../../../src/errors.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { addEntry, asForm, atRest, type HostOptions, makeHost, openForm } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'
import { type DamagedStore, damagedStores } from '../unreadable.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const stores = damagedStores()
afterAll(stores.clear)

async function damagedHost({ store, ...damage }: DamagedStore, options: HostOptions = {}) {
  const service = new ScriptedService({ options: z.object({ every: z.number().optional() }) } as never)
  const host = await makeHost({ store, service, ...options })
  const entryId = await addEntry(host)
  await host.latchkey.start()
  /** Opens a flow about the entry, and damages it. */
  const open = async (source: 'reauth' | 'reconfigure' | 'options') => {
    const { flowId } = await host.latchkey.flows.start({ source, entryId })
    await damage.flow(flowId)
    return flowId
  }
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error) => error.code,
    )
  return { ...host, ...damage, entryId, open, codeOf }
}

describe.each(stores.all)('a flow that cannot be read (%s)', (name, make) => {
  const isTorn = name.includes('torn')

  it('shows nothing of its content, and can be cancelled', async () => {
    const { latchkey, open, codeOf, entryId } = await damagedHost(make())
    const flowId = await open('reauth')
    expect(await codeOf(latchkey.flows.get(flowId))).toBe('UNREADABLE_RECORD')
    expect(await codeOf(latchkey.flows.submit(flowId, {}, { revision: 1 }))).toBe('UNREADABLE_RECORD')
    expect(await latchkey.flows.list()).toMatchObject({ items: [], unreadable: [flowId] })
    const end = { type: 'abort', reason: 'cancelled', success: false, entryId }
    expect(await latchkey.flows.cancel(flowId)).toMatchObject(end)
    expect(await latchkey.flows.get(flowId)).toMatchObject(end)
    expect(await latchkey.flows.cancel(flowId)).toMatchObject(end)
    expect(await latchkey.flows.start({ source: 'reauth', entryId })).toMatchObject({ type: 'form' })
    await latchkey.stop()
  })

  it.each(['reauth', 'reconfigure', 'options'] as const)(
    'yields at once to the removal and the disabling of its entry (%s)',
    async (source) => {
      for (const [leave, reason] of [
        ['disable', 'entry_disabled'],
        ['remove', 'entry_removed'],
      ] as const) {
        const { latchkey, open, entryId } = await damagedHost(make())
        const flowId = await open(source)
        await latchkey.entries[leave](entryId)
        expect(await latchkey.flows.get(flowId)).toMatchObject({ type: 'abort', reason, entryId })
        expect((await latchkey.flows.list()).unreadable).toEqual([])
        await latchkey.stop()
      }
    },
  )

  it('yields to a reauthentication after a day without a write', async () => {
    const { latchkey, open, codeOf, pass, entryId } = await damagedHost(make())
    await latchkey.entries.requestReauth(entryId)
    const flowId = await open('reauth')
    await pass(23 * HOUR)
    if (!isTorn) {
      for (const source of ['reauth', 'reconfigure'] as const)
        expect(await codeOf(latchkey.flows.start({ source, entryId }))).toBe('UNREADABLE_RECORD')
      expect(await codeOf(latchkey.entries.requestReauth(entryId))).toBe('UNREADABLE_RECORD')
      await pass(HOUR)
    }
    expect(asForm(await latchkey.entries.requestReauth(entryId)).step).toBe('reauth_confirm')
    expect(await latchkey.flows.get(flowId)).toMatchObject({ reason: 'already_in_progress' })
    await latchkey.stop()
  })

  it('does not hide that the service refuses the credential, and no login is repeated', async () => {
    const { latchkey, open, service, pass, entryId, codeOf } = await damagedHost(make())
    const flowId = await open('reconfigure')
    service.accounts.delete('good')
    const use = () => latchkey.entries.use(service.integration, entryId, (client) => client.ping())
    expect(await codeOf(use())).toBe('REAUTH_REQUIRED')
    const logins = service.connects.length
    for (let count = 0; count < 144; count++) await pass(600_000)
    expect(await codeOf(use())).toBe('REAUTH_REQUIRED')
    expect(service.connects).toHaveLength(logins)
    expect(await latchkey.attention.list()).toMatchObject([{ entryId, reason: 'invalid_auth' }])
    // It has expired, as others do.
    if (!isTorn) expect(await latchkey.flows.get(flowId)).toMatchObject({ type: 'abort' })
    const form = asForm(await latchkey.entries.requestReauth(entryId))
    service.accounts.set('new', 'ann')
    expect(await latchkey.flows.submit(form.flowId, { token: 'new' }, form)).toMatchObject({
      reason: 'reauth_successful',
    })
    await latchkey.stop()
  })

  it('does not count among the open flows forever, and its slot becomes free', async () => {
    const { latchkey, flow, codeOf, pass, entryId, open } = await damagedHost(make(), {
      limits: { openFlows: 2 },
    })
    await flow((await openForm(latchkey)).flowId)
    await open('options')
    expect(await codeOf(openForm(latchkey))).toBe('TOO_MANY_FLOWS')
    await pass(HOUR)
    await pass(HOUR)
    expect((await latchkey.flows.list()).unreadable).toEqual([])
    expect(await latchkey.flows.start({ source: 'options', entryId })).toMatchObject({ type: 'form' })
    await openForm(latchkey)
    // Their results are purged, too.
    for (let day = 0; day < 3; day++) await pass(DAY)
    await latchkey.stop()
  })

  it('ends when its account is linked', async () => {
    const { latchkey, flow, service } = await damagedHost(make())
    const discovery = { uniqueId: 'bob', values: { host: 'h' } }
    const announce = () => latchkey.flows.start({ domain: 'scripted', source: 'discovery', discovery })
    const { flowId } = await announce()
    await flow(flowId)
    if (!isTorn) expect(await announce()).toMatchObject({ reason: 'already_in_progress' })
    await addEntry({ latchkey, service }, { token: 'bob', account: 'bob' })
    expect((await latchkey.flows.list()).unreadable).toEqual([])
    expect(await announce()).toMatchObject({ reason: 'already_configured' })
    await latchkey.stop()
  })
})

describe('a flow that another version of Latchkey runs', () => {
  const [, make] = stores.all[0] as (typeof stores.all)[number]

  it.each(['options', 'reconfigure'] as const)('keeps its slot until it is idle: %s', async (source) => {
    const { latchkey, open, codeOf, entryId, clock, again } = await damagedHost(make())
    const flowId = await open(source)
    expect(await codeOf(latchkey.flows.start({ source, entryId }))).toBe('UNREADABLE_RECORD')
    await latchkey.stop()
    // Without the tasks, which would end it.
    clock.increment(DAY)
    const later = await again()
    const form = await later.latchkey.flows.start({ source, entryId })
    expect(form).toMatchObject({ type: 'form' })
    expect(await later.latchkey.flows.get(flowId)).toMatchObject({ reason: 'already_in_progress' })
  })

  it('does not end before it expires, also after its draft has expired', async () => {
    const { latchkey, flow, service, pass, log } = await damagedHost(make())
    service.script({ challenge: 'otp' })
    const form = await openForm(latchkey)
    await latchkey.flows.submit(form.flowId, { host: 'h', token: 'x' }, form)
    await flow(form.flowId)
    for (let time = 0; time < 2; time++) await pass(600_000)
    expect((await latchkey.flows.list()).unreadable).toEqual([form.flowId])
    expect(log.lines).toMatchObject([
      { message: 'A due row could not be processed.', fields: { flowId: form.flowId } },
    ])
    await pass(600_000)
    expect(await latchkey.flows.get(form.flowId)).toMatchObject({ reason: 'flow_expired' })
  })

  it('is not idle because of a clock that was ahead', async () => {
    const { latchkey, open, entryId, clock, again } = await damagedHost(make())
    clock.increment(365 * DAY)
    await open('reconfigure')
    await latchkey.stop()
    const right = await again({ clock: new SimulatedClock() })
    expect(await right.latchkey.entries.requestReauth(entryId)).toMatchObject({ type: 'form' })
  })

  it('stays open while the entry is repaired by a retry', async () => {
    const { latchkey, open, entryId, service, codeOf } = await damagedHost(make())
    const flowId = await open('reconfigure')
    service.accounts.delete('good')
    await codeOf(latchkey.entries.use(service.integration, entryId, (client) => client.ping()))
    service.accounts.set('good', 'ann')
    const view = await latchkey.entries.reload(entryId, { retryRejected: true })
    expect(view).toMatchObject({ state: 'loaded', reauth: null })
    expect((await latchkey.flows.list()).unreadable).toEqual([flowId])
  })

  it('does not stop the task, also if there are 1,200 of them', async () => {
    const { latchkey, flow, store, pass, log, clock } = await damagedHost(make(), {
      limits: { openFlows: 2_000, flowIdle: 2 * DAY },
    })
    const { flowId } = await openForm(latchkey)
    await flow(flowId)
    const record = await store.getFlow('default', flowId)
    for (let count = 0; count < 1_200; count++) {
      const copy = {
        ...structuredClone(record),
        flowId: `copy-${count}`,
        revision: 1,
        dueAt: clock.now() + 1,
      }
      await store.apply('default', [{ put: 'flow', record: copy as never, ifRevision: 0 }])
    }
    const other = await openForm(latchkey)
    await pass(2 * DAY - HOUR)
    expect(await latchkey.flows.get(other.flowId)).toMatchObject({ type: 'form' })
    await pass(HOUR)
    expect(await latchkey.flows.get(other.flowId)).toMatchObject({ reason: 'flow_expired' })
    const logged = log.lines.length
    for (let count = 0; count < 10; count++) await pass(10_000)
    // Each row is reported once.
    expect(log.lines.length).toBe(logged)
  })

  it('can be cancelled by two processes at once', async () => {
    const { latchkey, open, again } = await damagedHost(make())
    const flowId = await open('reauth')
    const other = await again()
    const ends = await Promise.all([latchkey.flows.cancel(flowId), other.latchkey.flows.cancel(flowId)])
    expect(ends).toMatchObject([{ reason: 'cancelled' }, { reason: 'cancelled' }])
  })
})

describe.each(stores.attempts)('damaged attempts (%s)', (_, make) => {
  it('lock no user out, and count from then on', async () => {
    const { latchkey, attempts, entryId } = await damagedHost(make())
    let form = asForm(await latchkey.entries.requestReauth(entryId))
    form = asForm(await latchkey.flows.submit(form.flowId, { token: 'bad' }, form))
    await attempts(`entry:${entryId}`)
    for (let time = 0; time < 5; time++) {
      form = asForm(await latchkey.flows.submit(form.flowId, { token: 'bad' }, form))
      expect(form.errors.base?.code).toBe('invalid_auth')
    }
    form = asForm(await latchkey.flows.submit(form.flowId, { token: 'bad' }, form))
    expect(form.errors.base?.code).toBe('rate_limited')
    await atRest()
    await latchkey.stop()
  })
})

describe('a row that cannot be read', () => {
  const unreadable = (kind: 'entry' | 'flow', id: string) => async () => {
    throw new UnreadableRecordError(kind, id)
  }
  const broken = async () => {
    throw new StoreError('The connection broke.')
  }

  it('is not found if it was removed since', async () => {
    const store = new TamperedStore()
    const { latchkey } = await makeHost({ store })
    store.getFlow = unreadable('flow', 'gone')
    await expect(latchkey.flows.cancel('gone')).rejects.toMatchObject({ code: 'UNKNOWN_FLOW' })
    store.getEntry = unreadable('entry', 'gone')
    await expect(latchkey.entries.remove('gone')).rejects.toMatchObject({ code: 'UNKNOWN_ENTRY' })
  })

  it('stays as it is while the store cannot be written or read', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const form = await openForm(host.latchkey)
    store.onFlow = (flow) => ({ ...structuredClone(flow), machine: 'config-flow@9' })
    store.onApply = broken
    await expect(host.latchkey.flows.cancel(form.flowId)).rejects.toMatchObject({ code: 'STORE' })
    store.onEntry = broken
    await expect(host.latchkey.attention.get(entryId)).rejects.toMatchObject({ code: 'STORE' })
    await expect(host.latchkey.entries.remove(entryId)).rejects.toMatchObject({ code: 'STORE' })
    const tampered = new TamperedStore()
    Object.defineProperty(tampered, 'leases', { value: { ...tampered.leases, beginWork: broken } })
    const other = await host.again({ store: tampered })
    const another = await openForm(other.latchkey)
    const submit = other.latchkey.flows.submit(another.flowId, { host: 'h', token: 'x' }, another)
    await expect(submit).rejects.toMatchObject({ code: 'STORE' })
  })

  it('keeps the idempotency key of a flow, and is purged also if only its result is damaged', async () => {
    const host = await makeHost()
    const by = { idempotencyKey: 'once' }
    const { flowId } = await host.latchkey.flows.start({ domain: 'scripted', source: 'user' }, by)
    const damage = async () => {
      const record = await host.store.getFlow('default', flowId)
      const revision = record?.revision ?? 0
      const next = { ...structuredClone(record), machine: 'config-flow@9', revision: revision + 1 } as never
      await host.store.apply('default', [{ put: 'flow', record: next, ifRevision: revision }])
    }
    await damage()
    await host.latchkey.flows.cancel(flowId)
    const again = await host.latchkey.flows.start({ domain: 'scripted', source: 'user' }, by)
    expect(again).toMatchObject({ flowId, reason: 'cancelled' })
    await damage()
    await host.latchkey.start()
    await host.pass(DAY)
    await host.pass(DAY)
    await expect(host.latchkey.flows.get(flowId)).rejects.toMatchObject({ code: 'UNKNOWN_FLOW' })
    await host.latchkey.stop()
  })

  it('makes room for a new discovery of its account after it has expired', async () => {
    const host = await makeHost()
    const discovery = { uniqueId: 'bob', values: { host: 'h' } }
    const announce = () => host.latchkey.flows.start({ domain: 'scripted', source: 'discovery', discovery })
    const { flowId } = await announce()
    const record = await host.store.getFlow('default', flowId)
    const next = { ...structuredClone(record), machine: 'config-flow@9', revision: 2 } as never
    await host.store.apply('default', [{ put: 'flow', record: next, ifRevision: 1 }])
    host.clock.increment(DAY)
    expect(await announce()).toMatchObject({ type: 'form' })
    expect(await host.latchkey.flows.get(flowId)).toMatchObject({ reason: 'flow_expired' })
  })
})
