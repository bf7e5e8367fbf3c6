import { describe, expect, it } from '@jest/globals'
import { CannotConnectError } from '../../src/errors.ts'
import type { Measurement } from '../../src/ports/telemetry.ts'
import { openTelemetry } from '../../src/telemetry/open-telemetry.ts'
import { addEntry, makeHost } from '../engine/host.ts'
import { linked } from '../engine/linked-token.ts'
import { LIFE } from '../engine/token-service.ts'
import { collectTelemetry, everyMeasurement, pointsOf } from './collect-telemetry.ts'

describe('openTelemetry', () => {
  it('has a metric for each measurement, in seconds and with labels', async () => {
    const collected = collectTelemetry()
    for (const measurement of everyMeasurement) collected.telemetry.measure(measurement)
    const hub = { 'latchkey.domain': 'hub' }
    expect(await pointsOf(collected)).toEqual({
      'latchkey.flows.started': [{ ...hub, 'latchkey.source': 'user', value: 1 }],
      'latchkey.flows.finished': [
        {
          ...{ ...hub, 'latchkey.source': 'user', 'latchkey.outcome': 'create_entry' },
          ...{ 'latchkey.success': 'true', value: 1 },
        },
        {
          ...{
            ...hub,
            'latchkey.source': 'reauth',
            'latchkey.outcome': 'abort',
            'latchkey.success': 'false',
          },
          ...{ 'latchkey.reason': 'cancelled', value: 1 },
        },
      ],
      'latchkey.flow.step.duration': [
        { ...hub, 'latchkey.source': 'user', 'latchkey.step': 'user', count: 1, sum: 4 },
      ],
      'latchkey.token.refreshes': [{ ...hub, 'latchkey.outcome': 'refreshed', value: 1 }],
      'latchkey.service.call.duration': [{ ...hub, 'latchkey.outcome': 'succeeded', count: 1, sum: 0.25 }],
      'latchkey.entry.retries': [{ ...hub, 'latchkey.reason': 'cannot_connect', value: 1 }],
      'latchkey.store.commit.size': [{ count: 1, sum: 3 }],
      'latchkey.feed.lag': [{ count: 1, sum: 0.03 }],
      'latchkey.queue.age': [{ 'latchkey.task': 'settle_due', count: 1, sum: 1.5 }],
    })
  })

  it('counts what happens in a host, and the spans of its work', async () => {
    const collected = collectTelemetry()
    const host = await makeHost({ telemetry: collected.telemetry })
    await addEntry(host)
    await host.latchkey.stop()
    const points = await pointsOf(collected)
    expect(points['latchkey.flows.finished']).toMatchObject([
      { 'latchkey.outcome': 'create_entry', value: 1 },
    ])
    expect(collected.spans().map(({ name, attributes }) => [name, attributes])).toEqual([
      ['latchkey.service.call', { 'latchkey.domain': 'scripted' }],
      [
        'latchkey.flow.work',
        { 'latchkey.domain': 'scripted', 'latchkey.source': 'user', 'latchkey.step': 'user' },
      ],
    ])
  })

  it('counts the refreshes of tokens by their outcome', async () => {
    const collected = collectTelemetry()
    const { host, use, service } = await linked({ telemetry: collected.telemetry })
    host.clock.increment(LIFE)
    await use()
    service.before = () => {
      throw new CannotConnectError()
    }
    host.clock.increment(LIFE)
    await use()
    const refreshes = (await pointsOf(collected))['latchkey.token.refreshes']
    expect(refreshes).toEqual([
      { 'latchkey.domain': service.integration.domain, 'latchkey.outcome': 'refreshed', value: 1 },
      { 'latchkey.domain': service.integration.domain, 'latchkey.outcome': 'failed', value: 1 },
    ])
    await host.latchkey.stop()
  })

  it('marks the span of work that fails, without its message, and returns the error', async () => {
    const collected = collectTelemetry()
    const work = collected.telemetry.span('task', { task: 'purge' }, async () => {
      throw new Error('refused token-1')
    })
    await expect(work).rejects.toThrow('refused token-1')
    const [span] = collected.spans()
    expect([span?.name, span?.status, span?.events]).toEqual(['latchkey.task', { code: 2 }, []])
  })

  it('never has more than 200 values of a label, and none that is not a name', async () => {
    const collected = collectTelemetry()
    const started = (domain: string): Measurement => ({ type: 'flow_started', domain, source: 'user' })
    for (let count = 0; count < 300; count++) collected.telemetry.measure(started(`hub_${count}`))
    for (const odd of ['a secret', '', 'ü', 'x'.repeat(65)]) collected.telemetry.measure(started(odd))
    collected.telemetry.measure(started('hub_7'))
    const points = (await pointsOf(collected))['latchkey.flows.started'] as readonly Record<string, unknown>[]
    expect(points).toHaveLength(201)
    expect(points.find((point) => point['latchkey.domain'] === 'other')).toMatchObject({ value: 104 })
    expect(points.find((point) => point['latchkey.domain'] === 'hub_7')).toMatchObject({ value: 2 })
  })

  it('does nothing without an SDK', async () => {
    const telemetry = openTelemetry()
    for (const measurement of everyMeasurement) telemetry.measure(measurement)
    expect(await telemetry.span('task', {}, async () => 1)).toBe(1)
  })
})
