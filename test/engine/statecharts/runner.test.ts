import { describe, expect, it } from '@jest/globals'
import { assign, fromPromise, SimulatedClock, setup } from 'xstate'
import { Driver } from '../../../src/engine/statecharts/driver.ts'
import type { Work } from '../../../src/engine/statecharts/effects.ts'
import { type Invocation, Run } from '../../../src/engine/statecharts/runner.ts'

const echo = setup({
  types: {
    events: {} as { type: 'go' } | { type: 'leave' } | { type: 'note' },
    context: {} as { said: string; notes: number },
  },
  actors: { greet: fromPromise<string>(async () => '') },
  actions: { hear: assign((_, said: { said: string }) => said) },
}).createMachine({
  context: { said: '', notes: 0 },
  initial: 'idle',
  states: {
    idle: { on: { go: 'busy' } },
    busy: {
      invoke: {
        id: 'greet',
        src: 'greet',
        onDone: {
          target: 'idle',
          actions: { type: 'hear', params: ({ event }) => ({ said: event.output }) },
        },
        onError: { target: 'idle', actions: { type: 'hear', params: { said: 'failed' } } },
      },
      on: { leave: 'idle', note: { actions: assign(({ context }) => ({ notes: context.notes + 1 })) } },
    },
  },
})

function makeRun(
  perform: (invocation: Invocation) => Promise<unknown>,
  stepped: (run: Run<typeof echo> | undefined) => void = () => {},
) {
  const driver = new Driver(echo, undefined)
  const late: { work: Work; output: unknown }[] = []
  let run: Run<typeof echo> | undefined
  run = new Run(driver, driver.start(undefined), {
    clock: new SimulatedClock(),
    perform,
    stepped: () => stepped(run),
    late: (work, output) => late.push({ work, output }),
  })
  return { run, late }
}

describe('Run', () => {
  it('performs what the machine asks for, and settles when it waits again', async () => {
    const { run } = makeRun(async ({ work }) => `${work.src} done`)
    expect(run.send({ type: 'go' })).toBe(true)
    expect(run.working).toBe(true)
    await run.settled()
    expect(run.snapshot.context.said).toBe('greet done')
    expect(run.working).toBe(false)
    await run.settled()
  })

  it('continues its work after an event that keeps the state', async () => {
    let answer: (said: string) => void = () => {}
    const { run } = makeRun(() => new Promise((resolve) => (answer = resolve)))
    run.send({ type: 'go' })
    run.send({ type: 'note' })
    expect(run.working).toBe(true)
    answer('still heard')
    await run.settled()
    expect(run.snapshot.context).toEqual({ said: 'still heard', notes: 1 })
  })

  it('fires the signal of work that the machine has left, and hands its late result over once', async () => {
    let answer: (said: string) => void = () => {}
    let signal: AbortSignal | undefined
    const { run, late } = makeRun((invocation) => {
      signal = invocation.signal
      return new Promise((resolve) => (answer = resolve))
    })
    run.send({ type: 'go' })
    const settled = run.settled()
    run.send({ type: 'leave' })
    await settled
    expect(signal?.aborted).toBe(true)
    answer('too late')
    await new Promise(setImmediate)
    expect(late).toMatchObject([{ work: { src: 'greet' }, output: 'too late' }])
    expect(run.snapshot.context.said).toBe('')
  })

  it('forgets the failure of work that the machine has left', async () => {
    let fail: (error: Error) => void = () => {}
    const { run, late } = makeRun(() => new Promise((_, reject) => (fail = reject)))
    run.send({ type: 'go' })
    run.send({ type: 'leave' })
    fail(new Error('no listener'))
    await new Promise(setImmediate)
    expect(late).toEqual([])
    expect(run.snapshot.context.said).toBe('')
  })

  it('does not begin work that a listener has aborted in the same step', async () => {
    let performed = 0
    const { run } = makeRun(
      async () => {
        performed++
      },
      (mine) => {
        if (mine?.snapshot.value === 'busy') mine.send({ type: 'leave' })
      },
    )
    run.send({ type: 'go' })
    await run.settled()
    expect(run.snapshot.value).toBe('idle')
    expect(run.working).toBe(false)
    expect(performed).toBe(0)
  })

  it('rejects waiting callers if a step fails', async () => {
    let steps = 0
    const { run } = makeRun(
      async () => 'said',
      () => {
        if (++steps === 3) throw new Error('the step failed')
      },
    )
    run.send({ type: 'go' })
    await expect(run.settled()).rejects.toThrow('the step failed')
    expect(run.working).toBe(false)
  })
})

