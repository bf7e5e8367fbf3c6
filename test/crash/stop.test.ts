import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey, type Latchkey, type Store } from '../../src/index.ts'
import { type ScriptedService, SimulatedClock } from '../../src/testing/index.ts'
import { CrashPlace } from './crash-place.ts'
import { FarHost, killFarHosts } from './far-host.ts'
import { logins, mendedService, rotate } from './mended-service.ts'
import { until } from './until.ts'

const MINUTE = 60_000
/** The time until the lease of a killed process has lapsed, at most, in milliseconds. */
const LEASE = 15_000
const code = { code: '123456' }
const place = new CrashPlace()
beforeAll(() => place.prepare())
afterEach(killFarHosts)
afterAll(() => place.clear())

interface Host {
  readonly latchkey: Latchkey
  readonly service: ScriptedService
  readonly store: Store
  readonly clock: SimulatedClock
}

async function openHost(path: string, token?: string, clock = clockNow()): Promise<Host> {
  const service = mendedService(token)
  const store = sqliteStore(path)
  const latchkey = await createLatchkey({ integrations: [service.integration], store, clock })
  return { latchkey, service, store, clock }
}

function clockNow(): SimulatedClock {
  const clock = new SimulatedClock()
  clock.set(Date.now())
  return clock
}

const user = { domain: 'scripted', source: 'user' } as const

describe('stop', () => {
  it('calls back a setup that hangs, and the next start sets it up', async () => {
    const path = place.copy('linked')
    const { latchkey, service } = await openHost(path)
    service.script({ hangs: true })
    const started = latchkey.start()
    await until(() => service.connects.length === 1)
    await latchkey.stop()
    await started
    expect(service.open).toBe(0)
    await expect(latchkey.entries.list()).rejects.toMatchObject({ code: 'STOPPED' })

    const again = await openHost(path)
    await again.latchkey.start()
    expect(await again.latchkey.entries.list()).toMatchObject({ items: [{ state: 'loaded' }] })
    await again.latchkey.stop()
    expect(again.service.open).toBe(0)
  })

  it('calls back a submit that hangs; its flow waits at its form, and is finished after a restart', async () => {
    const path = place.copy('empty')
    const { latchkey, service } = await openHost(path)
    await latchkey.start()
    const form = await latchkey.flows.start(user)
    service.script({ hangs: true })
    const submitted = latchkey.flows.submit(form.flowId, logins.old, form)
    submitted.catch(() => {})
    await until(() => service.connects.length === 1)
    await latchkey.stop()
    await expect(submitted).rejects.toMatchObject({ code: 'STOPPED' })
    expect(service.open).toBe(0)

    const again = await openHost(path)
    await again.latchkey.start()
    expect(await again.latchkey.flows.list()).toMatchObject({ items: [form] })
    // What was typed is not submitted again by itself.
    expect(again.service.connects).toEqual([])
    const end = await again.latchkey.flows.submit(form.flowId, logins.old, form)
    expect(end).toMatchObject({ type: 'create_entry' })
    await again.latchkey.stop()
    expect(again.service.open).toBe(0)
  })

  it('leaves no connection that arrives after it, whether a setup or a submit had asked for it', async () => {
    const { latchkey, service } = await openHost(place.copy('linked'))
    service.script({ held: { connect: 'account' } }, { held: { connect: 'another' } })
    const started = latchkey.start()
    await until(() => service.connects.length === 1)
    const form = await latchkey.flows.start(user)
    const submitted = latchkey.flows.submit(form.flowId, logins.old, form)
    submitted.catch(() => {})
    await until(() => service.connects.length === 2)
    await latchkey.stop()
    await Promise.allSettled([started, submitted])
    service.release()
    await until(() => service.disposed === 2)
    expect(service.open).toBe(0)
  })

  it('lets the calls in flight end before their connection is closed, and waits for them ten seconds', async () => {
    const { latchkey, service, clock } = await openHost(place.copy('linked'))
    await latchkey.start()
    const entryId = (await latchkey.entries.list()).items[0]?.entryId ?? ''
    const { promise, resolve } = Promise.withResolvers<string>()
    const call = latchkey.entries.use(service.integration, entryId, () => promise)
    const stuck = latchkey.entries.use(service.integration, entryId, () => new Promise<string>(() => {}))
    stuck.catch(() => {})
    await until(() => service.connects.length === 1)
    const stopped = latchkey.stop()
    resolve('done')
    expect(await call).toBe('done')
    expect(service.open).toBe(1)
    clock.increment(10_000)
    await stopped
    expect(service.open).toBe(0)
  })

  it.each([
    ['an entry waits for its next try', ['cannot_connect'], 'load'],
    ['a setup hangs', [{ hangs: true }], 'load'],
    ['a call waits for a user', [], 'wait'],
    ['a submit hangs', [{ hangs: true }], 'submit'],
    ['a form is open and an entry is loaded', [], 'start'],
  ] as const)('lets its process end while %s', async (_title, script, call) => {
    const host = await FarHost.open(place.copy('linked'))
    if (call !== 'load') await host.call('load')
    await host.call('accept', [logins.old.token], ...script)
    const [entry] = await host.call('list')
    const entryId = entry?.entryId ?? ''
    const pending: Promise<unknown>[] = []
    if (call === 'load') pending.push(host.call('load'))
    if (call === 'wait') {
      await host.call('accept', [])
      await host.call('fail', entryId, 1)
      pending.push(host.call('wait', entryId, 1))
    }
    if (call === 'submit' || call === 'start') {
      const form = await host.call('start', 'reauth', entryId)
      if (call === 'submit') pending.push(host.call('submit', form.flowId, logins.fresh, form.revision))
    }
    for (const one of pending) one.catch(() => {})
    await host.call('list')
    await host.stop()
  })
})

