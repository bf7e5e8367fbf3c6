import { describe, expect, it } from '@jest/globals'
import { type AnyEventObject, type AnyMachineSnapshot, type AnyStateMachine, initialTransition } from 'xstate'
import { Draft, tokenMachine } from '../../machines/index.ts'
import { cameOf, move, table } from './moves.ts'

const machine: AnyStateMachine = tokenMachine
const draft = new Draft({ values: { access: 'new' } })
const base = { entryId: 'entry-1', draft: null, reason: null, tries: 0, wait: 0 }
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
  reading: at('refreshing.readingAgain'),
  saving: at('refreshing.savingToken', { draft }),
  stale: at('stale.waiting', { reason: 'timeout', tries: 1, wait: 1_000 }),
  ready: at('stale.ready', { reason: 'timeout', tries: 1, wait: 1_000 }),
  unsaved: at('stale.unsaved', { draft, reason: 'not_saved' }),
  rejected: at('rejected'),
}
const events: Record<string, AnyEventObject> = {
  due: { type: 'due' },
  refused: { type: 'refused' },
  replaced: { type: 'replaced' },
  arrived: { type: 'arrived', draft },
  retry: { type: 'retry' },
}
const names: Record<string, string> = {
  claiming: 'refreshing.claimingLease',
  asking: 'refreshing.askingService',
  waiting: 'refreshing.waitingForHolder',
  reading: 'refreshing.readingAgain',
  saving: 'refreshing.savingToken',
  stale: 'stale.waiting',
  ready: 'stale.ready',
  unsaved: 'stale.unsaved',
}

/** `-` is refused. */
const pairs = table(`
state     due       refused   replaced  arrived  retry
fresh     claiming  claiming  fresh     saving   -
claiming  -         -         -         -        -
waiting   -         -         -         -        -
asking    -         -         -         -        -
reading   -         -         -         -        -
saving    -         -         -         -        -
stale     -         claiming  fresh     saving   -
ready     claiming  claiming  fresh     saving   -
unsaved   saving    saving    fresh     -        -
rejected  -         -         fresh     -        claiming
`)

describe('tokenMachine', () => {
  it.each(pairs)('in $state: $event → $target', ({ state, event, target }) => {
    const moved = move(machine, states[state] as AnyMachineSnapshot, events[event] as AnyEventObject)
    expect(moved?.state ?? '-').toBe(names[target] ?? target)
    if (target === 'saving') expect(moved?.snapshot.context.draft).toBe(draft)
    if (target === 'fresh') expect(moved?.snapshot.context).toEqual(base)
  })

  it('has a row for every state and a column for every event', () => {
    const rows = new Set(pairs.map(({ state }) => state))
    expect(rows.size).toBe(10)
    const columns = new Set(pairs.map(({ event }) => event))
    expect([...columns].sort()).toEqual(machine.events.filter((type) => !type.startsWith('xstate.')).sort())
  })

  it.each([
    ['waiting', 'xstate.after.leasePoll.token.refreshing.waitingForHolder', 'claiming'],
    ['stale', 'xstate.after.refreshBackoff.token.stale.waiting', 'ready'],
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
    ['asking', { output: { type: 'refused' } }, 'reading', {}],
    ['asking', { output: { type: 'lapsed' } }, 'claiming', {}],
    [
      'asking',
      { output: { type: 'failed', error: 'rate_limited', wait: 9 } },
      'stale',
      { reason: 'rate_limited', wait: 9, tries: 1 },
    ],
    ['asking', { error: new Error('boom') }, 'ready', { reason: 'unknown' }],
    ['reading', { output: { type: 'changed' } }, 'fresh', {}],
    ['reading', { output: { type: 'unchanged' } }, 'rejected', {}],
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
