import { describe, expect, it } from '@jest/globals'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import type { Measurement, Telemetry } from '../../../src/ports/telemetry.ts'
import { addEntry, makeHost } from '../host.ts'

/** A telemetry that remembers its measurements. */
function remembering() {
  const measured: Measurement[] = []
  const spans: unknown[] = []
  const telemetry: Telemetry = {
    measure: (measurement) => void measured.push(measurement),
    span: (name, labels, work) => {
      spans.push({ name, ...labels })
      return work()
    },
  }
  return { measured, spans, telemetry }
}

const input = { host: 'hub.local', token: 'token-1' }

describe('the telemetry of a host', () => {
  it('measures a flow from its start to its result, with the time in its step', async () => {
    const { measured, spans, telemetry } = remembering()
    const { latchkey, service, clock } = await makeHost({ telemetry })
    service.accounts.set('token-1', 'account-1')
    const form = await latchkey.flows.start({ domain: 'scripted', source: 'user' })
    clock.increment(4_000)
    await latchkey.flows.submit(form.flowId, input, form)
    const of = { domain: 'scripted', source: 'user' }
    expect(measured).toEqual([
      { type: 'flow_started', ...of },
      { type: 'step_answered', ...of, step: 'user', ms: 4_000 },
      { type: 'service_call', domain: 'scripted', outcome: 'succeeded', ms: 0 },
      { type: 'flow_finished', ...of, outcome: 'create_entry', success: true, reason: null },
    ])
    expect(spans).toEqual([
      { name: 'flow.work', ...of, step: 'user' },
      { name: 'service.call', domain: 'scripted' },
    ])
    await latchkey.stop()
  })

  it('measures the retries of a setup, with the code of the failure', async () => {
    const { measured, telemetry } = remembering()
    const host = await makeHost({ telemetry })
    const { latchkey, service } = host
    service.accounts.set('token-1', 'account-1')
    const form = await latchkey.flows.start({ domain: 'scripted', source: 'user' })
    const { entryId } = await latchkey.flows.submit(form.flowId, input, form)
    service.script('cannot_connect')
    await latchkey.entries.reload(entryId ?? '')
    expect(measured.slice(-2)).toEqual([
      { type: 'service_call', domain: 'scripted', outcome: 'cannot_connect', ms: 0 },
      { type: 'setup_retry', domain: 'scripted', reason: 'cannot_connect' },
    ])
    await latchkey.stop()
  })

  it('measures a retry once, although a call in another process waits for it, too', async () => {
    const { measured, telemetry } = remembering()
    const one = await makeHost({ telemetry, connect: 'lazy' })
    const [two, third] = [await one.again(), await one.again()]
    const entryId = await addEntry(third)
    await third.latchkey.stop()
    const retries = () => measured.filter(({ type }) => type === 'setup_retry')
    one.service.script('cannot_connect')
    for (const { latchkey } of [one, two])
      await expect(
        latchkey.entries.use(one.service.integration, entryId, (client) => client.ping()),
      ).rejects.toMatchObject({ code: 'ENTRY_NOT_LOADED' })
    expect(retries()).toHaveLength(1)
    for (const { latchkey } of [one, two]) await latchkey.stop()
  })

  it('passes on what the store measures, until the engine has stopped', async () => {
    const { measured, telemetry } = remembering()
    const observers = new Set<(measurement: Measurement) => void>()
    const store = Object.assign(memoryStore(), {
      observe(measure: (measurement: Measurement) => void) {
        observers.add(measure)
        return () => observers.delete(measure)
      },
    })
    const { latchkey } = await makeHost({ telemetry, store })
    for (const measure of observers) measure({ type: 'commit', size: 3 })
    expect(measured).toEqual([{ type: 'commit', size: 3 }])
    await latchkey.stop()
    expect(observers.size).toBe(0)
  })
})
