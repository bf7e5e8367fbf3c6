import { describe, expect, it } from '@jest/globals'
import { containedTelemetry } from '../../../src/engine/lib/contained-telemetry.ts'
import type { Telemetry } from '../../../src/ports/telemetry.ts'

const measurement = { type: 'commit', size: 1 } as const

/** A telemetry with one broken method. */
const broken = (methods: Partial<Telemetry>): Telemetry =>
  containedTelemetry({ measure: () => {}, span: (_name, _labels, work) => work(), ...methods })

const fails = (): never => {
  throw new Error('The exporter has failed.')
}

describe('containedTelemetry', () => {
  it('drops the errors of a measurement, thrown and rejected', async () => {
    broken({ measure: fails }).measure(measurement)
    broken({ measure: async () => fails() }).measure(measurement)
    await new Promise((resolve) => setImmediate(resolve))
  })

  it.each([
    ['throws', fails],
    ['rejects', async () => fails()],
    ['never ends', () => new Promise<never>(() => {})],
    [
      'throws after the work has begun',
      (_name: unknown, _labels: unknown, work: () => Promise<unknown>) => {
        void work()
        return fails()
      },
    ],
    [
      'calls the work twice',
      async (_name: unknown, _labels: unknown, work: () => Promise<unknown>) => {
        await work()
        return work() as Promise<never>
      },
    ],
  ])('does the work once if a span %s', async (_case, span) => {
    let calls = 0
    const telemetry = broken({ span: span as Telemetry['span'] })
    const work = async () => ++calls
    expect(await telemetry.span('task', {}, work)).toBe(1)
    await new Promise((resolve) => setImmediate(resolve))
    expect(calls).toBe(1)
  })

  it('returns the error of the work', async () => {
    const failing = broken({}).span('task', {}, async () => fails())
    await expect(failing).rejects.toThrow('The exporter has failed.')
  })
})
