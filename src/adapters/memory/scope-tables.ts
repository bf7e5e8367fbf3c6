import { RevisionConflictError, SlotTakenError } from '../../errors.ts'
import type { AuditRow } from '../../ports/history.ts'
import type { LeaseWrite } from '../../ports/lease.ts'
import type { CountQuery, StoredCounts, StoredEntryStatus } from '../../ports/query.ts'
import type { RemovalWrite } from '../../ports/removals.ts'
import type {
  AnyEntryQuery,
  AttemptsRecord,
  AttentionQuery,
  Check,
  EntryQuery,
  EntryRecord,
  FlowQuery,
  FlowRecord,
  NeedyEntry,
  Page,
  Write,
} from '../../ports/store.ts'
import type { WebhookWrite } from '../../ports/webhooks.ts'
import { type AttentionCursor, FIRST_EXPIRING, formatCursor, parseCursor } from '../attention-cursor.ts'
import { deepFreeze } from '../deep-freeze.ts'
import { statusOf } from '../entry-status.ts'
import { needsPerson } from '../needs-person.ts'
import { storedFlow } from '../stored-flow.ts'
import { EntryCounts, isActive } from './entry-counts.ts'
import { HistoryTable } from './history-table.ts'
import { byExpiryOfScope, type sharedIndexes } from './shared-indexes.ts'
import { SortedIds, type SortedSet } from './sorted-ids.ts'

type Change = Exclude<Write, { audit: AuditRow } | LeaseWrite | WebhookWrite | RemovalWrite | Check>
type Kind = 'entry' | 'flow' | 'attempts'
/** An index, the key of a row in it, and the slot if the key is unique. */
type IndexKey = readonly [SortedIds, string, SlotTakenError['slot']?]
type Row = EntryRecord | FlowRecord | AttemptsRecord

/** The rows of one scope, with an index for each unique slot and each list. */
export class ScopeTables {
  readonly entries = new Map<string, EntryRecord>()
  readonly flows = new Map<string, FlowRecord>()
  readonly attempts = new Map<string, AttemptsRecord>()
  /** The entries with an expiry that need attention for no other reason. */
  readonly #expiring = byExpiryOfScope()
  /** The number of open flows without an edit slot. */
  openFlows = 0
  /** The numbers of entries, without those whose credential expires. */
  readonly #counts = new EntryCounts()
  /** By entry; `null` for the whole scope. */
  readonly history = new HistoryTable()
  readonly #shared: ReturnType<typeof sharedIndexes>
  readonly #domains = new Set<string>()
  readonly #entryLists = new SortedIds()
  readonly #identities = new SortedIds()
  readonly #matchKeys = new SortedIds()
  readonly #flowLists = new SortedIds()
  /** By entry: the open flows and the ended ones. */
  readonly #ofEntry = { true: new SortedIds(), false: new SortedIds() }
  readonly #slots = new SortedIds()
  readonly #requests = new SortedIds()

  constructor(shared: ReturnType<typeof sharedIndexes>) {
    this.#shared = shared
  }

  /**
   * Makes one change and returns a function that undoes it.
   *
   * @throws RevisionConflictError if the stored revision is not `ifRevision`
   * @throws SlotTakenError if another record holds a slot
   */
  change(change: Change): () => void {
    const [kind, id, record] = 'remove' in change ? [change.remove, change.id, undefined] : keyed(change)
    const before = { entry: this.entries, flow: this.flows, attempts: this.attempts }[kind].get(id)
    if ((before?.revision ?? 0) !== change.ifRevision) throw new RevisionConflictError(kind, id)
    if (record !== undefined) this.#checkSlots(id, record)
    deepFreeze(record)
    this.#set(kind, id, before, record)
    return () => this.#set(kind, id, record, before)
  }

  /** @throws RevisionConflictError if the condition is not met */
  check(check: Extract<Check, { check: 'entry' | 'flows' }>): void {
    if (check.check === 'entry') {
      if ((this.entries.get(check.id)?.revision ?? 0) !== check.ifRevision)
        throw new RevisionConflictError('entry', check.id)
      return
    }
    const open = this.#ofEntry.true.page(check.entryId, undefined, ALL)
    const other = open.find((id) => !check.open.includes(id))
    if (other !== undefined) throw new RevisionConflictError('flow', other)
  }

  flowOfRequest(principal: string, key: string): FlowRecord | undefined {
    return this.#flow(this.#requests.get(keyOf(principal, key)))
  }

  flowInSlot(domain: string, slot: string): FlowRecord | undefined {
    return this.#flow(this.#slots.get(keyOf(domain, slot)))
  }

