import { describe, expect, it } from '@jest/globals'
import { type AnyEventObject, type AnyMachineSnapshot, type AnyStateMachine, initialTransition } from 'xstate'
import { Draft, tokenMachine } from '../../machines/index.ts'
import { nextFailure } from '../../machines/refresh-failure.ts'
import { cameOf, move, table } from './moves.ts'

const machine: AnyStateMachine = tokenMachine
const draft = new Draft({ values: { access: 'new' } })
const base = {
  entryId: 'entry-1',
  draft: null,
  reason: null,
  tries: 0,
  wait: 0,
  until: 0,
  refused: false,
}
const placeOf = (path: string) => {
  const [top = '', child] = path.split('.')
  return child === undefined ? top : { [top]: child }
}
const at = (path: string, changes: object = {}): AnyMachineSnapshot =>
  machine.resolveState({ value: placeOf(path), context: { ...base, ...changes } })

const states: Record<string, AnyMachineSnapshot> = {
  fresh: at('fresh'),
  claiming: at('refreshing.claimingLease'),
  waiting: at('refreshing.waitingForHolder'),
  asking: at('refreshing.askingService'),
  recording: at('refreshing.recordingFailure', { reason: 'timeout', tries: 1, wait: 1_000, until: 2_000 }),
  reading: at('refreshing.readingAgain'),
  saving: at('refreshing.savingToken', { draft }),
  lastly: at('refreshing.readingAgain', { wait: 30_000, until: 40_000 }),
  stale: at('stale.waiting', { reason: 'timeout', tries: 1, wait: 1_000, until: 2_000 }),
  overdue: at('stale.overdue', { reason: 'timeout', tries: 1, wait: 1_000, until: 2_000 }),
  expiring: at('expiring', { wait: 30_000, until: 40_000 }),
  ready: at('stale.ready', { reason: 'timeout', tries: 1, wait: 1_000 }),
  unsaved: at('stale.unsaved', { draft, reason: 'not_saved' }),
  rejected: at('rejected'),
}
const events: Record<string, AnyEventObject> = {
  due: { type: 'due', now: 1_999 },
  late: { type: 'due', now: 40_000 },
  refused: { type: 'refused' },
  replaced: { type: 'replaced' },
  arrived: { type: 'arrived', draft },
  retry: { type: 'retry' },
  changed: { type: 'changed' },
}
const names: Record<string, string> = {
  claiming: 'refreshing.claimingLease',
  asking: 'refreshing.askingService',
  recording: 'refreshing.recordingFailure',
  waiting: 'refreshing.waitingForHolder',
  reading: 'refreshing.readingAgain',
  saving: 'refreshing.savingToken',
  stale: 'stale.waiting',
  overdue: 'stale.overdue',
  ready: 'stale.ready',
  unsaved: 'stale.unsaved',
}

/** `-` is refused. */
const pairs = table(`
state      due       late      refused   replaced  arrived  retry     changed
fresh      claiming  claiming  claiming  fresh     saving   -         -
claiming   -         -         -         -         -        -         -
waiting    -         -         -         -         -        -         claiming
asking     -         -         -         -         -        -         -
recording  -         -         -         -         saving   -         -
reading    -         -         -         -         -        -         -
lastly     -         -         -         -         -        -         -
saving     -         -         -         -         -        -         -
stale      -         claiming  claiming  fresh     saving   -         -
overdue    -         claiming  claiming  fresh     saving   -         -
ready      claiming  claiming  claiming  fresh     saving   -         -
unsaved    saving    saving    saving    fresh     -        -         -
expiring   -         rejected  rejected  fresh     saving   -         -
rejected   -         -         -         fresh     -        claiming  -
`)

