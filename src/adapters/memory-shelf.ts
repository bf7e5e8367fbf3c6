import type { Asked, AttemptsRecord, EntryRecord, FlowRecord } from '../ports/store.ts'
import { AuditShelf } from './audit-shelf.ts'
import { IdsByKey } from './ids-by-key.ts'
import { needsPerson } from './needs-person.ts'
import { SortedIds } from './sorted-ids.ts'

/** What one scope keeps in memory, with the indexes that make every check a look-up. */
export class MemoryShelf {
  readonly entries = new Map<string, EntryRecord>()
  readonly flows = new Map<string, FlowRecord>()
  readonly attempts = new Map<string, AttemptsRecord>()
  readonly audit = new AuditShelf()
  /** How many open flows hold no edit slot. */
  openFlows = 0
  /** By domain, then by unique id: the entry. */
  readonly #identities = new Map<string, Map<string, string>>()
  /** By domain: the entries that need a person, and the others. */
  readonly #entries = new Map<string, { readonly needs: SortedIds; readonly calm: SortedIds }>()
  /** By domain: the flows that are open, and those that have ended. */
  readonly #flows = new Map<string, { readonly open: SortedIds; readonly ended: SortedIds }>()
  /** By principal and key: the flow that was asked for. */
  readonly #asked = new Map<string, string>()
  readonly #openByEntry = new IdsByKey()
  readonly #endedByEntry = new IdsByKey()

  /** The entry that has this identity. */
  holderOf(domain: string, uniqueId: string): string | undefined {
    return this.#identities.get(domain)?.get(uniqueId)
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
    const moved =
      before?.domain !== next?.domain ||
      before?.uniqueId !== next?.uniqueId ||
      (before && needsPerson(before)) !== (next && needsPerson(next))
    if (!moved) return
    if (before) {
      this.#entryList(before).delete(entryId)
      if (before.uniqueId !== null) this.#identities.get(before.domain)?.delete(before.uniqueId)
    }
    if (next) {
      this.#entryList(next).add(entryId)
      if (next.uniqueId !== null) {
        getOrAdd(this.#identities, next.domain, () => new Map<string, string>()).set(next.uniqueId, entryId)
      }
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
      before?.domain !== next?.domain || before?.entryId !== next?.entryId || before?.open !== next?.open
    if (!moved) return
    if (before) {
      this.#flowList(before).delete(flowId)
      if (before.entryId !== null) this.#byEntry(before.open).delete(before.entryId, flowId)
    }
    if (next) {
      this.#flowList(next).add(flowId)
      if (next.entryId !== null) this.#byEntry(next.open).add(next.entryId, flowId)
    }
  }

  setAttempts(key: string, next: AttemptsRecord | undefined): void {
    if (next) this.attempts.set(key, next)
    else this.attempts.delete(key)
  }

  /** The entries that have this identity, in any domain or in one. */
  entriesOf(uniqueId: string, domain: string | undefined): string[] {
    const domains = domain === undefined ? [...this.#identities.keys()] : [domain]
    return domains.flatMap((one) => this.holderOf(one, uniqueId) ?? [])
  }

  /** Whether an entry is there and needs a person. */
  needs(entryId: string): boolean {
    const entry = this.entries.get(entryId)
    return entry !== undefined && needsPerson(entry)
  }

  /** The lists that hold every entry of a query between them. */
  entryLists(domain: string | undefined, need: boolean | undefined): SortedIds[] {
    return some(this.#entries, domain).flatMap(({ needs, calm }) =>
      need === undefined ? [needs, calm] : need ? [needs] : [calm],
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
    const lists = getOrAdd(this.#entries, entry.domain, () => ({
      needs: new SortedIds(),
      calm: new SortedIds(),
    }))
    return needsPerson(entry) ? lists.needs : lists.calm
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
