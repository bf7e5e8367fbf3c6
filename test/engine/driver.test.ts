import { describe, expect, it } from '@jest/globals'
import { type AnyStateMachine, and, assign, createMachine, fromPromise, log, setup } from 'xstate'
import { Driver } from '../../src/engine/statecharts/driver.ts'
import { ConfigurationError } from '../../src/errors.ts'

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

  it('does what a chart may say in other ways: inline actions and guards, static parts, nothing provided', () => {
    const seen: string[] = []
    const driver = new Driver<AnyStateMachine>(
      setup({
        types: { context: {} as { count: number; name: string; last: number } },
        actions: { note: () => seen.push('note'), unprovided: () => {} },
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
                  actions: [
                    assign({ count: ({ context }) => context.count + 1, name: 'fixed' }),
                    'absent' as 'note',
                  ],
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

  it.each<[string, AnyStateMachine]>([
    ['parallel states', createMachine({ type: 'parallel', states: { a: {}, b: {} } })],
    ['timers', createMachine({ initial: 'a', states: { a: { after: { 10: 'b' } }, b: {} } })],
    [
      'history',
      createMachine({
        initial: 'a',
        states: { a: { initial: 'b', states: { b: {}, h: { type: 'history' } } } },
      }),
    ],
  ])('refuses a machine with %s', (_, refused) => {
    expect(() => new Driver(refused, undefined)).toThrow(ConfigurationError)
  })

  it('emits what is worked out, takes a missing guard for a mistake, and ends with what is given', () => {
    const told = setup({ types: { emitted: {} as { type: 'told'; of: string } } })
    const driver = new Driver<AnyStateMachine>(
      told.createMachine({
        initial: 'one',
        states: {
          one: {
            on: {
              go: { target: 'end', actions: told.emit(({ event }) => ({ type: 'told', of: event.type })) },
              ask: { guard: 'absent' as never, target: 'end' },
            },
          },
          end: { type: 'final' },
        },
        output: { fixed: true },
      }),
      undefined,
    )
    const first = driver.start(undefined).snapshot
    const end = driver.send(first, { type: 'go' })
    expect(end?.emitted).toEqual([{ type: 'told', of: 'go' }])
    expect(end?.snapshot.output).toEqual({ fixed: true })
    expect(() => driver.send(first, { type: 'ask' })).toThrow(
      'The guard absent is of a kind that is not driven.',
    )
  })

  it('refuses actions and guards of a kind that it does not drive', () => {
    const logs = createMachine({ entry: log('hello') })
    expect(() => new Driver<AnyStateMachine>(logs, undefined).start(undefined)).toThrow(ConfigurationError)
    const combined = setup({ guards: { yes: () => true } }).createMachine({
      on: { go: { guard: and(['yes', 'yes']), actions: () => {} } },
    })
    const driver = new Driver<AnyStateMachine>(combined, undefined)
    expect(() => driver.send(driver.start(undefined).snapshot, { type: 'go' })).toThrow(ConfigurationError)
    const spawns = createMachine({ context: ({ spawn }) => ({ child: spawn(fromPromise(async () => {})) }) })
    expect(() => new Driver<AnyStateMachine>(spawns, undefined).start(undefined)).toThrow(ConfigurationError)
  })
})