describe('tokenMachine', () => {
  it.each(pairs)('in $state: $event → $target', ({ state, event, target }) => {
    const moved = move(machine, states[state] as AnyMachineSnapshot, events[event] as AnyEventObject)
    expect(moved?.state ?? '-').toBe(names[target] ?? target)
    if (target === 'saving') expect(moved?.snapshot.context.draft).toBe(draft)
    if (target === 'fresh') expect(moved?.snapshot.context).toEqual(base)
    if (event === 'refused' && target === 'claiming')
      expect(moved?.snapshot.context).toMatchObject({ refused: true })
  })

  it('has a row for every state and a column for every event', () => {
    const rows = new Set(pairs.map(({ state }) => state))
    expect(rows.size).toBe(Object.keys(states).length)
    const columns = new Set(pairs.map(({ event }) => events[event]?.type))
    expect([...columns].sort()).toEqual(machine.events.filter((type) => !type.startsWith('xstate.')).sort())
  })

  it.each([
    ['waiting', 'xstate.after.leasePoll.token.refreshing.waitingForHolder', 'claiming'],
    ['stale', 'xstate.after.refreshBackoff.token.stale.waiting', 'ready'],
    ['overdue', 'xstate.after.refreshBackoff.token.stale.overdue', 'ready'],
    ['unsaved', 'xstate.after.saveRetry.token.stale.unsaved', 'saving'],
  ])('in %s: %s → %s', (state, type, target) => {
    const from = states[state] as AnyMachineSnapshot
    const moved = move(machine, from, { type })
    expect(moved?.state).toBe(names[target])
    expect(moved?.snapshot.context).toEqual(from.context)
  })

  it('sends nothing by itself when its backoff ends', () => {
    const type = 'xstate.after.refreshBackoff.token.stale.waiting'
    expect(move(machine, states.stale as AnyMachineSnapshot, { type })).toMatchObject({
      does: [],
      invokes: [],
    })
  })

  it('rejects a token that the service does not replace when it expires', () => {
    const type = 'xstate.after.tokenEnd.token.expiring'
    expect(move(machine, states.expiring as AnyMachineSnapshot, { type })).toMatchObject({
      state: 'rejected',
    })
  })

  it('begins fresh, and asks for nothing', () => {
    const [snapshot, actions] = initialTransition(machine, { entryId: 'entry-1' })
    expect([snapshot.value, actions]).toEqual(['fresh', []])
  })

  it.each<[string, object, string, object]>([
    ['claiming', { output: { type: 'claimed' } }, 'asking', {}],
    ['claiming', { output: { type: 'held' } }, 'waiting', {}],
    ['claiming', { output: { type: 'current' } }, 'fresh', {}],
    ['claiming', { output: { type: 'rejected' } }, 'rejected', {}],
    ['claiming', { output: { type: 'unsaved', draft } }, 'saving', { draft }],
    ['claiming', { error: new Error('locked') }, 'ready', { reason: 'not_locked' }],
    ['asking', { output: { type: 'refreshed', draft } }, 'saving', { draft }],
    ['asking', { output: { type: 'refused', until: 9, wait: 0 } }, 'reading', { until: 9, wait: 0 }],
    ['asking', { output: { type: 'refused', until: 9, wait: 5 } }, 'reading', { until: 9, wait: 5 }],
    ['asking', { output: { type: 'lapsed' } }, 'claiming', {}],
    [
      'asking',
      { output: { type: 'failed', error: 'rate_limited', wait: 9, until: 90 } },
      'recording',
      { reason: 'rate_limited', wait: 9, until: 90, tries: 1 },
    ],
    ['recording', { output: { type: 'recorded' } }, 'stale', { wait: 1_000 }],
    ['recording', { output: { type: 'overdue' } }, 'overdue', { wait: 1_000 }],
    ['recording', { error: new Error('full') }, 'stale', { wait: 1_000 }],
    ['asking', { error: new Error('boom') }, 'ready', { reason: 'unknown' }],
    ['reading', { output: { type: 'changed' } }, 'fresh', {}],
    ['reading', { output: { type: 'unchanged' } }, 'rejected', {}],
    ['lastly', { output: { type: 'unchanged' } }, 'expiring', { wait: 30_000, until: 40_000 }],
    ['lastly', { output: { type: 'changed' } }, 'fresh', {}],
    ['reading', { error: new Error('boom') }, 'ready', { reason: 'unknown' }],
    ['saving', { output: { type: 'saved' } }, 'fresh', { draft: null }],
    ['saving', { output: { type: 'superseded' } }, 'fresh', { draft: null }],
    ['saving', { error: new Error('full') }, 'unsaved', { draft, reason: 'not_saved' }],
  ])('from %s, where its work brings %j, goes to %s', (state, result, target, context) => {
    const from = states[state] as AnyMachineSnapshot
    const moved = move(machine, from, cameOf(from, result as { output: unknown }))
    expect(moved?.state).toBe(names[target] ?? target)
    expect(moved?.snapshot.context).toMatchObject(context)
  })
})

describe('nextFailure', () => {
  const HOUR = 3_600_000
  const now = 100 * HOUR
  const since = (hours: number, reason = 'timeout') => ({ since: now - hours * HOUR, reason, overdue: false })

  it.each<[string, Parameters<typeof nextFailure>[0], Partial<Parameters<typeof nextFailure>[1]>, object]>([
    ['starts with the first failure', null, {}, { since: now, reason: 'timeout', overdue: false }],
    ['starts without a stored failure', undefined, {}, { since: now }],
    ['keeps its start', since(23), {}, { since: now - 23 * HOUR, overdue: false }],
    ['is overdue after a day', since(24), {}, { overdue: true }],
    ['is overdue after a day with another code', since(24), { reason: 'unknown' }, { overdue: true }],
    ['is overdue after an hour if it is permanent', since(1), { reason: 'setup_error' }, { overdue: true }],
    ['is not overdue in the first hour', since(0.9), { reason: 'setup_error' }, { overdue: false }],
    [
      'waits while the token is usable',
      since(23),
      { reason: 'setup_error', usable: true },
      { overdue: false },
    ],
    ['waits a day while the token is usable', since(24), { usable: true }, { overdue: true }],
    ['does not believe a start in the future', since(-1), {}, { since: now }],
    [
      'of the client is never overdue',
      since(99, 'client_refused'),
      { reason: 'client_refused' },
      { overdue: false },
    ],
    [
      'starts again after that of the client',
      since(99, 'client_refused'),
      {},
      { since: now, overdue: false },
    ],
    ['of the client starts again', since(99), { reason: 'client_refused' }, { since: now, overdue: false }],
  ])('%s', (_, before, failure, expected) => {
    expect(nextFailure(before, { reason: 'timeout', now, usable: false, ...failure })).toMatchObject(expected)
  })
})