describe('a process that is killed', () => {
  it('while a submit hangs finds its flow at its form after its lease, and the entry as it was', async () => {
    const path = place.copy('linked')
    const host = await FarHost.open(path)
    await host.call('load')
    await host.call('accept', [logins.fresh.token], { hangs: true })
    const entryId = (await host.call('list'))[0]?.entryId ?? ''
    const form = await host.call('start', 'reauth', entryId)
    await host.call('tokens')
    host.call('submit', form.flowId, logins.fresh, form.revision).catch(() => {})
    await until(async () => (await host.call('tokens')).length === 1)
    await host.kill()

    const { latchkey, service, clock } = await openHost(path)
    await latchkey.start()
    rotate(service, logins.fresh.token)
    const progress = { type: 'progress', step: 'working', flowId: form.flowId, revision: form.revision }
    expect(await latchkey.flows.get(form.flowId)).toMatchObject(progress)
    // Another process cannot know that the dead one does not log in now. So it does not do so, either.
    expect(await latchkey.flows.submit(form.flowId, logins.fresh, form)).toMatchObject(progress)
    expect(service.connects).toMatchObject([logins.old])
    clock.increment(LEASE)
    expect(await latchkey.flows.get(form.flowId)).toEqual(form)
    expect(service.connects).toMatchObject([logins.old])
    const end = await latchkey.flows.submit(form.flowId, logins.fresh, form)
    expect(end).toMatchObject({ reason: 'reauth_successful', entryState: 'loaded' })
    await latchkey.stop()
    expect(service.open).toBe(0)
  })

  it.each(['user', 'reauth'] as const)(
    'in the challenge of a %s shows it again, and continues with the earlier input',
    async (source) => {
      const path = place.copy(source === 'user' ? 'empty' : 'linked')
      const { flowId, revision } = await killedInChallenge(path, source)

      const { latchkey, service, store } = await openHost(path, logins.fresh.token)
      const shown = await latchkey.flows.get(flowId)
      expect(shown).toMatchObject({ type: 'form', step: 'challenge', challenge: 'otp', revision, values: {} })
      expect(await store.getFlow('default', flowId)).toMatchObject({ sealedDraft: expect.any(String) })
      service.script('invalid_auth')
      const again = await latchkey.flows.submit(flowId, { code: '000000' }, shown)
      expect(again).toMatchObject({ step: 'challenge', errors: { base: { code: 'invalid_auth' } } })
      const end = await latchkey.flows.submit(flowId, code, again)
      expect(end).toMatchObject({ success: true })
      expect(service.connects).toEqual([
        { ...logins.fresh, code: '000000' },
        { ...logins.fresh, code: '123456' },
      ])
      expect(await store.getFlow('default', flowId)).toMatchObject({ sealedDraft: null })
      await latchkey.stop()
      expect(service.open).toBe(0)
    },
  )
})

