import { describe, expect, it } from '@jest/globals'
import type { AttentionItem, EntryView } from '../../src/client/index.ts'
import { type EntryFilter, EntryIndex } from '../../src/react/entry-index.ts'
import { entry, need } from '../client/samples.ts'

const stateOf = (entries: readonly EntryView[], items: readonly AttentionItem[] = []) => ({
  entries: new Map(entries.map((one) => [one.entryId, one])),
  attention: new Map(items.map((one) => [String(one.entryId), one])),
})

const hub = (id: string, title: string, more: Partial<EntryView> = {}) =>
  entry(id, { title, service: 'My Hub', ...more })

const indexOf = (...state: Parameters<typeof stateOf>) => new EntryIndex('en').update(stateOf(...state))

const idsOf = (index: EntryIndex, filter: EntryFilter = {}) => index.select(filter).ids.join(' ')

describe('the order of a list', () => {
  it('begins with entries that need attention, then those offline, then by title with numbers in order', () => {
    const index = indexOf(
      [
        hub('a', 'Hub 10'),
        hub('b', 'Hub 9'),
        hub('c', 'Zoo', { state: 'setup_retry' }),
        hub('d', 'Zebra'),
        hub('e', 'Ähre'),
      ],
      [need('d')],
    )
    expect(idsOf(index)).toBe('d c e b a')
  })

  it('groups by service, and entries of equal services by their integration', () => {
    const index = indexOf([
      hub('a', 'A', { domain: 'x', service: 'Zig' }),
      hub('b', 'B', { domain: 'y', service: 'Alarm' }),
      hub('c', 'C', { domain: 'z', service: 'Alarm' }),
      hub('d', 'D', { domain: 'y', service: 'Alarm', state: 'setup_error' }),
    ])
    expect(index.select({ group: 'service' })).toEqual({
      ids: ['d', 'b', 'c', 'a'],
      groups: [
        { key: 'y', ids: ['d', 'b'] },
        { key: 'z', ids: ['c'] },
        { key: 'x', ids: ['a'] },
      ],
    })
  })

  it('groups by state, each entry once', () => {
    const index = indexOf(
      [
        hub('a', 'A'),
        hub('b', 'B', { disabled: true, state: 'disabled' }),
        hub('c', 'C', { quiet: true }),
        hub('d', 'D'),
        hub('e', 'E', { state: 'reauth_required' }),
      ],
      [need('d')],
    )
    expect(index.select({ group: 'state' }).groups).toEqual([
      { key: 'attention', ids: ['d', 'e'] },
      { key: 'offline', ids: ['c'] },
      { key: 'connected', ids: ['a'] },
      { key: 'disabled', ids: ['b'] },
    ])
  })

  it('stays equal to sorting everything again, after any changes', () => {
    let seed = 7
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % below
    }
    const states = ['loaded', 'setup_retry', 'not_loaded', 'reauth_required'] as const
    const entries = new Map<string, EntryView>()
    let attention = new Map<string, AttentionItem>()
    const index = new EntryIndex('en')
    for (let round = 0; round < 200; round++) {
      for (let changes = random(6); changes >= 0; changes--) {
        const id = `e${random(40)}`
        const more = { state: states[random(4)] ?? 'loaded', domain: `d${random(3)}`, revision: round }
        if (random(5) === 0) entries.delete(id)
        else entries.set(id, hub(id, `T${random(9)}`, more))
        attention = new Map(attention)
        if (random(3) === 0) attention.set(id, need(id))
        else attention.delete(id)
      }
      const state = { entries: new Map(entries), attention }
      index.update(state)
      for (const group of ['service', 'state', undefined] as const) {
        const filter = group === undefined ? {} : { group }
        expect(index.select(filter)).toEqual(new EntryIndex('en').update(state).select(filter))
      }
    }
  })
})

describe('the filter of a list', () => {
  const index = indexOf(
    [
      hub('e-1', 'Café Wohnzimmer', { account: 'Zoë@home.example', address: 'hub.local:8080' }),
      hub('e-2', 'Garage', { uniqueId: 'SERIAL-9', service: 'Türöffner', domain: 'door' }),
      hub('e-3', 'Off', { disabled: true, state: 'disabled' }),
      hub('e-4', 'Idle', { state: 'not_loaded', idle: true }),
      hub('e-5', 'Unloaded', { state: 'not_loaded' }),
    ],
    [need('e-2')],
  )

  it.each([
    ['cafe', 'e-1'],
    ['WOHNZIMMER café', 'e-1'],
    ['zoe@home', 'e-1'],
    ['local:80', 'e-1'],
    ['serial', 'e-2'],
    ['turoff', 'e-2'],
    ['e-3', 'e-3'],
    ['garage cafe', ''],
    ['  ', 'e-2 e-5 e-1 e-4 e-3'],
  ])('finds %p in title, service, account, address and ids', (q, ids) => {
    expect(idsOf(index, { q })).toBe(ids)
  })

  it.each([
    [{ state: 'attention' }, 'e-2'],
    [{ state: 'offline' }, 'e-5'],
    [{ state: 'connected' }, 'e-2 e-1 e-4'],
    [{ state: 'disabled' }, 'e-3'],
    [{ domain: 'door' }, 'e-2'],
    [{ domain: 'door', state: 'offline' }, ''],
  ] as const)('selects %j', (filter, ids) => {
    expect(idsOf(index, filter)).toBe(ids)
  })

  it('counts an entry that works and needs attention as both', () => {
    expect(index.counts).toEqual({ all: 5, attention: 1, offline: 1, connected: 3, disabled: 1 })
  })

  it('counts an entry that connects again after a failure as offline', () => {
    const again = hub('e', 'E', { state: 'setup_in_progress', attempt: 2 })
    expect(indexOf([again]).counts.offline).toBe(1)
    expect(indexOf([hub('e', 'E', { state: 'setup_in_progress' })]).counts.connected).toBe(1)
  })
})

it('keeps its counts while only the content of an entry changes', () => {
  const index = new EntryIndex('en').update(stateOf([hub('a', 'A')]))
  const { counts } = index
  expect(index.update(stateOf([hub('a', 'Renamed')])).counts).toBe(counts)
  expect(index.update(stateOf([hub('a', 'A', { disabled: true })])).counts).toEqual({
    ...counts,
    connected: 0,
    disabled: 1,
  })
})

it('keeps its counts and version while nothing changes', () => {
  const state = stateOf([hub('a', 'A')])
  const index = new EntryIndex('en').update(state)
  const { counts, version } = index
  index.update({ ...state, entries: new Map(state.entries) })
  expect(index.counts).toBe(counts)
  expect(index.version).toBe(version)
})
