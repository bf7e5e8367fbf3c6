import { describe, expect, it } from '@jest/globals'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { StoreError } from '../../../src/errors.ts'
import { addEntry, afterLeases, asForm, atRest, loseCredential, makeHost, openForm } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Waits for what comes by itself; the time that a test may take is its end. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  do await atRest()
  while (!(await holds()))
}

describe('the task settle_due', () => {
  it('expires a user flow after half an hour without a touch, and tells listeners', async () => {
    const host = await makeHost()
    await host.latchkey.start()
    const told: unknown[] = []
    host.latchkey.on('flow_finished', (event) => told.push(event))
    const form = await openForm(host.latchkey)
    await host.pass(20 * MINUTE)
    const touched = asForm(await host.latchkey.flows.submit(form.flowId, {}, { revision: form.revision }))
    await host.pass(20 * MINUTE)
    expect(await host.latchkey.flows.get(form.flowId)).toEqual(touched)
    await host.pass(10 * MINUTE)
    expect(await host.latchkey.flows.get(form.flowId)).toMatchObject({
      type: 'abort',
      reason: 'flow_expired',
      text: 'This form has expired. Start again.',
      success: false,
    })
    expect(told).toEqual([
      {
        scope: 'default',
        flowId: form.flowId,
        domain: 'scripted',
        source: 'user',
        entryId: null,
        type: 'abort',
        reason: 'flow_expired',
        success: false,
      },
    ])
  })

  it('is not waited for: a flow past its time is refused at its submit', async () => {
    const host = await makeHost()
    const { flowId, revision } = await openForm(host.latchkey)
    await host.pass(30 * MINUTE)
    await expect(host.latchkey.flows.submit(flowId, {}, { revision })).rejects.toMatchObject({
      code: 'FLOW_ENDED',
      view: { reason: 'flow_expired' },
    })
  })

  it('keeps a reauth while its entry needs it, and expires one without a need', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await host.latchkey.start()
    const idle = await host.latchkey.flows.start({ source: 'reauth', entryId })
    await host.pass(31 * MINUTE)
    expect(await host.latchkey.flows.get(idle.flowId)).toMatchObject({ reason: 'flow_expired' })
    const needed = await loseCredential(host, entryId)
    for (let day = 0; day < 30; day++) await host.pass(24 * HOUR)
    expect(await host.latchkey.flows.get(needed.flowId)).toEqual(needed)
  })

  it('keeps the result of a flow for a day, without input, and then purges it', async () => {
    const host = await makeHost()
    await host.latchkey.start()
    const { flowId, revision } = await openForm(host.latchkey)
    await host.latchkey.flows.submit(flowId, { host: 'typed', token: 'x' }, { revision })
    const end = await host.latchkey.flows.cancel(flowId)
    const stored = await host.store.getFlow('default', flowId)
    expect(JSON.stringify(stored)).not.toContain('typed')
    expect(stored?.context).toEqual({ reason: 'cancelled', success: false })
    await host.pass(23 * HOUR)
    expect(await host.latchkey.flows.get(flowId)).toEqual(end)
    await host.pass(HOUR + 10_000)
    await expect(host.latchkey.flows.get(flowId)).rejects.toMatchObject({ code: 'UNKNOWN_FLOW' })
    expect(await host.store.getFlow('default', flowId)).toBeUndefined()
  })

  it('deletes the input before a challenge after ten minutes', async () => {
    const host = await makeHost()
    await host.latchkey.start()
    host.service.script({ challenge: 'otp' })
    const { flowId, revision } = await openForm(host.latchkey)
    await host.latchkey.flows.submit(flowId, { host: 'h', token: 'typed' }, { revision })
    expect((await host.store.getFlow('default', flowId))?.sealedDraft).toContain('typed')
    await host.pass(10 * MINUTE)
    expect((await host.store.getFlow('default', flowId))?.sealedDraft).toBeNull()
    expect(await host.latchkey.flows.get(flowId)).toMatchObject({
      step: 'user',
      errors: { base: { code: 'expired' } },
    })
  })

  it('purges budgets that hold nothing back any more', async () => {
    const host = await makeHost()
    await host.latchkey.start()
    const { flowId, revision } = await openForm(host.latchkey)
    await host.latchkey.flows.submit(flowId, { host: 'h', token: 'bad' }, { revision })
    expect(await host.store.getAttempts('default', 'domain:scripted')).toBeDefined()
    await host.pass(15 * MINUTE)
    expect(await host.store.getAttempts('default', 'domain:scripted')).toBeUndefined()
  })

  it('does not expire a flow during its check', async () => {
    const host = await makeHost({ limits: { flowIdle: 15_000 } })
    await host.latchkey.start()
    host.service.script({ held: 'invalid_auth' })
    const { flowId, revision } = await openForm(host.latchkey)
    const submit = host.latchkey.flows.submit(flowId, { host: 'h', token: 'x' }, { revision })
    await until(async () => host.service.connects.length === 1)
    await host.pass(10_000)
    await host.pass(10_000)
    expect(await host.latchkey.flows.get(flowId)).toMatchObject({ type: 'progress' })
    host.service.release()
    expect(await submit).toMatchObject({ type: 'form', errors: { base: { code: 'invalid_auth' } } })
  })

  it('does not wait for a check whose lease could not be renewed', async () => {
    const store = memoryStore()
    const host = await makeHost({ store, limits: { flowIdle: 5_000 } })
    await host.latchkey.start()
    const renew = async () => {
      throw new StoreError('The connection broke.')
    }
    Object.assign(store, { leases: { ...store.leases, renew } })
    await host.pass(2_000)
    host.service.script({ held: 'invalid_auth' })
    const { flowId, revision } = await openForm(host.latchkey)
    const submit = host.latchkey.flows.submit(flowId, { host: 'h', token: 'x' }, { revision })
    await until(async () => host.service.connects.length === 1)
    await host.pass(8_000)
    await host.pass(10_000)
    const idle = await openForm(host.latchkey)
    await host.pass(10_000)
    expect((await store.getFlow('default', idle.flowId))?.open).toBe(false)
    await host.pass(10_000)
    expect(await submit).toMatchObject({ type: 'form', errors: { base: { code: 'timeout' } } })
  })

  it('counts the sign-in of a process that was killed during a setup as refused', async () => {
    const host = await makeHost()
    host.service.script({ held: 'invalid_auth' })
    const { flowId, revision } = await openForm(host.latchkey)
    void host.latchkey.flows.submit(flowId, { host: 'h', token: 'x' }, { revision })
    await until(async () => host.service.connects.length === 1)
    const other = await afterLeases(host)
    await other.latchkey.start()
    await other.pass(10_000)
    const counted = await other.store.getAttempts('default', 'domain:scripted')
    expect(counted?.failures).toMatchObject([{ code: 'invalid_auth' }])
  })

  it('leaves to another process what that was quicker to do', async () => {
    const store = new TamperedStore()
    const one = await makeHost({ store })
    const two = await one.again({ store: store.inner })
    await one.latchkey.start()
    const { flowId, revision } = await openForm(one.latchkey)
    await one.latchkey.flows.submit(flowId, { host: 'h', token: 'bad' }, { revision })
    store.onApply = async (apply) => {
      store.onApply = (next) => next()
      const attempts = await store.getAttempts('default', 'domain:scripted')
      if (attempts === undefined) throw new Error('A failure is counted.')
      const removal = { remove: 'attempts', id: 'domain:scripted', ifRevision: attempts.revision } as const
      await store.inner.apply('default', [removal])
      await apply()
    }
    await one.pass(15 * MINUTE)
    store.onApply = async (apply) => {
      store.onApply = (next) => next()
      await two.latchkey.flows.cancel(flowId)
      await apply()
    }
    await one.pass(15 * MINUTE)
    expect(await one.latchkey.flows.get(flowId)).toMatchObject({ type: 'abort' })
    expect(one.log.lines).toEqual([])
  })

  it('skips rows that have changed since they were read', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    await host.latchkey.start()
    const purged = await openForm(host.latchkey)
    const { flowId, revision } = await openForm(host.latchkey)
    await host.latchkey.flows.submit(flowId, { host: 'h', token: 'bad' }, { revision })
    const needed = await host.latchkey.entries.requestReauth(await addEntry(host))
    const due = store.inner.due.bind(store.inner)
    store.inner.due = async (now, limit) => [
      ...(await due(now, limit)),
      { scope: 'default', kind: 'flow', id: needed.flowId },
      { scope: 'default', kind: 'flow', id: purged.flowId },
      { scope: 'default', kind: 'flow', id: 'gone' },
      { scope: 'default', kind: 'attempts', id: 'gone' },
      { scope: 'default', kind: 'attempts', id: 'domain:scripted' },
      { scope: 'default', kind: 'reservation', id: 'domain:scripted' },
    ]
    const { writes } = store
    await host.pass(10_000)
    expect(store.writes).toBe(writes)
    expect(await host.latchkey.flows.get(purged.flowId)).toEqual(purged)
    expect(await host.latchkey.flows.get(needed.flowId)).toEqual(needed)
    expect(host.log.lines).toEqual([])
  })

  it('logs a failure, processes the other rows, and retries', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    await host.latchkey.start()
    const [one, two] = [await openForm(host.latchkey), await openForm(host.latchkey)]
    store.onFlow = (flow) => {
      if (flow.flowId === one.flowId) throw new StoreError('The connection broke.')
      return flow
    }
    await host.pass(30 * MINUTE)
    expect(await host.latchkey.flows.get(two.flowId)).toMatchObject({ reason: 'flow_expired' })
    expect(host.log.lines[0]).toMatchObject({
      level: 'warn',
      message: 'A due row could not be processed.',
      fields: { scope: 'default', flowId: one.flowId, error: { name: 'StoreError' } },
    })
    await host.pass(10_000)
    expect(host.log.lines).toHaveLength(1)
    store.onFlow = (flow) => flow
    await host.pass(10_000)
    expect(await host.latchkey.flows.get(one.flowId)).toMatchObject({ reason: 'flow_expired' })
  })

  it('logs the failure of a row again after it could be processed', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    await host.latchkey.start()
    const { flowId } = await openForm(host.latchkey)
    const breaks = () => {
      throw new StoreError('The connection broke.')
    }
    store.onFlow = breaks
    await host.pass(30 * MINUTE)
    store.onFlow = (flow) => flow
    await host.pass(10_000)
    await host.pass(10_000)
    expect(host.log.messages).toEqual(['A due row could not be processed.'])
    // The result of the flow is due a day later.
    store.onFlow = breaks
    await host.pass(24 * HOUR)
    expect(host.log.lines).toMatchObject([{ fields: { flowId } }, { fields: { flowId } }])
  })

  it('measures how long the oldest row has waited', async () => {
    const ages: unknown[] = []
    const spans: unknown[] = []
    const host = await makeHost({
      telemetry: {
        measure: (measurement) => measurement.type === 'queue_age' && ages.push(measurement),
        span: (_name, labels, work) => {
          spans.push(labels.task)
          return work()
        },
      },
    })
    await host.latchkey.start()
    await openForm(host.latchkey)
    await host.pass(10_000)
    expect(ages).toEqual([])
    await host.pass(30 * MINUTE)
    expect(ages).toEqual([{ type: 'queue_age', task: 'settle_due', ms: 10_000 }])
    expect(spans).toContain('settle_due')
  })

  it('processes rows at the same time, but not all of them', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    await host.latchkey.start()
    for (let count = 0; count < 100; count++) await openForm(host.latchkey)
    let most = 0
    let under = 0
    store.onApply = async (apply) => {
      most = Math.max(most, ++under)
      await new Promise((resolve) => setImmediate(resolve))
      await apply()
      under--
    }
    await host.pass(30 * MINUTE)
    await until(async () => (await store.due(host.clock.now(), 1)).length === 0)
    expect(most).toBe(32)
  })

  it('logs that the store cannot be read, and retries', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    await host.latchkey.start()
    const { flowId } = await openForm(host.latchkey)
    store.onDue = async () => {
      throw new StoreError('The connection broke.')
    }
    await host.pass(30 * MINUTE)
    expect(host.log.lines).toMatchObject([
      {
        level: 'error',
        message: 'A task failed.',
        fields: { task: 'settle_due', error: { code: 'STORE' } },
      },
    ])
    store.onDue = async () => {}
    await host.pass(10_000)
    expect(await host.latchkey.flows.get(flowId)).toMatchObject({ reason: 'flow_expired' })
  })

  it('ends with the host: it awaits work in progress, and starts nothing', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    await host.latchkey.start()
    const { flowId } = await openForm(host.latchkey)
    let go: () => void = () => {}
    store.onDue = () => new Promise((resolve) => (go = resolve))
    await host.pass(30 * MINUTE)
    const stopped = host.latchkey.stop()
    await atRest()
    expect(store.closed).toBe(0)
    go()
    await stopped
    expect(store.closed).toBe(1)
    expect(await store.getFlow('default', flowId)).toMatchObject({ open: false })
    let asked = false
    store.onDue = async () => {
      asked = true
    }
    await host.pass(HOUR)
    expect(asked).toBe(false)
  })
})
