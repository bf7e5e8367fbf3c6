import { describe, expect, it } from '@jest/globals'
import { fromPromise, log, setup } from 'xstate'
import { Driver } from '../../src/engine/driver.ts'
import { ConfigurationError } from '../../src/errors.ts'

const base = setup({
  types: { events: {} as { type: 'go' } | { type: 'other' }, emitted: {} as { type: 'told' } },
  actors: { work: fromPromise<string, { what: string }>(async () => '') },
})
const machine = base.createMachine({
  initial: 'idle',
  states: {
    idle: { on: { go: { target: 'busy', actions: [log('going'), base.emit({ type: 'told' })] } } },
    busy: {
      invoke: { id: 'work', src: 'work', input: { what: 'this' }, onDone: 'idle', onError: 'failed' },
    },
    failed: { type: 'final' },
  },
})

describe('Driver', () => {
  it('tells which work a machine asks for, and what it emits', () => {
    const driver = new Driver(machine, undefined)
    const { snapshot, work } = driver.start(undefined)
    expect(work).toBeNull()
    const step = driver.send(snapshot, { type: 'go' })
    expect(step).toMatchObject({
      work: { id: 'work', src: 'work', input: { what: 'this' } },
      emitted: [{ type: 'told' }],
    })
    if (step === null || step.work === null) throw new Error('It works.')
    expect(driver.done(step.snapshot, step.work, 'done')?.snapshot.value).toBe('idle')
    expect(driver.failed(step.snapshot, step.work, new Error('no'))?.snapshot.value).toBe('failed')
  })

  it('moves any number of machines, none of which knows of another', () => {
    const driver = new Driver(machine, undefined)
    const [one, two] = [driver.start(undefined), driver.start(undefined)]
    expect(driver.send(one.snapshot, { type: 'go' })?.snapshot.value).toBe('busy')
    expect(two.snapshot.value).toBe('idle')
  })

  it('refuses an event that the state does not take', () => {
    const driver = new Driver(machine, undefined)
    expect(driver.send(driver.start(undefined).snapshot, { type: 'other' })).toBeNull()
  })

  it('finds at start a machine, or an XState, that hands over no work', () => {
    const driver = new Driver(machine, undefined)
    driver.assertDrivable(undefined, { type: 'go' })
    for (const event of [null, { type: 'other' }] as const) {
      expect(() => driver.assertDrivable(undefined, event)).toThrow(ConfigurationError)
    }
    expect(() => driver.assertDrivable(undefined, null)).toThrow(
      'This release of XState cannot be driven. Install xstate 5.33.',
    )
  })
})
