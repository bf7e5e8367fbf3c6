import type { Asked, AttemptsRecord, EntryQuery, EntryRecord, FlowRecord } from '../../ports/store.ts'
import { needsPerson } from '../needs-person.ts'
import { ExpiryIndex } from './expiry-index.ts'
import { AuditShelf } from './history.ts'
import { IdsByKey } from './ids-by-key.ts'
import { SlotMap } from './slot-map.ts'
import { SortedIds } from './sorted-ids.ts'

/** What one scope keeps in memory, with the indexes that make every check a look-up. */
export class MemoryShelf {
  readonly entries = new Map<string, EntryRecord>()
  readonly flows = new Map<string, FlowRecord>()
  readonly attempts = new Map<string, AttemptsRecord>()
  readonly audit = new AuditShelf()
  readonly expiring = new ExpiryIndex()
  /** The same of all scopes. */
  readonly #expiringEverywhere: ExpiryIndex
  /** How many open flows hold no edit slot. */
  openFlows = 0
  /** By unique id: the entry. */
  readonly #identities = new SlotMap()
  /** By what only one entry may have: the entry. */
  readonly #exclusives = new SlotMap()
  /** By slot: the open flow that holds it. */
  readonly #held = new SlotMap()
  /** By domain: the entries of each place. */
  readonly #entries = new Map<string, readonly SortedIds[]>()
  /** By domain: the flows that are open, and those that have ended. */
  readonly #flows = new Map<string, { readonly open: SortedIds; readonly ended: SortedIds }>()
  /** By principal and key: the flow that was asked for. */
  readonly #asked = new Map<string, string>()
  readonly #openByEntry = new IdsByKey()
  readonly #endedByEntry = new IdsByKey()

  constructor(expiringEverywhere: ExpiryIndex) {
    this.#expiringEverywhere = expiringEverywhere
  }

  /** The entry that has this identity. */
  holderOf(domain: string, uniqueId: string): string | undefined {
    return this.#identities.holder(domain, uniqueId)
  }

  /** The entry that has what only one may have. */
  exclusiveOf(domain: string, exclusive: string): string | undefined {
    return this.#exclusives.holder(domain, exclusive)
  }

  /** The open flow that holds a slot. */
  heldBy(domain: string, slot: string): string | undefined {
    return this.#held.holder(domain, slot)
  }

