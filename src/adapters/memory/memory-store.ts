import { LatchkeyError, StoreError } from '../../errors.ts'
import type { Cipher } from '../../ports/cipher.ts'
import type {
  AttemptsRecord,
  AuditRow,
  Due,
  EntryQuery,
  EntryRecord,
  Expiring,
  FlowQuery,
  FlowRecord,
  Page,
  Store,
  Write,
} from '../../ports/store.ts'
import { checkWrite } from '../check-write.ts'
import { deepFreeze } from '../deep-freeze.ts'
import { joseCipher } from '../jose-cipher.ts'
import { DueHeap } from './due-heap.ts'
import { ExpiryIndex } from './expiry-index.ts'
import { MemoryShelf } from './scope-data.ts'
import type { SortedIds } from './sorted-ids.ts'
import { memoryWrite } from './write.ts'

/**
 * Keeps everything in this process, for tests, benchmarks and hosts that remember nothing. Its rows live as long
 * as the object, through `close()` and `open()`; its cipher has a random key.
 */
export function memoryStore(): Store {
  return new MemoryStore()
}

type DueRecord = FlowRecord | AttemptsRecord

class MemoryStore implements Store {
  readonly durable = false
  readonly #shelves = new Map<string, MemoryShelf>()
  readonly #due = new DueHeap<DueRecord>((record) => this.#stored(record) === record)
  readonly #expiring = new ExpiryIndex()
  #version = 0
  #cipher: Cipher | undefined

  get cipher(): Cipher {
    this.#cipher ??= joseCipher([crypto.getRandomValues(new Uint8Array(32))])
    return this.#cipher
  }

  async open(): Promise<void> {}

  async close(): Promise<void> {}

  async apply(scope: string, writes: readonly Write[]): Promise<void> {
    let shelf = this.#shelves.get(scope)
    if (shelf === undefined) {
      shelf = new MemoryShelf(this.#expiring)
      this.#shelves.set(scope, shelf)
    }
    const undo: (() => void)[] = []
    try {
      for (const write of writes) {
        checkWrite(scope, write)
        if ('audit' in write) deepFreeze(write.audit)
        else undo.push(memoryWrite(shelf, write))
      }
    } catch (error) {
      for (const step of undo.reverse()) step()
      if (error instanceof LatchkeyError) throw error
      throw new StoreError('The record cannot be kept.', { cause: error })
    }
    for (const write of writes) {
      if ('audit' in write) shelf.audit.add(write.audit)
      else if ('put' in write && write.put !== 'entry' && write.record.dueAt !== null) {
        this.#due.add(write.record.dueAt, write.record)
      }
    }
    this.#version++
  }

  async getEntry(scope: string, entryId: string): Promise<EntryRecord | undefined> {
    return this.#shelves.get(scope)?.entries.get(entryId)
  }

  async findEntries(scope: string, query: EntryQuery): Promise<Page<EntryRecord>> {
    const shelf = this.#shelves.get(scope)
    if (shelf === undefined) return noItems
    const { uniqueId, exclusive, after, limit } = query
    if (uniqueId === undefined && exclusive === undefined) {
      return page(shelf.entries, fromLists(shelf.entryLists(query), after, limit), limit)
    }
    const ids = shelf.entriesOf(query)
    return page(shelf.entries, fromSome(ids, after, limit), limit)
  }

  async getFlow(scope: string, flowId: string): Promise<FlowRecord | undefined> {
    return this.#shelves.get(scope)?.flows.get(flowId)
  }

  async getFlowAsked(scope: string, principal: string, key: string): Promise<FlowRecord | undefined> {
    const shelf = this.#shelves.get(scope)
    const flowId = shelf?.askedBy(principal, key)
    return flowId === undefined ? undefined : shelf?.flows.get(flowId)
  }

  async getFlowHolding(scope: string, domain: string, slot: string): Promise<FlowRecord | undefined> {
    const shelf = this.#shelves.get(scope)
    const flowId = shelf?.heldBy(domain, slot)
    return flowId === undefined ? undefined : shelf?.flows.get(flowId)
  }

  async findFlows(scope: string, query: FlowQuery): Promise<Page<FlowRecord>> {
    const shelf = this.#shelves.get(scope)
    if (shelf === undefined) return noItems
    const { entryId, domain, open, edits, after, limit } = query
    if (entryId === undefined) {
      return page(shelf.flows, fromLists(shelf.flowLists(domain, open), after, limit), limit)
    }
    const ids = shelf.flowsOf(entryId, open).filter((id) => {
      const flow = shelf.flows.get(id)
      return (domain === undefined || flow?.domain === domain) && (edits === undefined || flow?.edits)
    })
    return page(shelf.flows, fromSome(ids, after, limit), limit)
  }

  async countOpenFlows(scope: string): Promise<number> {
    return this.#shelves.get(scope)?.openFlows ?? 0
  }

  async getAttempts(scope: string, key: string): Promise<AttemptsRecord | undefined> {
    return this.#shelves.get(scope)?.attempts.get(key)
  }

  async due(now: number, limit: number): Promise<readonly Due[]> {
    return this.#due.due(now, limit).map((record) => {
      const { scope } = record
      return 'flowId' in record
        ? { scope, kind: 'flow', id: record.flowId }
        : { scope, kind: 'attempts', id: record.key }
    })
  }

  async findExpiring(scope: string | null, from: number, until: number): Promise<readonly Expiring[]> {
    const index = scope === null ? this.#expiring : this.#shelves.get(scope)?.expiring
    return index?.find(from, until) ?? []
  }

  async scopes(): Promise<readonly string[]> {
    const owning = [...this.#shelves].filter(([, shelf]) => shelf.entries.size + shelf.flows.size > 0)
    return owning.map(([scope]) => scope)
  }

  async readAudit(
    scope: string,
    entryId: string | null,
    query: { readonly after?: string; readonly limit: number },
  ): Promise<Page<AuditRow>> {
    return this.#shelves.get(scope)?.audit.read(entryId, query) ?? noItems
  }

  async purgeAudit(before: number): Promise<void> {
    for (const shelf of this.#shelves.values()) shelf.audit.purge(before)
  }

  async version(): Promise<number> {
    return this.#version
  }

  #stored(record: DueRecord): DueRecord | undefined {
    const shelf = this.#shelves.get(record.scope)
    return 'flowId' in record ? shelf?.flows.get(record.flowId) : shelf?.attempts.get(record.key)
  }
}

const noItems = { items: [], next: null, unreadable: [] }

/** One id more than the page holds, which tells whether another page follows. */
function fromLists(lists: readonly SortedIds[], after: string | undefined, limit: number): string[] {
  const count = Math.max(1, limit) + 1
  const [first, ...others] = lists
  const ids = first?.page(after, count) ?? []
  if (others.length === 0) return ids
  return ids
    .concat(...others.map((list) => list.page(after, count)))
    .sort()
    .slice(0, count)
}

function fromSome(ids: readonly string[], after: string | undefined, limit: number): string[] {
  const rest = after === undefined ? [...ids] : ids.filter((id) => id > after)
  return rest.sort().slice(0, Math.max(1, limit) + 1)
}

function page<Item>(rows: ReadonlyMap<string, Item>, ids: readonly string[], limit: number): Page<Item> {
  const shown = ids.slice(0, Math.max(1, limit))
  const items = shown.flatMap((id) => rows.get(id) ?? [])
  return { items, next: ids.length > shown.length ? (shown.at(-1) ?? null) : null, unreadable: [] }
}
