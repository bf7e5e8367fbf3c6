import { describe, expect, it } from '@jest/globals'
import { type AnyEventObject, type AnyMachineSnapshot, type AnyStateMachine, initialTransition } from 'xstate'
import { Draft, tokenMachine } from '../../machines/index.ts'
import { cameOf, move, table } from './moves.ts'

const machine: AnyStateMachine = tokenMachine
const draft = new Draft({ values: { access: 'new' } })
const base = { entryId: 'entry-1', draft: null, reason: null, until: null, tries: 0 }
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
  stale: at('stale.waiting', { reason: 'timeout', until: 1_000 }),
  'stale:free': at('stale.waiting', { reason: 'not_locked' }),
  unsaved: at('stale.unsaved', { draft, reason: 'not_saved' }),
  rejected: at('rejected'),
}
const events: Record<string, AnyEventObject> = {
  due: { type: 'due', now: 999 },
  'due:later': { type: 'due', now: 1_000 },
  refused: { type: 'refused' },
  replaced: { type: 'replaced' },
  lookAgain: { type: 'lookAgain' },
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
  unsaved: 'stale.unsaved',
}

/** `-` is refused. */
const pairs = table(`
state       due       due:later  refused   replaced  lookAgain  arrived  retry
fresh       claiming  claiming   claiming  fresh     -          saving   -
claiming    -         -          -         -         -          -        -
waiting     -         -          -         -         claiming   -        -
asking      -         -          -         -         -          -        -
reading     -         -          -         -         -          -        -
saving      -         -          -         -         -          -        -
stale       -         claiming   claiming  fresh     -          saving   -
stale:free  claiming  claiming   claiming  fresh     -          saving   -
unsaved     saving    saving     saving    fresh     saving     -        -
rejected    -         -          -         fresh     -          -        claiming
`)

describe('tokenMachine', () => {
  it.each(pairs)('in $state: $event → $target', ({ state, event, target }) => {
    const moved = move(machine, states[state] as AnyMachineSnapshot, events[event] as AnyEventObject)
    expect(moved?.state ?? '-').toBe(names[target] ?? target)
    if (target === 'saving') expect(moved?.snapshot.context.draft).toBe(draft)
    if (target === 'fresh') expect(moved?.snapshot.context).toEqual(base)
  })

  it('has a row for every state and a column for every event', () => {
    const rows = new Set(pairs.map(({ state }) => state.replace(/:.*/, '')))
    expect(rows.size).toBe(9)
    const columns = new Set(pairs.map(({ event }) => event.replace(/:.*/, '')))
    expect([...columns].sort()).toEqual(machine.events.filter((type) => !type.startsWith('xstate.')).sort())
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
    ['claiming', { error: new Error('locked') }, 'stale', { reason: 'not_locked', until: null }],
    ['asking', { output: { type: 'refreshed', draft } }, 'saving', { draft }],
    ['asking', { output: { type: 'refused' } }, 'reading', {}],
    ['asking', { output: { type: 'lapsed' } }, 'claiming', {}],
    [
      'asking',
      { output: { type: 'failed', error: 'rate_limited', until: 9 } },
      'stale',
      { reason: 'rate_limited', until: 9, tries: 1 },
    ],
    ['asking', { error: new Error('boom') }, 'stale', { reason: 'unknown' }],
    ['reading', { output: { type: 'changed' } }, 'fresh', {}],
    ['reading', { output: { type: 'unchanged' } }, 'rejected', {}],
    ['reading', { error: new Error('boom') }, 'stale', { reason: 'unknown' }],
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
