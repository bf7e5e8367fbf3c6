import { describe, expect, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import { memoryStore } from '../../src/adapters/memory/memory-store.ts'
import { createLatchkey } from '../../src/engine/create-latchkey.ts'
import { ScriptedService } from '../../src/testing/scripted-service.ts'
import { addEntry, asForm, atRest, type Host, makeHost, openForm } from './host.ts'
import { linked } from './linked-token.ts'
import { LIFE } from './token-service.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const YEAR = 365 * DAY
const NOW = 1_000_000

/** A process whose clock shows a time. */
function at(host: Host, time: number): Promise<Host> {
  const clock = new SimulatedClock()
  clock.set(time)
  return host.again({ clock })
}

/** A process that died with the lease while its clock was ahead. */
async function leftLease(ahead: number) {
  const before = await linked()
  before.clock.set(NOW + ahead)
  before.service.before = () => new Promise(() => {})
  void before.use()
  await atRest()
  expect(before.service.renewals).toHaveLength(1)
  before.clock.increment = () => {}
  before.service.before = () => undefined
  before.service.good = 'renewal-1'
  return before
}

/** A clock that can be set back while its timers run on. */
function wallClock(time: number) {
  const timers = new SimulatedClock()
  let offset = time
  const clock = {
    now: () => timers.now() + offset,
    setTimeout: (run: () => void, milliseconds: number) => timers.setTimeout(run, milliseconds),
    clearTimeout: (timer: unknown) => timers.clearTimeout(timer as number),
    increment: (milliseconds: number) => timers.increment(milliseconds),
  }
  return {
    clock,
    setBack: (milliseconds: number) => {
      offset -= milliseconds
    },
  }
}

describe('after a clock was ahead and is right again', () => {
  it.each([10 * MINUTE, DAY, YEAR])('start() does not wait for a lease from %s ms ahead', async (ahead) => {
    const { host, entryId } = await leftLease(LIFE + ahead)
    const right = await at(host, NOW + LIFE)
    let isStarted = false
    const started = right.latchkey.start().then(() => {
      isStarted = true
    })
    await atRest()
    expect(isStarted).toBe(true)
    await started
    expect((await right.latchkey.entries.get(entryId)).state).toBe('loaded')
  })

  it('a lease that a process may hold delays only its entry', async () => {
    const { host, service, store, entry, entryId } = await leftLease(LIFE)
    for (let copy = 0; copy < 40; copy++) {
      const { uniqueId: _, ...rest } = await entry()
      const record = { ...rest, uniqueId: null, entryId: `copy-${copy}`, revision: 1, title: 'Copy' }
      await store.apply('default', [{ put: 'entry', record, ifRevision: 0 }])
    }
    service.good = null
    const other = await host.again({ integrations: [service.integration, host.service.integration] })
    await addEntry(other)
    await other.latchkey.stop()
    const clock = new SimulatedClock()
    clock.set(NOW + LIFE)
    const right = await other.again({ clock })
    const started = right.latchkey.start()
    await atRest()
    const states = (await right.latchkey.entries.list()).items.map(({ domain, state }) => [domain, state])
    expect(states).toContainEqual(['scripted', 'loaded'])
    expect((await right.latchkey.entries.get(entryId)).state).toBe('setup_in_progress')
    for (let wait = 0; wait < 30; wait++) {
      clock.increment(1_000)
      await atRest()
    }
    await started
  })

  it('refused logins of that time do not delay the right credential', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    for (const ahead of [MINUTE, DAY, YEAR]) {
      const wrong = await at(host, NOW + ahead)
      let view = asForm(await wrong.latchkey.entries.requestReauth(entryId))
      for (let time = 0; time < 6; time++)
        view = asForm(await wrong.latchkey.flows.submit(view.flowId, { token: 'bad' }, view))
      expect(view.errors.base?.code).toBe('rate_limited')
      const right = await at(host, NOW)
      const form = asForm(await right.latchkey.entries.requestReauth(entryId))
      expect(form.errors.base).toMatchObject({ retryAfter: 0 })
      const end = await right.latchkey.flows.submit(form.flowId, { token: 'good' }, form)
      expect(end).toMatchObject({ reason: 'reauth_successful' })
    }
  })

  it('refused logins of today still count, and the next count drops the others', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const wrong = await at(host, NOW + YEAR)
    let view = asForm(await wrong.latchkey.entries.requestReauth(entryId))
    for (let time = 0; time < 3; time++)
      view = asForm(await wrong.latchkey.flows.submit(view.flowId, { token: 'bad' }, view))
    for (let time = 0; time < 5; time++) {
      view = asForm(await host.latchkey.flows.submit(view.flowId, { token: 'bad' }, view))
      expect(view.errors.base?.code).toBe('invalid_auth')
    }
    view = asForm(await host.latchkey.flows.submit(view.flowId, { token: 'bad' }, view))
    expect(view.errors.base).toMatchObject({ code: 'rate_limited', retryAfter: 900 })
    const attempts = await host.store.getAttempts('default', `entry:${entryId}`)
    expect(attempts?.failures).toHaveLength(5)
  })

  it('a service’s demand to wait does not delay an attempt for a year', async () => {
    const host = await makeHost()
    const wrong = await at(host, NOW + YEAR)
    host.service.accounts.set('good', 'ann')
    host.service.script({ rateLimited: 3_600 })
    const form = await openForm(wrong.latchkey)
    await wrong.latchkey.flows.submit(form.flowId, { host: 'h', token: 'good' }, form)
    const right = await at(host, NOW)
    const again = await openForm(right.latchkey)
    const end = await right.latchkey.flows.submit(again.flowId, { host: 'h', token: 'good' }, again)
    expect(end.type).toBe('create_entry')
  })

  it('a process that went on running retries a device at once, and runs its tasks', async () => {
    const { clock, setBack } = wallClock(NOW + YEAR)
    const service = new ScriptedService()
    const latchkey = await createLatchkey({
      integrations: [service.integration],
      store: memoryStore(),
      clock,
      limits: { history: DAY },
    })
    const entryId = await addEntry({ latchkey, service })
    const discovery = { uniqueId: 'ann', values: { host: 'h' } }
    const retried = async () => {
      service.script('cannot_connect', 'cannot_connect')
      await latchkey.entries.reload(entryId)
      const logins = service.connects.length
      await latchkey.flows.start({ domain: 'scripted', source: 'discovery', discovery })
      await atRest()
      return service.connects.length - logins
    }
    await latchkey.start()
    expect(await retried()).toBe(1)
    setBack(YEAR)
    expect(await retried()).toBe(1)
    clock.increment(10_000)
    await atRest()
    // The tasks go on.
    expect((await latchkey.history(entryId)).items).toHaveLength(1)
    await latchkey.stop()
  })

  it('flows and results of that time expire as others do', async () => {
    const host = await makeHost()
    const wrong = await at(host, NOW + YEAR)
    const form = await openForm(wrong.latchkey)
    const ended = await openForm(wrong.latchkey)
    await wrong.latchkey.flows.cancel(ended.flowId)
    await host.latchkey.start()
    await host.pass(10_000)
    const now = host.clock.now()
    const current = asForm(await host.latchkey.flows.get(form.flowId))
    expect(current.expiresAt).toBe(now + 30 * MINUTE)
    await host.pass(31 * MINUTE)
    expect(await host.latchkey.flows.get(form.flowId)).toMatchObject({ reason: 'flow_expired' })
    expect(await host.latchkey.flows.get(ended.flowId)).toMatchObject({ reason: 'cancelled' })
    await host.pass(DAY)
    await expect(host.latchkey.flows.get(ended.flowId)).rejects.toMatchObject({ code: 'UNKNOWN_FLOW' })
  })

  it('an open reauthentication of that time stays open', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.script({ challenge: 'otp' })
    const wrong = await at(host, NOW + YEAR)
    const form = asForm(await wrong.latchkey.entries.requestReauth(entryId))
    expect(await wrong.latchkey.flows.submit(form.flowId, { token: 'good' }, form)).toMatchObject({
      step: 'challenge',
    })
    await host.latchkey.start()
    await host.pass(10_000)
    expect(await host.latchkey.flows.get(form.flowId)).toMatchObject({
      step: 'reauth_confirm',
      expiresAt: null,
    })
  })

  it('an answer to a challenge starts over instead of staying valid for a year', async () => {
    const host = await makeHost()
    host.service.script({ challenge: 'otp' })
    const wrong = await at(host, NOW + YEAR)
    const form = await openForm(wrong.latchkey)
    const asked = await wrong.latchkey.flows.submit(form.flowId, { host: 'h', token: 'good' }, form)
    expect(asked).toMatchObject({ step: 'challenge' })
    const answer = host.latchkey.flows.submit(form.flowId, { code: '1' }, asked)
    await expect(answer).rejects.toMatchObject({ code: 'STALE_REVISION', view: { step: 'user' } })
  })
})