  #flow(id: string | undefined): FlowRecord | undefined {
    return id === undefined ? undefined : this.flows.get(id)
  }

  findEntries(query: EntryQuery): Page<EntryRecord> {
    const { domain, uniqueId, matchKey, needs, ignored, status, after, limit } = query
    const domains = domain === undefined ? [...this.#domains] : [domain]
    if (status !== undefined) {
      const lists = domains.map((name) => keyOf(name, statusKey(status)))
      return pageOf(this.entries, this.#entryLists.merged(lists, after, limit), limit)
    }
    const places = [needs ?? [false, true]]
      .flat()
      .flatMap((a) => [ignored ?? [false, true]].flat().map((b) => placeKey(a, b)))
    if (uniqueId === undefined && matchKey === undefined) {
      const lists = domains.flatMap((name) => places.map((place) => keyOf(name, place)))
      return pageOf(this.entries, this.#entryLists.merged(lists, after, limit), limit)
    }
    const [index, key] = uniqueId === undefined ? [this.#matchKeys, matchKey] : [this.#identities, uniqueId]
    const ids = domains.flatMap((name) => index.get(keyOf(name, key ?? '')) ?? [])
    const found = ids.filter((id) => {
      const entry = this.entries.get(id)
      if (entry === undefined || !places.includes(placeOf(entry)) || (after !== undefined && id <= after))
        return false
      return matchKey === undefined || entry.matchKey === matchKey
    })
    return pageOf(this.entries, found.sort(), limit)
  }

  countEntries({ expiringUntil, atMost }: CountQuery): StoredCounts {
    let expiring = 0
    for (const { entryId, expiresAt } of this.#expiring.keys()) {
      if (expiring === atMost || Number(expiresAt) > expiringUntil) break
      const entry = this.entries.get(entryId)
      if (entry !== undefined && isActive(entry)) expiring++
    }
    return this.#counts.with(expiring)
  }

  anyEntry({ domain, uniqueId }: AnyEntryQuery): EntryRecord | undefined {
    if (domain === undefined) return this.entries.values().next().value
    if (uniqueId === undefined) return this.findEntries({ domain, limit: 1 }).items[0]
    return this.entries.get(this.#identities.get(keyOf(domain, uniqueId)) ?? '')
  }

  /** Returns the ids of the entries of a domain that are not ignored. */
  entriesOf(domain: string): readonly string[] {
    const lists = [false, true].map((needs) => keyOf(domain, placeKey(needs, false)))
    return this.#entryLists.merged(lists, undefined, ALL)
  }

  findAttention({ expiringUntil, after, limit }: AttentionQuery): Page<NeedyEntry> {
    const cursor = parseCursor(after)
    const count = Math.max(1, limit) + 1
    const ids: string[] = []
    if (cursor.part === 'needs') {
      const places = [false, true].map((ignored) => placeKey(true, ignored))
      const lists = [...this.#domains].flatMap((name) => places.map((place) => keyOf(name, place)))
      ids.push(...this.#entryLists.merged(lists, cursor.entryId ?? undefined, limit))
    }
    const { expiresAt, entryId } = cursor.part === 'needs' ? FIRST_EXPIRING : cursor
    for (const next of this.#expiring.keys({ expiresAt, entryId })) {
      if (ids.length === count || Number(next.expiresAt) > expiringUntil) break
      if (next.expiresAt !== expiresAt || next.entryId !== entryId) ids.push(next.entryId)
    }
    const { items, next } = pageOf(this.entries, ids, limit)
    const last = items.at(-1)
    return {
      items: items.map((entry) => ({ entry, editFlowId: this.#editFlowOf(entry) })),
      next: next === null || last === undefined ? null : formatCursor(cursorOf(last)),
      unreadable: [],
    }
  }

  findFlows({ entryId, domain, open, edits, after, limit }: FlowQuery): Page<FlowRecord> {
    const states = open === undefined ? [true, false] : [open]
    if (entryId === undefined) {
      const slots = edits === undefined ? [true, false] : [edits]
      const domains = domain === undefined ? [...this.#domains] : [domain]
      const lists = domains.flatMap((name) =>
        states.flatMap((state) => slots.map((slot) => keyOf(name, `${state} ${slot}`))),
      )
      return pageOf(this.flows, this.#flowLists.merged(lists, after, limit), limit)
    }
    const ids = states.flatMap((state) => this.#ofEntry[`${state}`].page(entryId, after, ALL))
    const found = ids.filter((id) => {
      const flow = this.flows.get(id)
      return (
        (domain === undefined || flow?.domain === domain) && (edits === undefined || flow?.edits === edits)
      )
    })
    return pageOf(this.flows, found.sort(), limit)
  }

  #editFlowOf({ entryId }: EntryRecord): string | null {
    const open = this.#ofEntry.true.page(entryId, undefined, ALL)
    return open.find((id) => this.flows.get(id)?.edits) ?? null
  }

  #checkSlots(id: string, record: Row): void {
    for (const [index, key, slot] of this.#keysOf(record)) {
      if (slot === undefined) continue
      const holders = index.page(key, undefined, slot === 'edit' ? ALL : 1)
      const holder = holders.find((one) => one !== id && (slot !== 'edit' || this.flows.get(one)?.edits))
      if (holder !== undefined) throw new SlotTakenError(slot, holder)
    }
  }

  /** Replaces a row in its table and in the indexes. */
  #set(kind: Kind, id: string, before: Row | undefined, next: Row | undefined): void {
    const table = { entry: this.entries, flow: this.flows, attempts: this.attempts }[kind] as Map<string, Row>
    if (next === undefined) table.delete(id)
    else table.set(id, next)
    for (const [row, verb] of [
      [before, 'delete'],
      [next, 'add'],
    ] as const) {
      if (row === undefined) continue
      const isAdded = verb === 'add'
      if ('dueAt' in row) {
        if (row.dueAt !== null) change(this.#shared.due, row, isAdded)
      } else {
        if (row.expiresAt != null) {
          change(this.#shared.expiring, row, isAdded)
          if (!needsPerson(row)) change(this.#expiring, row, isAdded)
        }
        if ('title' in row) this.#counts.add(row, isAdded ? 1 : -1)
        if (row.refreshAt != null) change(this.#shared.refreshes, row, isAdded)
      }
      if ('flowId' in row && row.open && !row.edits) this.openFlows += isAdded ? 1 : -1
    }
    const [from, to] = [this.#keysOf(before), this.#keysOf(next)]
    if (
      from.length === to.length &&
      from.every(([index, key], at) => index === to[at]?.[0] && key === to[at]?.[1])
    )
      return
    for (const [index, key] of from) index.delete(key, id)
    for (const [index, key] of to) index.add(key, id)
  }

  /** The indexes that hold a row, its key in each, and the slot if the key is unique. */
  #keysOf(row: Row | undefined): IndexKey[] {
    if (row === undefined || 'failures' in row) return []
    const { domain } = row
    this.#domains.add(domain)
    if ('flowId' in row) {
      const { entryId, open, edits, slot, asked } = row
      return [
        [this.#flowLists, keyOf(domain, `${open} ${edits}`)],
        ...when(entryId, (id) =>
          open && edits ? [this.#ofEntry[`${open}`], id, 'edit'] : [this.#ofEntry[`${open}`], id],
        ),
        ...when(open ? slot : null, (name) => [this.#slots, keyOf(domain, name), 'held']),
        ...when(asked, ({ principal, key }) => [this.#requests, keyOf(principal, key), 'asked']),
      ]
    }
    return [
      [this.#entryLists, keyOf(domain, placeOf(row))],
      ...when(statusOf(row), (status) => [this.#entryLists, keyOf(domain, statusKey(status))]),
      ...when(row.uniqueId, (id) => [this.#identities, keyOf(domain, id), 'identity']),
      ...when(row.matchKey, (key) => [this.#matchKeys, keyOf(domain, key), 'exclusive']),
    ]
  }
}

const ALL = Number.POSITIVE_INFINITY

const when = <Value>(value: Value | null | undefined, key: (value: Value) => IndexKey): IndexKey[] =>
  value == null ? [] : [key(value)]

/** A list of entries: whether they need attention, and whether they are ignored. */
const placeKey = (needs: boolean, ignored: boolean): string => `${needs} ${ignored}`

const placeOf = (entry: EntryRecord): string => placeKey(needsPerson(entry), entry.ignored ?? false)

/** A list of entries with a status. */
const statusKey = (status: StoredEntryStatus): string => `status ${status}`

/** A key of two parts. The length of the first separates them. */
const keyOf = (first: string, second: string): string => `${first.length} ${first}${second}`

const change = <Key>(index: SortedSet<Key>, row: Key, isAdded: boolean): void => {
  if (isAdded) index.set(row, undefined)
  else index.delete(row)
}

function keyed(put: Extract<Change, { put: unknown }>): readonly [Kind, string, Row] {
  switch (put.put) {
    case 'entry':
      return [put.put, put.record.entryId, put.record]
    case 'flow':
      return [put.put, put.record.flowId, storedFlow(put.record)]
    case 'attempts':
      return [put.put, put.record.key, put.record]
  }
}

const cursorOf = (entry: EntryRecord): AttentionCursor =>
  needsPerson(entry)
    ? { part: 'needs', entryId: entry.entryId }
    : { part: 'expiring', expiresAt: Number(entry.expiresAt), entryId: entry.entryId }

function pageOf<Item>(rows: ReadonlyMap<string, Item>, ids: readonly string[], limit: number): Page<Item> {
  const shown = ids.slice(0, Math.max(1, limit))
  const items = shown.flatMap((id) => rows.get(id) ?? [])
  return { items, next: ids.length > shown.length ? (shown.at(-1) ?? null) : null, unreadable: [] }
}
