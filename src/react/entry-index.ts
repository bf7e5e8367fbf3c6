import type { AttentionItem, ClientState, EntryCounts, EntryView } from '../client/index.ts'
import { connectionOf, type EntryFilterState, searchedText, searchedWords } from '../entry-filter.ts'

/** Selects entries of a list. Without members, all. */
export interface EntryFilter {
  /** Words that must all be part of the title, service, account, address or an id. Case and accents do not count. */
  readonly q?: string
  readonly state?: EntryFilterState
  readonly domain?: string
  /** Groups the entries by their service, or by their state. By default, they are not grouped. */
  readonly group?: 'service' | 'state'
}

/** Entries of a list that have the same service or state. */
export interface EntryGroup {
  /** The domain of the service, or the state. */
  readonly key: string
  readonly ids: readonly string[]
}

/** The entries of a list that match a filter. */
export interface EntrySelection {
  /** The ids in the order of the list: in each group those that need attention first, then those offline. */
  readonly ids: readonly string[]
  /** The groups in order. Empty if the filter does not group. */
  readonly groups: readonly EntryGroup[]
}

/** An entry as the index compares and searches it. */
interface Row {
  readonly entry: EntryView
  readonly item: AttentionItem | undefined
  readonly text: string
  readonly service: string
  readonly connection: ReturnType<typeof connectionOf>
  /** Position among the rows of a group, before the title. */
  readonly rank: number
  readonly state: EntryFilterState
  /** Position of `state` among the groups. */
  readonly stateRank: number
}

type Order = NonNullable<EntryFilter['group']> | 'none'
type Compare = (a: Row, b: Row) => number

const STATES: readonly EntryFilterState[] = ['attention', 'offline', 'connected', 'disabled']

/**
 * The entries of a client in the orders of its lists. After a change, only the changed entries are compared and sorted
 * again.
 */
export class EntryIndex {
  readonly #rows = new Map<string, Row>()
  readonly #orders = new Map<Order, readonly Row[]>()
  readonly #compare: { readonly [Name in Order]: Compare }
  #entries: ClientState['entries'] = new Map()
  #attention: ClientState['attention'] = new Map()
  #counts: EntryCounts = { all: 0, attention: 0, offline: 0, connected: 0, disabled: 0 }
  /** The version that was counted. */
  #counted = 0
  /** Increases with each change of a row. */
  version = 0

  constructor(language: string) {
    const { compare } = new Intl.Collator(language, { numeric: true })
    const byTitle: Compare = (a, b) =>
      a.rank - b.rank || compare(a.entry.title, b.entry.title) || (a.entry.entryId < b.entry.entryId ? -1 : 1)
    const byService: Compare = (a, b) =>
      a.entry.domain === b.entry.domain
        ? 0
        : compare(a.service, b.service) || (a.entry.domain < b.entry.domain ? -1 : 1)
    this.#compare = {
      none: byTitle,
      service: (a, b) => byService(a, b) || byTitle(a, b),
      state: (a, b) => a.stateRank - b.stateRank || byTitle(a, b),
    }
  }

  /** Applies the changes of the entries and the attention items since the last call. */
  update({ entries, attention }: Pick<ClientState, 'entries' | 'attention'>): this {
    if (entries === this.#entries && attention === this.#attention) return this
    const removed = new Set<Row>()
    const added: Row[] = []
    for (const [id, entry] of entries) {
      const known = this.#rows.get(id)
      const item = attention.get(id)
      if (known?.entry === entry && known.item === item) continue
      const row = rowOf(entry, item)
      if (known !== undefined) removed.add(known)
      this.#rows.set(id, row)
      added.push(row)
    }
    if (this.#rows.size > entries.size)
      for (const [id, row] of this.#rows) {
        if (entries.has(id)) continue
        removed.add(row)
        this.#rows.delete(id)
      }
    this.#entries = entries
    this.#attention = attention
    if (added.length + removed.size === 0) return this
    this.version++
    for (const [order, rows] of this.#orders)
      this.#orders.set(order, resorted(rows, removed, added, this.#compare[order]))
    return this
  }

  select({ q = '', state, domain, group }: EntryFilter): EntrySelection {
    const words = searchedWords(q)
    const rows = this.#ordered(group ?? 'none').filter(
      (row) =>
        (domain === undefined || row.entry.domain === domain) &&
        (state === undefined ||
          (state === 'attention' ? row.item !== undefined : row.connection === state)) &&
        words.every((word) => row.text.includes(word)),
    )
    const groups: { key: string; ids: string[] }[] = []
    if (group !== undefined)
      for (const row of rows) {
        const key = group === 'service' ? row.entry.domain : row.state
        const last = groups.at(-1)
        if (last?.key === key) last.ids.push(row.entry.entryId)
        else groups.push({ key, ids: [row.entry.entryId] })
      }
    return { ids: rows.map(({ entry }) => entry.entryId), groups }
  }

  /** The numbers of all entries. The same object until a number changes. */
  get counts(): EntryCounts {
    if (this.#counted === this.version) return this.#counts
    this.#counted = this.version
    const counts = this.#count()
    const isSame = Object.entries(counts).every(
      ([name, count]) => this.#counts[name as keyof EntryCounts] === count,
    )
    if (!isSame) this.#counts = counts
    return this.#counts
  }

  #count(): EntryCounts {
    const counts = { all: this.#rows.size, attention: 0, offline: 0, connected: 0, disabled: 0 }
    for (const { item, connection } of this.#rows.values()) {
      if (item !== undefined) counts.attention++
      if (connection !== null) counts[connection]++
    }
    return counts
  }

  #ordered(order: Order): readonly Row[] {
    const known = this.#orders.get(order)
    if (known !== undefined) return known
    const rows = [...this.#rows.values()].sort(this.#compare[order])
    this.#orders.set(order, rows)
    return rows
  }
}

function rowOf(entry: EntryView, item: AttentionItem | undefined): Row {
  const connection = connectionOf(entry)
  const state = item === undefined ? (connection ?? 'attention') : 'attention'
  return {
    entry,
    item,
    text: searchedText(entry),
    service: entry.service ?? entry.domain,
    connection,
    rank: state === 'attention' ? 0 : state === 'offline' ? 1 : 2,
    state,
    stateRank: STATES.indexOf(state),
  }
}

/** Returns sorted rows without the removed ones and with the added ones. */
function resorted(
  rows: readonly Row[],
  removed: ReadonlySet<Row>,
  added: readonly Row[],
  compare: Compare,
): readonly Row[] {
  const kept = removed.size === 0 ? rows : rows.filter((row) => !removed.has(row))
  const all: Row[] = []
  let from = 0
  for (const row of [...added].sort(compare)) {
    const to = placeOf(kept, row, from, compare)
    while (from < to) all.push(kept[from++] as Row)
    all.push(row)
  }
  while (from < kept.length) all.push(kept[from++] as Row)
  return all
}

/** Returns the position of the first row at or after `from` that comes after `row`. */
function placeOf(rows: readonly Row[], row: Row, from: number, compare: Compare): number {
  let [low, high] = [from, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(rows[middle] as Row, row) < 0) low = middle + 1
    else high = middle
  }
  return low
}
