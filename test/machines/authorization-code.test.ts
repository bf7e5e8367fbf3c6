import { describe, expect, it } from '@jest/globals'
import { type AnyEventObject, type AnyMachineSnapshot, type AnyStateMachine, initialTransition } from 'xstate'
import { authorizationCodeMachine, Draft } from '../../machines/index.ts'
import { cameOf, move, table } from './moves.ts'

const machine: AnyStateMachine = authorizationCodeMachine
const draft = new Draft({ values: { accessToken: 'granted' } })
const request = { browserHash: 'browser', stateHash: 'state', expiresAt: 1_000 }
const base = { flowId: 'flow-1', request: null, draft: null, reason: null, until: null, isSpent: false }
const at = (value: string, changes: object = {}): AnyMachineSnapshot =>
  machine.resolveState({ value, context: { ...base, ...changes } })

const states: Record<string, AnyMachineSnapshot> = {
  beginningAuthorization: at('beginningAuthorization'),
  redirected: at('redirected', { request }),
  exchangingCode: at('exchangingCode', { request }),
  authorized: at('authorized', { draft }),
  refused: at('refused', { reason: 'authorize_rejected' }),
  expired: at('expired', { reason: 'authorize_expired' }),
}
const callback = { type: 'callback', browserHash: 'browser', stateHash: 'state', now: 999 }
const events: Record<string, AnyEventObject> = {
  callback,
  'callback:late': { ...callback, now: 1_000 },
  'callback:browser': { ...callback, browserHash: 'another' },
  'callback:state': { ...callback, stateHash: 'another' },
  'callback:lateState': { ...callback, stateHash: 'another', now: 1_000 },
  expire: { type: 'expire' },
  cancel: { type: 'cancel' },
}

/** A target with a colon is the end and its reason; `-` is refused. */
const expected = `
state                   callback        callback:late              callback:browser  callback:state  callback:lateState  expire                     cancel
beginningAuthorization  -               -                          -                 -               -                   -                          refused:cancelled
redirected              exchangingCode  expired:authorize_expired  -                 -               -                   expired:authorize_expired  refused:cancelled
exchangingCode          -               -                          -                 -               -                   expired:authorize_expired  refused:cancelled
authorized              -               -                          -                 -               -                   -                          -
refused                 -               -                          -                 -               -                   -                          -
expired                 -               -                          -                 -               -                   -                          -
`
const pairs = table(expected)

describe('authorizationCodeMachine', () => {
  it.each(pairs)('in $state: $event → $target', ({ state, event, target }) => {
    const moved = move(machine, states[state] as AnyMachineSnapshot, events[event] as AnyEventObject)
    if (target === '-') return expect(moved).toBeNull()
    const [step, reason = null] = target.split(':')
    expect([moved?.state, moved?.snapshot.context.reason]).toEqual([step, reason])
  })

  it.each([
    ['redirected', true],
    ['exchangingCode', false],
  ])('lets the next sign-in use its prepared values after %s: %s', (state, isReusable) => {
    const from = states[state] as AnyMachineSnapshot
    expect(from.hasTag('reusable')).toBe(isReusable)
    expect(move(machine, from, { type: 'expire' })?.snapshot.context.isSpent).toBe(!isReusable)
  })

  it('has a row for every state and a column for every event', () => {
    expect([...new Set(pairs.map(({ state }) => state))].sort()).toEqual(Object.keys(machine.states).sort())
    const columns = new Set(pairs.map(({ event }) => event.replace(/:.*/, '')))
    expect([...columns].sort()).toEqual(machine.events.filter((type) => !type.startsWith('xstate.')).sort())
  })

  it('begins at once', () => {
    const [snapshot, actions] = initialTransition(machine, { flowId: 'flow-1' })
    expect(snapshot.value).toBe('beginningAuthorization')
    expect(actions.map(({ params }) => Object(params).src)).toContain('beginAuthorization')
  })

  it.each<[string, object, string, object]>([
    ['beginningAuthorization', { output: { type: 'begun', request } }, 'redirected', { request }],
    [
      'beginningAuthorization',
      { output: { type: 'failed', error: 'rate_limited', until: 9 } },
      'refused',
      { reason: 'rate_limited', until: 9 },
    ],
    [
      'beginningAuthorization',
      { output: { type: 'failed', error: 'cannot_connect' } },
      'refused',
      { reason: 'cannot_connect', until: null },
    ],
    ['beginningAuthorization', { error: new Error('boom') }, 'refused', { reason: 'unknown' }],
    ['exchangingCode', { output: { type: 'granted', draft } }, 'authorized', { draft, reason: null }],
    ['exchangingCode', { output: { type: 'rejected' } }, 'refused', { reason: 'authorize_rejected' }],
    [
      'exchangingCode',
      { output: { type: 'rejected', reason: 'consent_required' } },
      'refused',
      { reason: 'consent_required' },
    ],
    [
      'exchangingCode',
      { output: { type: 'failed', error: 'no_plan', refusal: { ends: true } } },
      'refused',
      { reason: 'no_plan', refusal: { ends: true } },
    ],
    [
      'exchangingCode',
      { output: { type: 'failed', error: 'timeout' } },
      'refused',
      { reason: 'timeout', isSpent: false },
    ],
    [
      'exchangingCode',
      { output: { type: 'failed', error: 'authorize_failed' } },
      'refused',
      { reason: 'authorize_failed', isSpent: true },
    ],
    ['exchangingCode', { error: new Error('boom') }, 'refused', { reason: 'unknown' }],
  ])('from %s, where its work brings %j, goes to %s', (state, result, target, context) => {
    const from = states[state] as AnyMachineSnapshot
    const moved = move(machine, from, cameOf(from, result as { output: unknown }))
    expect(moved?.state).toBe(target)
    expect(moved?.snapshot.context).toMatchObject(context)
    if (moved?.snapshot.status === 'done') {
      const { draft, reason, until, refusal, isSpent } = moved.snapshot.context
      expect(moved.snapshot.output).toEqual({ draft, reason, until, refusal, isSpent })
    }
  })
})