describe('Run, of a machine that takes no result', () => {
  const deaf = setup({ actors: { greet: fromPromise<string>(async () => '') } }).createMachine({
    initial: 'busy',
    states: { busy: { invoke: { id: 'greet', src: 'greet' } } },
  })

  it('rejects waiting callers, so that no work lasts forever', async () => {
    const driver = new Driver(deaf, undefined)
    const run = new Run(driver, driver.start(undefined), {
      clock: new SimulatedClock(),
      perform: async () => 'said',
      stepped: () => {},
      late: () => {},
    })
    await expect(run.settled()).rejects.toThrow(
      'The machine does not accept the result of the actor "greet".',
    )
    expect(run.working).toBe(false)
  })
})

describe('Run, of a machine with delays', () => {
  const waiting = setup({
    types: { events: {} as { type: 'leave' } | { type: 'back' } },
    delays: { pause: 100 },
  }).createMachine({
    initial: 'waiting',
    states: {
      waiting: { after: { pause: 'ready' }, on: { leave: 'left' } },
      ready: {},
      left: { on: { back: 'waiting' } },
    },
  })
  const makeWaiting = () => {
    const clock = new SimulatedClock()
    const driver = new Driver(waiting, undefined)
    const events: string[] = []
    const run = new Run(driver, driver.start(undefined), {
      clock,
      perform: async () => {},
      stepped: ({ event }) => events.push(event),
    })
    return { clock, run, events }
  }

  it('takes the transition after the delay', () => {
    const { clock, run, events } = makeWaiting()
    clock.increment(99)
    expect(run.snapshot.value).toBe('waiting')
    clock.increment(1)
    expect(run.snapshot.value).toBe('ready')
    expect(events).toEqual(['xstate.init', 'xstate.after.pause.(machine).waiting'])
  })

  it('clears the timer when the machine leaves the state, and starts it when it returns', () => {
    const { clock, run } = makeWaiting()
    run.send({ type: 'leave' })
    clock.increment(1_000)
    expect(run.snapshot.value).toBe('left')
    run.send({ type: 'back' })
    clock.increment(100)
    expect(run.snapshot.value).toBe('ready')
  })

  it('keeps the timer of a state while its inner states change', () => {
    const nested = setup({ delays: { pause: 100, longPause: 200 } }).createMachine({
      initial: 'waiting',
      states: {
        waiting: {
          after: { longPause: 'ready' },
          initial: 'soon',
          states: { soon: { after: { pause: 'later' } }, later: {} },
        },
        ready: {},
      },
    })
    const clock = new SimulatedClock()
    const driver = new Driver(nested, undefined)
    const run = new Run(driver, driver.start(undefined), {
      clock,
      perform: async () => {},
      stepped: () => {},
    })
    clock.increment(100)
    expect(run.snapshot.value).toEqual({ waiting: 'later' })
    clock.increment(100)
    expect(run.snapshot.value).toBe('ready')
  })

  it('fires no timer after stopTimers', () => {
    const { clock, run } = makeWaiting()
    run.stopTimers()
    clock.increment(1_000)
    expect(run.snapshot.value).toBe('waiting')
  })

  it('keeps the process alive only for delays that lead to work', () => {
    const working = setup({
      actors: { greet: fromPromise(async () => '') },
      delays: { pause: 100, longPause: 200 },
    }).createMachine({
      initial: 'waiting',
      states: {
        waiting: { after: { pause: 'ready', longPause: 'busy' } },
        ready: {},
        busy: { initial: 'speaking', states: { speaking: { invoke: { id: 'greet', src: 'greet' } } } },
      },
    })
    const idle = new Driver(working, undefined).idleDelays
    expect([...idle]).toEqual(['xstate.after.pause.(machine).waiting'])
  })
})

describe('Run with a delay', () => {
  it('stays in its state if the guard of the delay refuses', () => {
    const machine = setup({ delays: { soon: 5 }, guards: { never: () => false } }).createMachine({
      initial: 'waiting',
      states: { waiting: { after: { soon: { guard: 'never', target: 'left' } } }, left: {} },
    })
    const driver = new Driver(machine, undefined)
    const clock = new SimulatedClock()
    let steps = 0
    const run = new Run(driver, driver.start(undefined), {
      clock: {
        now: () => clock.now(),
        setTimeout: (fn, ms) => clock.setTimeout(fn, ms),
        clearTimeout: (id) => clock.clearTimeout(id as number),
      },
      perform: async () => undefined,
      stepped: () => steps++,
    })
    clock.increment(5)
    expect(run.snapshot.value).toBe('waiting')
    expect(steps).toBe(1)
  })
})
