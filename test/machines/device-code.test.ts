import { describe, expect, it } from '@jest/globals'
import { type AnyEventObject, type AnyMachineSnapshot, type AnyStateMachine, initialTransition } from 'xstate'
import { Draft, deviceCodeMachine } from '../../machines/index.ts'
import { cameOf, move, table } from './moves.ts'

const machine: AnyStateMachine = deviceCodeMachine
const draft = new Draft({ values: { accessToken: 'granted' } })
const code = {
  userCode: 'ABCD-EFGH',
  verificationUri: 'https://login.example/device',
  verificationUriComplete: null,
  interval: 5_000,
  expiresAt: 100_000,
}
const base = {
  flowId: 'flow-1',
  code: null,
  polledAt: null,
  renewals: 0,
  draft: null,
  reason: null,
  until: null,
}
const at = (value: string, changes: object = {}): AnyMachineSnapshot =>
  machine.resolveState({ value, context: { ...base, ...changes } })

const states: Record<string, AnyMachineSnapshot> = {
  claimingPoll: at('claimingPoll'),
  waiting: at('waiting'),
  requestingCode: at('requestingCode'),
  showing_code: at('showing_code', { code }),
  'showing_code:renewed': at('showing_code', { code, renewals: 3 }),
  pollingToken: at('pollingToken', { code }),
  authorized: at('authorized', { draft }),
  refused: at('refused', { reason: 'authorize_rejected' }),
  expired: at('expired', { reason: 'authorize_expired' }),
}
const poll = (now: number, askedAt: number | null) => ({ type: 'poll', now, askedAt })
const events: Record<string, AnyEventObject> = {
  poll: poll(1_000, null),
  'poll:early': poll(10_999, 6_000),
  'poll:due': poll(11_000, 6_000),
  'poll:over': poll(100_000, 99_000),
  // The clock was set back after the last poll.
  'poll:back': poll(10_999, 90_000),
  cancel: { type: 'cancel' },
}

/** A target with a colon is the end and its reason; `-` is refused. */
const expected = `
state                 poll          poll:early    poll:due      poll:over     poll:back     cancel
claimingPoll          -             -             -             -             -             refused:cancelled
waiting               claimingPoll  claimingPoll  claimingPoll  claimingPoll  claimingPoll  refused:cancelled
requestingCode        -             -             -             -             -             refused:cancelled
showing_code          claimingPoll  -             claimingPoll  claimingPoll  claimingPoll  refused:cancelled
showing_code:renewed  claimingPoll  -             claimingPoll  claimingPoll  claimingPoll  refused:cancelled
pollingToken          -             -             -             -             -             refused:cancelled
authorized            -             -             -             -             -             -
refused               -             -             -             -             -             -
expired               -             -             -             -             -             -
`
const pairs = table(expected)

describe('deviceCodeMachine', () => {
  it.each(pairs)('in $state: $event → $target', ({ state, event, target }) => {
    const from = states[state] as AnyMachineSnapshot
    const moved = move(machine, from, events[event] as AnyEventObject)
    if (target === '-') return expect(moved).toBeNull()
    const [step, reason = null] = target.split(':')
    expect([moved?.state, moved?.snapshot.context.reason]).toEqual([step, reason])
  })

  it('has a row for every state and a column for every event', () => {
    const rows = new Set(pairs.map(({ state }) => state.replace(/:.*/, '')))
    expect([...rows].sort()).toEqual(Object.keys(machine.states).sort())
    const columns = new Set(pairs.map(({ event }) => event.replace(/:.*/, '')))
    expect([...columns].sort()).toEqual(machine.events.filter((type) => !type.startsWith('xstate.')).sort())
  })

  it('claims the right to ask for a code at once', () => {
    const [snapshot, actions] = initialTransition(machine, { flowId: 'flow-1' })
    expect(snapshot.value).toBe('claimingPoll')
    expect(actions.map(({ params }) => Object(params).src)).toContain('claimPoll')
  })

  it('remembers when the client has polled', () => {
    const moved = move(machine, at('showing_code', { code }), poll(11_000, null))
    expect(moved?.snapshot.context.polledAt).toBe(11_000)
  })

  const renewed = { renewals: 3 }
  const claimed = { output: { type: 'claimed' } }
  const busy = { output: { type: 'busy' } }
  const over = { polledAt: 100_000 }
  it.each<[string, object, object, string, object]>([
    ['claimingPoll', { code: null }, claimed, 'requestingCode', { renewals: 0 }],
    ['claimingPoll', { code: null }, busy, 'waiting', {}],
    ['claimingPoll', { code: null }, { error: new Error('boom') }, 'waiting', {}],
    ['claimingPoll', { polledAt: 99_999 }, claimed, 'pollingToken', {}],
    ['claimingPoll', {}, busy, 'showing_code', { code }],
    ['claimingPoll', over, busy, 'showing_code', { renewals: 0 }],
    ['claimingPoll', {}, { error: new Error('boom') }, 'showing_code', { code }],
    ['claimingPoll', over, claimed, 'requestingCode', { renewals: 1 }],
    ['claimingPoll', { ...over, ...renewed }, claimed, 'expired', { reason: 'authorize_expired' }],
    ['requestingCode', {}, { output: { type: 'shown', code } }, 'showing_code', { code }],
    [
      'requestingCode',
      {},
      { output: { type: 'failed', error: 'rate_limited', until: 9 } },
      'refused',
      { reason: 'rate_limited', until: 9 },
    ],
    ['requestingCode', {}, { error: new Error('boom') }, 'refused', { reason: 'unknown' }],
    ['pollingToken', {}, { output: { type: 'pending' } }, 'showing_code', { code }],
    [
      'pollingToken',
      {},
      { output: { type: 'slow_down' } },
      'showing_code',
      { code: { ...code, interval: 10_000 } },
    ],
    ['pollingToken', {}, { output: { type: 'granted', draft } }, 'authorized', { draft, reason: null }],
    ['pollingToken', {}, { output: { type: 'rejected' } }, 'refused', { reason: 'authorize_rejected' }],
    [
      'pollingToken',
      {},
      { output: { type: 'rejected', reason: 'consent_required' } },
      'refused',
      { reason: 'consent_required' },
    ],
    ['pollingToken', {}, { output: { type: 'expired' } }, 'requestingCode', { renewals: 1 }],
    ['pollingToken', renewed, { output: { type: 'expired' } }, 'expired', { reason: 'authorize_expired' }],
    [
      'pollingToken',
      {},
      { output: { type: 'failed', error: 'authorize_failed' } },
      'refused',
      { reason: 'authorize_failed', until: null },
    ],
    ['pollingToken', {}, { error: new Error('boom') }, 'refused', { reason: 'unknown' }],
  ])('from %s (%j), where its work brings %j, goes to %s', (state, changes, result, target, context) => {
    const from = at(state, { code, ...changes })
    const moved = move(machine, from, cameOf(from, result as { output: unknown }))
    expect(moved?.state).toBe(target)
    expect(moved?.snapshot.context).toMatchObject(context)
    if (moved?.snapshot.status === 'done') {
      const { draft, reason, until, isSpent } = moved.snapshot.context
      expect(moved.snapshot.output).toEqual({ draft, reason, until, isSpent })
    }
  })
})
