import { describe, expect, it } from '@jest/globals'
import { type Change, fold, initialState } from '../../src/client/client-state.ts'
import type { EntryView } from '../../src/client/index.ts'
import { entry, form, need, repaired, snapshot as snapshotOf } from './samples.ts'

const after = (...changes: readonly Change[]) =>
  changes.reduce((state, change) => fold(state, change), initialState)
const flow = (data: ReturnType<typeof form>): Change => ({ type: 'flow', data })
const snapshot = (data: Parameters<typeof snapshotOf>[0] = {}): Change => ({
  type: 'snapshot',
  data: snapshotOf(data),
})
const page = (items: readonly EntryView[], gone?: readonly string[]): Change => ({
  type: 'entries',
  data: { items, ...(gone !== undefined && { gone }) },
})

describe('fold', () => {
  it('replaces the state with a snapshot, and the entries with the pages after it', () => {
    const before: Change[] = [
      { type: 'entry', data: entry('gone') },
      { type: 'attention', data: { entryId: 'gone', item: need('gone') } },
      { type: 'transition', data: { id: 'gone', to: 'loaded' } },
      flow(form('gone', 1)),
    ]
    const state = after(...before, snapshot({ flows: [form('f1', 1)], attention: [need('e1')] }))
    expect([[...state.entries.keys()], state.entryList]).toEqual([['gone'], 'loading'])
    const filling = fold(state, page([entry('e0')]))
    expect(filling.entryList).toBe('loading')
    const filled = fold(filling, page([entry('e1')], ['gone']))
    expect([[...filled.entries.keys()], filled.entryList]).toEqual([['e0', 'e1'], 'complete'])
    expect([...state.flows.keys()]).toEqual(['f1'])
    expect([...state.attention.keys()]).toEqual(['e1'])
    expect(state.states.size).toBe(0)
  })

  it('takes the last answers of services, and none for entries that it does not have', () => {
    const before = after(snapshot(), page([entry('e1'), entry('e2')], []))
    const entries = ['e1', 'gone'].map((entryId) => ({ entryId, checkedAt: 7 }))
    const state = fold(before, { type: 'checked', data: { entries } })
    expect(state.entries.get('e1')).toEqual({ ...before.entries.get('e1'), checkedAt: 7 })
    expect(state.entries.get('e2')).toBe(before.entries.get('e2'))
    expect(state.entries.size).toBe(2)
  })

  it('keeps the latest results, because a snapshot contains only open flows', () => {
    const state = after(flow(repaired('f1', 3)), snapshot({ flows: [form('f2', 1)] }))
    expect(state.flows.get('f1')).toMatchObject({ type: 'abort' })
    expect(state.flows.get('f2')).toMatchObject({ type: 'form' })
  })

  it('never replaces a view with one of a lower revision', () => {
    const current = after(flow(form('f1', 5)))
    expect(fold(current, flow(form('f1', 4)))).toBe(current)
    expect(fold(current, snapshot({ flows: [form('f1', 4)] })).flows.get('f1')?.revision).toBe(5)
    expect(fold(current, flow(form('f1', 6))).flows.get('f1')?.revision).toBe(6)
  })

  it('never reopens an ended flow', () => {
    const ended = after(flow(repaired('f1', 5)))
    expect(fold(ended, flow(form('f1', 5)))).toBe(ended)
  })

  it('never replaces an entry with one of a lower revision', () => {
    const current = after({ type: 'entry', data: entry('e1', { revision: 3, title: 'New' }) })
    expect(
      fold(current, { type: 'entry', data: entry('e1', { revision: 2 }) }).entries.get('e1')?.title,
    ).toBe('New')
    expect(
      fold(current, { type: 'entry', data: entry('e1', { revision: 3, state: 'setup_retry' }) }).entries.get(
        'e1',
      )?.state,
    ).toBe('setup_retry')
    expect(fold(current, page([entry('e1')])).entries.get('e1')?.title).toBe('New')
  })

  it('keeps ignored entries separate until they are removed', () => {
    const ignored = entry('e1', { ignored: true })
    const state = after(snapshot({ ignored: [ignored] }), page([entry('e2')], []))
    expect([[...state.entries.keys()], [...state.ignored.keys()]]).toEqual([['e2'], ['e1']])
    const next = fold(state, { type: 'entry', data: entry('e3', { ignored: true }) })
    expect([[...next.entries.keys()], [...next.ignored.keys()]]).toEqual([['e2'], ['e1', 'e3']])
    const removed = fold(next, { type: 'entry_removed', data: { entryId: 'e1' } })
    expect([[...removed.entries.keys()], [...removed.ignored.keys()]]).toEqual([['e2'], ['e3']])
  })

  it('removes everything about a removed entry', () => {
    const state = after(
      { type: 'entry', data: entry('e1') },
      { type: 'attention', data: { entryId: 'e1', item: need('e1') } },
      { type: 'transition', data: { id: 'e1', to: 'reauth_required' } },
      { type: 'transition', data: { machine: 'token', id: 'e1', to: 'fresh' } },
      { type: 'entry_removed', data: { entryId: 'e1' } },
    )
    expect(state).toEqual(initialState)
  })

  it('keeps the attention item of an integration apart from those of entries', () => {
    const item = { ...need('e1'), entryId: null, domain: 'hub' }
    const needs = after(
      { type: 'attention', data: { entryId: 'e1', item: need('e1') } },
      { type: 'attention', data: { entryId: null, domain: 'hub', item } },
    )
    expect([...needs.attention.keys()]).toEqual(['e1', 'client:hub'])
    const over = fold(needs, { type: 'attention', data: { entryId: null, domain: 'hub', item: null } })
    expect([...over.attention.keys()]).toEqual(['e1'])
    expect([...after(snapshot({ attention: [item] })).attention.keys()]).toEqual(['client:hub'])
  })

  it('keeps an attention item until it is resolved', () => {
    const needs = after({ type: 'attention', data: { entryId: 'e1', item: need('e1', 'f1') } })
    expect(needs.attention.get('e1')?.flowId).toBe('f1')
    expect(fold(needs, { type: 'attention', data: { entryId: 'e1', item: null } }).attention.size).toBe(0)
  })

  it('stores the state after the latest transition', () => {
    const state = after(
      { type: 'transition', data: { id: 'f1', to: 'asking.user' } },
      { type: 'transition', data: { id: 'f1', to: 'checkingConnection' } },
    )
    expect(state.states.get('f1')).toBe('checkingConnection')
  })

  it('stores the machines that run next to a flow or an entry separately', () => {
    const state = after(
      { type: 'transition', data: { machine: 'configEntry', id: 'e1', to: 'loaded' } },
      { type: 'transition', data: { machine: 'token', id: 'e1', to: 'fresh' } },
      { type: 'transition', data: { machine: 'deviceCode', id: 'f1', to: 'showing_code' } },
    )
    expect([...state.states]).toEqual([['e1', 'loaded']])
    expect([...state.parallel]).toEqual([
      ['e1', { machine: 'token', state: 'fresh' }],
      ['f1', { machine: 'deviceCode', state: 'showing_code' }],
    ])
    const ended = after(...Array.from({ length: 60 }, (_, n) => flow(repaired(`f${n}`, 2))))
    const late = fold(ended, {
      type: 'transition',
      data: { machine: 'deviceCode', id: 'f60', to: 'refused' },
    })
    expect(late.parallel.has('f60')).toBe(true)
  })

  it('keeps the last 50 results and all open flows', () => {
    let state = after(flow(form('open', 1)), { type: 'transition', data: { id: 'f0', to: 'abort' } })
    for (let n = 0; n < 60; n++) state = fold(state, flow(repaired(`f${n}`, 2)))
    expect(state.flows.size).toBe(51)
    expect(state.flows.has('open')).toBe(true)
    expect(state.flows.has('f9')).toBe(false)
    expect(state.flows.has('f10')).toBe(true)
    expect(state.states.has('f0')).toBe(false)
  })

  it('does not mutate its arguments, and ignores unknown changes', () => {
    const state = after(flow(form('f1', 1)))
    const copy = structuredClone({ ...state, error: null })
    fold(state, flow(form('f2', 1)))
    fold(state, { type: 'entry', data: entry('e1') })
    expect({ ...state, error: null }).toEqual(copy)
    expect(fold(state, { type: 'news', data: {} } as unknown as Change)).toBe(state)
  })
})
