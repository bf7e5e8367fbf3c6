import { describe, expect, it } from '@jest/globals'
import { type AnyStateMachine, and, assign, createMachine, fromPromise, log, raise, setup } from 'xstate'
import { Driver } from '../../../src/engine/statecharts/driver.ts'
import { ConfigurationError } from '../../../src/errors.ts'

const base = setup({
  types: { events: {} as { type: 'go' } | { type: 'other' }, emitted: {} as { type: 'told' } },
  actors: { work: fromPromise<string, { what: string }>(async () => '') },
})
const machine = base.createMachine({
  initial: 'idle',
  states: {
    idle: { on: { go: { target: 'busy', actions: base.emit({ type: 'told' }) } } },
    busy: {
      invoke: { id: 'work', src: 'work', input: { what: 'this' }, onDone: 'idle', onError: 'failed' },
    },
    failed: { type: 'final' },
  },
})

describe('Driver', () => {
  it('returns the work that a machine asks for, and its events', () => {
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

  it('steps any number of independent machines', () => {
    const driver = new Driver(machine, undefined)
    const [one, two] = [driver.start(undefined), driver.start(undefined)]
    expect(driver.send(one.snapshot, { type: 'go' })?.snapshot.value).toBe('busy')
    expect(two.snapshot.value).toBe('idle')
  })

  it('refuses an event that the state does not take', () => {
    const driver = new Driver(machine, undefined)
    expect(driver.send(driver.start(undefined).snapshot, { type: 'other' })).toBeNull()
  })

  it('refuses a machine, or an XState, that starts no work', () => {
    const driver = new Driver(machine, undefined)
    driver.assertDrivable(undefined, { type: 'go' })
    for (const event of [null, { type: 'other' }] as const) {
      expect(() => driver.assertDrivable(undefined, event)).toThrow(ConfigurationError)
    }
    expect(() => driver.assertDrivable(undefined, null)).toThrow(
      'Latchkey cannot use the installed release of XState. Install xstate 5.33.',
    )
  })

  it('does what a chart may say in other ways: inline actions and guards, static parts', () => {
    const seen: string[] = []
    const driver = new Driver<AnyStateMachine>(
      setup({
        types: { context: {} as { count: number; name: string; last: number } },
        actions: { note: () => seen.push('note') },
        guards: { never: () => false },
      })
        .createMachine({
          context: { count: 0, name: '', last: 0 },
          initial: 'one',
          on: { home: { target: '.one', reenter: true } },
          states: {
            one: {
              exit: 'note',
              on: {
                stay: {
                  guard: ({ context }) => context.count < 2,
                  actions: assign({ count: ({ context }) => context.count + 1, name: 'fixed' }),
                },
                inside: { guard: 'never', target: 'two' },
                leave: { target: 'two', actions: () => seen.push('inline') },
              },
            },
            two: {
              initial: 'deep',
              states: { deep: { on: { up: '#(machine).one', again: {} } } },
              on: { over: '.deep' },
            },
          },
        })
        .provide({}),
      undefined,
    )
    const first = driver.start(undefined).snapshot
    expect(driver.send(first, { type: 'inside' })).toBeNull()
    const stayed = driver.send(first, { type: 'stay' })?.snapshot
    expect(stayed?.context).toEqual({ count: 1, name: 'fixed', last: 0 })
    const two = driver.send(first, { type: 'leave' })?.snapshot
    expect(two?.value).toEqual({ two: 'deep' })
    expect(seen).toEqual(['note', 'inline'])
    expect(two && driver.send(two, { type: 'over' })?.snapshot.value).toEqual({ two: 'deep' })
    expect(two && driver.send(two, { type: 'up' })?.snapshot.value).toBe('one')
    expect(two && driver.send(two, { type: 'home' })?.snapshot.value).toBe('one')
  })

  it('emits a computed event, and ends with a static output', () => {
    const told = setup({ types: { emitted: {} as { type: 'told'; of: string } } })
    const driver = new Driver<AnyStateMachine>(
      told.createMachine({
        initial: 'one',
        states: {
          one: {
            on: {
              go: { target: 'end', actions: told.emit(({ event }) => ({ type: 'told', of: event.type })) },
            },
          },
          end: { type: 'final' },
        },
        output: { fixed: true },
      }),
      undefined,
    )
    const end = driver.send(driver.start(undefined).snapshot, { type: 'go' })
    expect(end?.emitted).toEqual([{ type: 'told', of: 'go' }])
    expect(end?.snapshot.output).toEqual({ fixed: true })
  })

  it.each<[string, AnyStateMachine]>([
    ['guard "absent"', createMachine({ on: { go: { guard: and(['absent']), actions: () => {} } } })],
    [
      'guard "absent"',
      createMachine({ initial: 'a', states: { a: { always: { guard: 'absent', target: 'b' } }, b: {} } }),
    ],
    ['action "absent"', createMachine({ initial: 'a', states: { a: { exit: { type: 'absent' } } } })],
    ['action "absent"', createMachine({ on: { go: { actions: 'absent' } } })],
    ['delay "absent"', createMachine({ initial: 'a', states: { a: { after: { absent: 'b' } }, b: {} } })],
    ['actor "absent"', createMachine({ invoke: { src: 'absent' } })],
  ])('refuses a machine whose %s is not implemented', (absent, refused) => {
    expect(() => new Driver(refused, undefined)).toThrow(
      new ConfigurationError(`The ${absent} of the statechart "(machine)" is not implemented.`),
    )
  })

  it('refuses effects that it does not support', () => {
    const logs = createMachine({ entry: log('hello') })
    expect(() => new Driver<AnyStateMachine>(logs, undefined).start(undefined)).toThrow(
      new ConfigurationError('The effect "xstate.log" of a statechart is not supported.'),
    )
  })
})

describe('Driver, of actions that throw', () => {
  const parts = setup({
    types: {
      events: {} as { type: 'bad' } | { type: 'worse' } | { type: 'ok' },
      emitted: {} as { type: 'said' },
    },
    actions: {
      throwError: () => {
        throw new Error('boom')
      },
      assignNothing: assign(() => {
        throw new Error('no context')
      }),
    },
  })
  const driver = new Driver(
    parts.createMachine({
      initial: 'a',
      states: {
        a: {
          on: {
            bad: { target: 'b', actions: ['throwError', parts.emit({ type: 'said' })] },
            worse: { target: 'b', actions: [parts.emit({ type: 'said' }), 'assignNothing'] },
            ok: 'b',
          },
        },
        b: {},
      },
    }),
    undefined,
  )

  it('executes the other actions, takes the step and lists the error', () => {
    const step = driver.send(driver.start(undefined).snapshot, { type: 'bad' })
    expect(step).toMatchObject({ emitted: [{ type: 'said' }], failures: [new Error('boom')] })
    expect(step?.snapshot.value).toBe('b')
  })

  it('adds nothing to the next step of another instance', () => {
    const [one, two] = [driver.start(undefined), driver.start(undefined)]
    driver.send(one.snapshot, { type: 'bad' })
    expect(() => driver.send(one.snapshot, { type: 'worse' })).toThrow('no context')
    expect(driver.send(two.snapshot, { type: 'ok' })).toMatchObject({ emitted: [], failures: [] })
  })

  it('leaves the snapshot before the step valid', () => {
    const { snapshot } = driver.start(undefined)
    expect(() => driver.send(snapshot, { type: 'worse' })).toThrow('no context')
    expect(snapshot.value).toBe('a')
    expect(driver.send(snapshot, { type: 'ok' })?.snapshot.value).toBe('b')
  })
})

describe('Driver, of delays', () => {
  const delayed = (delay: unknown) =>
    new Driver<AnyStateMachine>(
      setup({ delays: { pause: () => delay as number } }).createMachine({
        initial: 'waiting',
        states: { waiting: { after: { pause: 'ready' }, on: { leave: 'ready' } }, ready: {} },
      }),
      undefined,
    )
  const id = 'xstate.after.pause.(machine).waiting'

  it('lists the timer to start on entering a state, and to clear on leaving it', () => {
    const driver = delayed(50)
    const { snapshot, timers } = driver.start(undefined)
    expect(timers).toEqual([{ type: 'start', id, delay: 50, event: { type: id } }])
    expect(driver.send(snapshot, { type: 'leave' })?.timers).toEqual([{ type: 'clear', id }])
    expect(driver.elapsed(snapshot, { type: id })?.snapshot.value).toBe('ready')
  })

  it('lists none for a restored machine', () => {
    const driver = delayed(50)
    const restored = driver.resume('waiting', {})
    expect(driver.send(restored, { type: 'leave' })?.timers).toEqual([{ type: 'clear', id }])
  })

  it.each([undefined, Number.NaN, -1, Number.POSITIVE_INFINITY])('refuses a delay of %s', (delay) => {
    expect(() => delayed(delay).start(undefined)).toThrow(
      new ConfigurationError(`The delay of "${id}" is ${delay}. Return a number of milliseconds.`),
    )
  })

  it('starts no timer for an event without a delay', () => {
    const raising = createMachine({
      initial: 'a',
      states: { a: { entry: raise({ type: 'next' }), on: { next: 'b' } }, b: {} },
    })
    const { snapshot, timers } = new Driver<AnyStateMachine>(raising, undefined).start(undefined)
    expect([snapshot.value, timers]).toEqual(['b', []])
  })
})