  /** The open flow that holds the edit slot of an entry. */
  editorOf(entryId: string): string | undefined {
    for (const flowId of this.#openByEntry.of(entryId)) if (this.flows.get(flowId)?.edits) return flowId
    return undefined
  }

  /** The flow that was opened under a key. */
  askedBy(principal: string, key: string): string | undefined {
    return this.#asked.get(askedKey({ principal, key }))
  }

  /** Puts an entry, or takes it away, and keeps the indexes right. */
  setEntry(entryId: string, next: EntryRecord | undefined): void {
    const before = this.entries.get(entryId)
    if (next) this.entries.set(entryId, next)
    else this.entries.delete(entryId)
    for (const index of [this.expiring, this.#expiringEverywhere]) index.move(before, next)
    const moved =
      before?.domain !== next?.domain ||
      before?.uniqueId !== next?.uniqueId ||
      before?.exclusive !== next?.exclusive ||
      (before && placeOf(before)) !== (next && placeOf(next))
    if (!moved) return
    if (before) {
      const { domain, uniqueId, exclusive } = before
      this.#entryList(before).delete(entryId)
      if (uniqueId !== null) this.#identities.free(domain, uniqueId)
      if (exclusive !== undefined) this.#exclusives.free(domain, exclusive)
    }
    if (next) {
      const { domain, uniqueId, exclusive } = next
      this.#entryList(next).add(entryId)
      if (uniqueId !== null) this.#identities.take(domain, uniqueId, entryId)
      if (exclusive !== undefined) this.#exclusives.take(domain, exclusive, entryId)
    }
  }

  /** Puts a flow, or takes it away, and keeps the indexes right. */
  setFlow(flowId: string, next: FlowRecord | undefined): void {
    const before = this.flows.get(flowId)
    if (next) this.flows.set(flowId, next)
    else this.flows.delete(flowId)
    this.openFlows += countsAsOpen(next) - countsAsOpen(before)
    if (before?.asked && !next) this.#asked.delete(askedKey(before.asked))
    if (next?.asked) this.#asked.set(askedKey(next.asked), flowId)
    const moved =
      before?.domain !== next?.domain ||
      before?.entryId !== next?.entryId ||
      before?.slot !== next?.slot ||
      before?.open !== next?.open
    if (!moved) return
    if (before) {
      this.#flowList(before).delete(flowId)
      if (before.entryId !== null) this.#byEntry(before.open).delete(before.entryId, flowId)
      if (before.open && before.slot !== undefined) this.#held.free(before.domain, before.slot)
    }
    if (next) {
      this.#flowList(next).add(flowId)
      if (next.entryId !== null) this.#byEntry(next.open).add(next.entryId, flowId)
      if (next.open && next.slot !== undefined) this.#held.take(next.domain, next.slot, flowId)
    }
  }

  setAttempts(key: string, next: AttemptsRecord | undefined): void {
    if (next) this.attempts.set(key, next)
    else this.attempts.delete(key)
  }

  /** The entries of a query that names an identity, or what only one entry may have. */
  entriesOf({ domain, uniqueId, exclusive, needs, ignored }: EntryQuery): string[] {
    const [slots, name] =
      uniqueId === undefined ? [this.#exclusives, exclusive ?? ''] : [this.#identities, uniqueId]
    const ids = domain === undefined ? slots.holders(name) : [slots.holder(domain, name)]
    return ids.flatMap((id) => {
      const entry = id === undefined ? undefined : this.entries.get(id)
      if (entry === undefined || !isIn(placeOf(entry), { needs, ignored })) return []
      return exclusive === undefined || entry.exclusive === exclusive ? [entry.entryId] : []
    })
  }

  /** The lists that hold every entry of a query between them. */
  entryLists({ domain, needs, ignored }: EntryQuery): SortedIds[] {
    return some(this.#entries, domain).flatMap((lists) =>
      lists.filter((_, place) => isIn(place, { needs, ignored })),
    )
  }

  /** The lists that hold every flow of a query between them. */
  flowLists(domain: string | undefined, isOpen: boolean | undefined): SortedIds[] {
    return some(this.#flows, domain).flatMap(({ open, ended }) =>
      isOpen === undefined ? [open, ended] : isOpen ? [open] : [ended],
    )
  }

  /** The flows of one entry. */
  flowsOf(entryId: string, isOpen: boolean | undefined): string[] {
    const open = isOpen === false ? [] : this.#openByEntry.of(entryId)
    const ended = isOpen === true ? [] : this.#endedByEntry.of(entryId)
    return [...open, ...ended]
  }

  #entryList(entry: EntryRecord): SortedIds {
    const lists = getOrAdd(this.#entries, entry.domain, () => PLACES.map(() => new SortedIds()))
    return lists[placeOf(entry)] as SortedIds
  }

  #flowList(flow: FlowRecord): SortedIds {
    const lists = getOrAdd(this.#flows, flow.domain, () => ({
      open: new SortedIds(),
      ended: new SortedIds(),
    }))
    return flow.open ? lists.open : lists.ended
  }

  #byEntry(open: boolean): IdsByKey {
    return open ? this.#openByEntry : this.#endedByEntry
  }
}

const PLACES = [0, 1, 2, 3] as const

/** Which of its domain's lists an entry lies in: those that are ignored apart, and those that need a person. */
const placeOf = (entry: EntryRecord): number =>
  Number(needsPerson(entry)) * 2 + Number(entry.ignored ?? false)

/** Whether the entries of a place are asked for. */
function isIn(
  place: number,
  { needs, ignored }: { needs: boolean | undefined; ignored: boolean | undefined },
): boolean {
  const fits = (asked: boolean | undefined, is: boolean) => asked === undefined || asked === is
  return fits(needs, place >= 2) && fits(ignored, place % 2 === 1)
}

function countsAsOpen(flow: FlowRecord | undefined): 0 | 1 {
  return flow?.open && !flow.edits ? 1 : 0
}

const askedKey = ({ principal, key }: Pick<Asked, 'principal' | 'key'>): string =>
  JSON.stringify([principal, key])

function some<Lists>(all: ReadonlyMap<string, Lists>, domain: string | undefined): Lists[] {
  if (domain === undefined) return [...all.values()]
  const lists = all.get(domain)
  return lists === undefined ? [] : [lists]
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}
