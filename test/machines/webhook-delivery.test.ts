import { describe, expect, it } from '@jest/globals'
import { type AnyEventObject, type AnyMachineSnapshot, type AnyStateMachine, initialTransition } from 'xstate'
import { webhookDeliveryMachine } from '../../machines/index.ts'
import { LONGEST_WAIT, LOST_AFTER, MOST_ATTEMPTS } from '../../machines/webhook-delivery-setup.ts'
import { cameOf, move, table } from './moves.ts'

const machine: AnyStateMachine = webhookDeliveryMachine
const base = { attempts: 0, most: 12, nextAt: 1_000, reason: null }
const at = (value: string, changes: object = {}): AnyMachineSnapshot =>
  machine.resolveState({ value, context: { ...base, ...changes } })

const states: Record<string, AnyMachineSnapshot> = {
  waiting: at('waiting', { attempts: 3 }),
  sendingAttempt: at('sendingAttempt', { attempts: 3 }),
  'sendingAttempt:last': at('sendingAttempt', { attempts: 12 }),
  delivered: at('delivered'),
  given_up: at('given_up', { reason: 'failed' }),
}
const events: Record<string, AnyEventObject> = {
  due: { type: 'due', now: 1_000 },
  'due:early': { type: 'due', now: 999 },
  defer: { type: 'defer', until: 9_000 },
  drop: { type: 'drop' },
}

/** A target with a colon is the end and its reason; `-` is refused. */
const expected = `
state                due              due:early  defer    drop
waiting              sendingAttempt   -          waiting  given_up:receiver_off
sendingAttempt       sendingAttempt   -          -        given_up:receiver_off
sendingAttempt:last  given_up:failed  -          -        given_up:receiver_off
delivered            -                -          -        -
given_up             -                -          -        -
`
const pairs = table(expected)
const failed = { type: 'failed', now: 50_000, random: 0.5, until: null }

describe('webhookDeliveryMachine', () => {
  it.each(pairs)('in $state: $event → $target', ({ state, event, target }) => {
    const from = states[state] as AnyMachineSnapshot
    const moved = move(machine, from, events[event] as AnyEventObject)
    if (target === '-') return expect(moved).toBeNull()
    const [step, reason = null] = target.split(':')
    expect([moved?.state, moved?.snapshot.context.reason]).toEqual([step, reason])
    if (event === 'defer') expect(moved?.snapshot.context.nextAt).toBe(9_000)
    if (step !== 'sendingAttempt') return
    expect(moved?.snapshot.context).toMatchObject({ attempts: 4, nextAt: 1_000 + LOST_AFTER })
    expect(moved?.invokes).toEqual(['sendAttempt'])
  })

  it('has a row for every state and a column for every event', () => {
    const rows = new Set(pairs.map(({ state }) => state.replace(/:.*/, '')))
    expect([...rows].sort()).toEqual(Object.keys(machine.states).sort())
    const columns = new Set(pairs.map(({ event }) => event.replace(/:.*/, '')))
    expect([...columns].sort()).toEqual(machine.events.filter((type) => !type.startsWith('xstate.')).sort())
  })

  it('waits for its first attempt', () => {
    const [snapshot] = initialTransition(machine, { at: 7, most: 1 })
    expect(snapshot).toMatchObject({ value: 'waiting', context: { attempts: 0, most: 1, nextAt: 7 } })
  })

  it.each<[number, object, string, object]>([
    [1, { output: { type: 'accepted' } }, 'delivered', { reason: null }],
    [12, { output: { type: 'accepted' } }, 'delivered', { reason: null }],
    [1, { output: { type: 'gone' } }, 'given_up', { reason: 'gone' }],
    [1, { output: failed }, 'waiting', { nextAt: 55_000, reason: null }],
    // The jitter is a tenth of the wait in each direction.
    [1, { output: { ...failed, random: 0 } }, 'waiting', { nextAt: 54_500 }],
    [1, { output: { ...failed, random: 1 } }, 'waiting', { nextAt: 55_500 }],
    [11, { output: failed }, 'waiting', { nextAt: 50_000 + LONGEST_WAIT }],
    // `Retry-After` extends a wait, never shortens it, and has a limit.
    [1, { output: { ...failed, until: 70_000 } }, 'waiting', { nextAt: 70_000 }],
    [1, { output: { ...failed, until: 51_000 } }, 'waiting', { nextAt: 55_000 }],
    [1, { output: { ...failed, until: 1e15 } }, 'waiting', { nextAt: 50_000 + LONGEST_WAIT }],
    [12, { output: failed }, 'given_up', { reason: 'failed' }],
    [1, { error: new Error('boom') }, 'given_up', { reason: 'failed' }],
  ])('after attempt %i with the result %j, goes to %s', (attempts, result, target, context) => {
    const from = at('sendingAttempt', { attempts })
    const moved = move(machine, from, cameOf(from, result as { output: unknown }))
    expect(moved?.state).toBe(target)
    expect(moved?.snapshot.context).toMatchObject({ attempts, ...context })
  })

  it('waits ten hours again if a later version allows more attempts', () => {
    const from = at('sendingAttempt', { attempts: 15, most: 20 })
    const moved = move(machine, from, cameOf(from, { output: failed }))
    expect(moved?.snapshot.context.nextAt).toBe(50_000 + LONGEST_WAIT)
  })

  it('keeps its time if the result is not a failure', () => {
    const { wait } = machine.implementations.actions as unknown as Record<
      'wait',
      { assignment: (given: object, params: object) => unknown }
    >
    expect(wait.assignment({ context: base }, { type: 'accepted' })).toEqual({})
  })

  it('tries twelve times within a day', () => {
    const waits: number[] = []
    let snapshot = at('waiting', { nextAt: 0 })
    for (let now = 0; snapshot.value === 'waiting'; now = snapshot.context.nextAt) {
      const sending = move(machine, snapshot, { type: 'due', now })?.snapshot as AnyMachineSnapshot
      const output = { ...failed, now }
      snapshot = move(machine, sending, cameOf(sending, { output }))?.snapshot as AnyMachineSnapshot
      waits.push(snapshot.context.nextAt - now)
    }
    expect(waits).toHaveLength(MOST_ATTEMPTS)
    expect(MOST_ATTEMPTS).toBe(12)
    const hours = waits.slice(0, -1).reduce((sum, wait) => sum + wait, 0) / 3_600_000
    expect(hours).toBeGreaterThan(23)
    expect(hours).toBeLessThan(24)
    expect(waits.slice(0, -1)).toEqual([...waits.slice(0, -1)].sort((a, b) => a - b))
  })
})