describe('what was typed before a challenge', () => {
  const atChallenge = async (path: string) => {
    const host = await openHost(path)
    await host.latchkey.start()
    host.service.script({ challenge: 'otp' })
    const form = await host.latchkey.flows.start(user)
    const view = await host.latchkey.flows.submit(form.flowId, logins.old, form)
    expect(view).toMatchObject({ step: 'challenge' })
    return { ...host, view, path }
  }
  const sealed = async (store: Store, flowId: string) => (await store.getFlow('default', flowId))?.sealedDraft
  const first = { type: 'form', step: 'user', errors: { base: { code: 'expired' } } }

  it('is wiped after ten minutes, and not before', async () => {
    const { latchkey, store, clock, service, view } = await atChallenge(place.copy('empty'))
    for (let turns = 0; turns < 59; turns++) await pass(clock, 10_000)
    expect(await sealed(store, view.flowId)).toEqual(expect.any(String))
    expect(await latchkey.flows.get(view.flowId)).toEqual(view)
    await pass(clock, 10_000)
    await pass(clock, 10_000)
    expect(await sealed(store, view.flowId)).toBeNull()
    expect(await latchkey.flows.get(view.flowId)).toMatchObject(first)
    expect(service.connects).toHaveLength(1)
    await latchkey.stop()
  })

  it('is not used after ten minutes, though nothing has swept', async () => {
    const { latchkey, store, clock, service, view, path } = await atChallenge(place.copy('empty'))
    const late = 10 * MINUTE
    await latchkey.stop()
    const after = new SimulatedClock()
    after.set(clock.now() + late)
    const again = await openHost(path, logins.old.token, after)
    const submitted = again.latchkey.flows.submit(view.flowId, code, view)
    await expect(submitted).rejects.toMatchObject({ code: 'STALE_REVISION', view: first })
    expect(await sealed(again.store, view.flowId)).toBeNull()
    expect([...service.connects, ...again.service.connects]).toHaveLength(1)
    await again.latchkey.stop()
    await store.close()
  })

  it('is wiped by the process that comes after one that was killed', async () => {
    const path = place.copy('empty')
    const { flowId } = await killedInChallenge(path, 'user')
    const clock = new SimulatedClock()
    clock.set(Date.now() + 11 * MINUTE)
    const { latchkey, store } = await openHost(path, logins.fresh.token, clock)
    expect(await sealed(store, flowId)).toEqual(expect.any(String))
    await latchkey.start()
    await pass(clock, 10_000)
    expect(await sealed(store, flowId)).toBeNull()
    expect(await latchkey.flows.get(flowId)).toMatchObject(first)
    await latchkey.stop()
  })
})

/** A process that was killed while its flow waited for a code. */
async function killedInChallenge(path: string, source: 'user' | 'reauth') {
  const host = await FarHost.open(path)
  await host.call('load')
  await host.call('accept', [logins.fresh.token], { challenge: 'otp', state: { session: 'abc' } })
  const entryId = (await host.call('list'))[0]?.entryId ?? ''
  const form = await host.call('start', source, entryId)
  const view = await host.call('submit', form.flowId, logins.fresh, form.revision)
  expect(view).toMatchObject({ type: 'form', step: 'challenge' })
  await host.kill()
  return view
}

/** Lets time go by, and what falls due be done. */
async function pass(clock: SimulatedClock, milliseconds: number): Promise<void> {
  clock.increment(milliseconds)
  for (let invocation = 0; invocation < 20; invocation++)
    await new Promise((resolve) => setImmediate(resolve))
}
