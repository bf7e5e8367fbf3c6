import { describe, expect, it } from '@jest/globals'
import { type AnyEventObject, type AnyMachineSnapshot, type AnyStateMachine, initialTransition } from 'xstate'
import { REMOVAL_LIFETIME, REMOVAL_LOST_AFTER } from '../../machines/entry-removal-setup.ts'
import { entryRemovalMachine } from '../../machines/index.ts'
import { cameOf, type Move, move, table } from './moves.ts'

const machine: AnyStateMachine = entryRemovalMachine
const base = {
  attempts: 3,
  nextAt: 1_000,
  endsAt: 90_000_000,
  isShared: false,
  isTold: false,
  isRefused: false,
}
const at = (value: string, changes: object = {}): AnyMachineSnapshot =>
  machine.resolveState({ value, context: { ...base, ...changes } })

const states: Record<string, AnyMachineSnapshot> = {
  waiting: at('waiting'),
  findingOwner: at('findingOwner'),
  informingService: at('informingService'),
  revokingGrant: at('revokingGrant'),
  completed: at('completed'),
  skipped: at('skipped'),
  given_up: at('given_up'),
}
const events: Record<string, AnyEventObject> = {
  due: { type: 'due', now: 1_000 },
  'due:early': { type: 'due', now: 999 },
  'due:over': { type: 'due', now: 90_000_000 },
}

const expected = `
state              due                due:early  due:over
waiting            findingOwner  -          given_up
findingOwner  findingOwner  -          given_up
informingService   findingOwner  -          given_up
revokingGrant      findingOwner  -          given_up
completed          -                  -          -
skipped            -                  -          -
given_up           -                  -          -
`
const pairs = table(expected)
/** The step after the work of a state. */
const after = (from: AnyMachineSnapshot, result: { output: unknown } | { error: unknown }): Move | null =>
  move(machine, from, cameOf(from, result))
const failed = { type: 'failed', now: 50_000, random: 0.5, until: null }

describe('entryRemovalMachine', () => {
  it.each(pairs)('in $state: $event → $target', ({ state, event, target }) => {
    const from = states[state] as AnyMachineSnapshot
    const moved = move(machine, from, events[event] as AnyEventObject)
    if (target === '-') return expect(moved).toBeNull()
    expect(moved?.state).toBe(target)
    if (target === 'given_up') return
    expect(moved?.snapshot.context).toMatchObject({ attempts: 4, nextAt: 1_000 + REMOVAL_LOST_AFTER })
    expect(moved?.invokes).toEqual(['findOwner'])
  })

  it('has a row for every state and a column for every event', () => {
    expect([...new Set(pairs.map(({ state }) => state))].sort()).toEqual(Object.keys(machine.states).sort())
    const columns = new Set(pairs.map(({ event }) => event.replace(/:.*/, '')))
    expect([...columns].sort()).toEqual(machine.events.filter((type) => !type.startsWith('xstate.')).sort())
  })

  it('is due at once, for a day', () => {
    const [snapshot] = initialTransition(machine, { at: 7, isTold: true })
    const context = {
      attempts: 0,
      nextAt: 7,
      endsAt: 7 + REMOVAL_LIFETIME,
      isShared: false,
      isTold: true,
      isRefused: false,
    }
    expect(snapshot).toMatchObject({ value: 'waiting', context })
  })

  it.each([
    ['free', 'informingService', false],
    ['shared', 'revokingGrant', true],
    ['linked', 'skipped', false],
  ])('after another entry was looked for and the account is %s: %s', (type, target, isShared) => {
    const moved = after(at('findingOwner'), { output: { type } })
    expect([moved?.state, moved?.snapshot.context.isShared]).toEqual([target, isShared])
  })

  it.each<[object, string, number]>([
    [{ type: 'done' }, 'revokingGrant', 1_000],
    [{ type: 'refused' }, 'revokingGrant', 1_000],
    [failed, 'waiting', 50_000 + 120_000],
    [{ ...failed, random: 1 }, 'waiting', 50_000 + 132_000],
    [{ ...failed, until: 400_000 }, 'waiting', 400_000],
    [{ ...failed, until: 99_000_000 }, 'waiting', 90_000_000],
  ])('after the service answered %j: %s', (output, target, nextAt) => {
    const moved = after(at('informingService'), { output })
    expect([moved?.state, moved?.snapshot.context.nextAt]).toEqual([target, nextAt])
  })

  it('only revokes the grant if the integration was called', () => {
    const moved = after(at('findingOwner', { isTold: true }), { output: { type: 'free' } })
    expect([moved?.state, moved?.invokes]).toEqual(['revokingGrant', ['revokeGrant']])
  })

  it.each([
    ['done', false, 'completed'],
    ['done', true, 'given_up'],
    ['refused', false, 'given_up'],
    ['refused', true, 'given_up'],
  ])('after the grant was revoked (%s) and onRemove was refused (%s): %s', (type, isRefused, target) => {
    expect(after(at('revokingGrant', { isRefused }), { output: { type } })?.state).toBe(target)
  })

  it.each([
    ['done', false],
    ['refused', true],
  ])('remembers the answer to the call of the integration: %s', (type, isRefused) => {
    const called = after(at('informingService', { isRefused: !isRefused }), { output: { type } })
    const moved = after(called?.snapshot as AnyMachineSnapshot, { output: failed })
    expect([moved?.state, moved?.snapshot.context]).toMatchObject(['waiting', { isTold: true, isRefused }])
  })

  it('does not remember a call of the integration that another entry has made unnecessary', () => {
    const moved = after(at('revokingGrant', { isShared: true }), { output: failed })
    expect([moved?.state, moved?.snapshot.context.isTold]).toEqual(['waiting', false])
  })

  it('forgets a refusal that its process has not stored', () => {
    const forgets = (isTold: boolean) =>
      move(machine, at('revokingGrant', { isTold, isRefused: true }), { type: 'due', now: 1_000 })
    expect([true, false].map((isTold) => forgets(isTold)?.snapshot.context.isRefused)).toEqual([true, false])
  })

  it('waits for an hour after many attempts', () => {
    const moved = after(at('informingService', { attempts: 9 }), { output: failed })
    expect(moved?.snapshot.context.nextAt).toBe(50_000 + 3_600_000)
  })

  it.each(['findingOwner', 'informingService', 'revokingGrant'])(
    'waits after an unexpected error in %s',
    (state) => {
      const moved = after(at(state), { error: new Error('boom') })
      expect([moved?.state, moved?.snapshot.context.nextAt]).toEqual(['waiting', 1_000])
    },
  )

  it('keeps its time if the result is not a failure', () => {
    const { wait } = machine.implementations.actions as unknown as Record<
      'wait',
      { assignment: (given: object, params: object) => unknown }
    >
    expect(wait.assignment({ context: base }, { type: 'done' })).toEqual({})
  })
})
