import { describe, expect, it } from '@jest/globals'
import { type AnyMachineSnapshot, type AnyStateMachine, initialTransition } from 'xstate'
import { webhookReceiverMachine } from '../../machines/index.ts'
import { move, table } from './moves.ts'

const machine: AnyStateMachine = webhookReceiverMachine
const at = (value: string, reason: string | null): AnyMachineSnapshot =>
  machine.resolveState({ value, context: { since: 1, reason } })

const states: Record<string, AnyMachineSnapshot> = {
  active: at('active', null),
  failing: at('failing', null),
  off: at('off', 'gone'),
}

/** A target with a colon is the state and its reason. `=` leaves everything as it is. */
const expected = `
state    accepted  failed   gaveUp      gone      turnOn  turnOff
active   =         failing  off:failed  off:gone  =       off:turned_off
failing  active    =        off:failed  off:gone  =       off:turned_off
off      =         =        =           =         active  off:turned_off
`
const pairs = table(expected)

describe('webhookReceiverMachine', () => {
  it.each(pairs)('in $state: $event → $target', ({ state, event, target }) => {
    const from = states[state] as AnyMachineSnapshot
    const moved = move(machine, from, { type: event, now: 5 })
    const [step = '', reason = null] = target === '=' ? [state, from.context.reason] : target.split(':')
    expect([moved?.state, moved?.snapshot.context]).toEqual([step, { since: target === '=' ? 1 : 5, reason }])
  })

  it('has a row for every state and a column for every event', () => {
    expect([...new Set(pairs.map(({ state }) => state))].sort()).toEqual(Object.keys(machine.states).sort())
    expect([...new Set(pairs.map(({ event }) => event))].sort()).toEqual([...machine.events].sort())
  })

  it('is active when it is added', () => {
    const [snapshot] = initialTransition(machine, { now: 7 })
    expect(snapshot).toMatchObject({ value: 'active', context: { since: 7, reason: null } })
  })
})
