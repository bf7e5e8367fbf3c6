import { memoryStore } from '../../src/adapters/memory/memory-store.ts'
import type { Cursors } from '../../src/ports/cursors.ts'
import type { Feed } from '../../src/ports/feed.ts'
import type { AuditQuery, AuditRow } from '../../src/ports/history.ts'
import type { CountQuery, StoredCounts } from '../../src/ports/query.ts'
import type {
  AnyEntryQuery,
  AttemptsRecord,
  AttemptsRow,
  AttentionQuery,
  Due,
  EntryName,
  EntryQuery,
  EntryRecord,
  EntryRow,
  EntryToEdit,
  FlowQuery,
  FlowRecord,
  FlowRow,
  NeedyEntry,
  Page,
  Store,
  StoreLeases,
  StoreRemovals,
  StoreWebhooks,
  Write,
} from '../../src/ports/store.ts'

type Apply = (scope: string, writes: readonly Write[]) => Promise<void>

/** A memory store whose calls a test can fail, hold back or alter. It lets everything through until told otherwise. */
export class TamperedStore implements Store {
  durable = false
  readonly inner: Store
  readonly cursors: Cursors
  readonly feed: Feed
  readonly webhooks: StoreWebhooks
  readonly removals: StoreRemovals
  get leases(): StoreLeases {
    const { leases } = this.inner
    return {
      ...leases,
      beginWork: async (...call) => {
        const work = await leases.beginWork(...call)
        if (work === undefined) return undefined
        const flow = this.onFlow(work.flow)
        if (work.type !== 'claimed') return { ...work, flow }
        return { ...work, flow, entry: (await this.onEntry(work.entry ?? undefined)) ?? null }
      },
    }
  }
  /** Number of transactions that were written. */
  writes = 0
  opened = 0
  closed = 0
  /** Stands between the engine and `apply`: call `apply` to let the write happen. */
  onApply: (apply: () => Promise<void>, writes: readonly Write[]) => Promise<void> = (apply) => apply()
  onEntry: (entry: EntryRecord | undefined) => Promise<EntryRecord | undefined> = async (entry) => entry
  onFlow: (flow: FlowRecord) => FlowRecord = (flow) => flow
  onDue: () => Promise<void> = async () => {}
  onEntries: (page: Page<EntryRecord>) => Page<EntryRecord> = (page) => page
  onStamp: (stamp: number) => number = (stamp) => stamp

  constructor(inner: Store = memoryStore()) {
    this.inner = inner
    this.cursors = inner.cursors
    const { feed } = inner
    this.feed = {
      head: (scope) => feed.head(scope),
      read: (scope, since) => feed.read(scope, since),
      moved: (since) => feed.moved(since),
      listen: (wake) => feed.listen?.(wake) ?? (() => {}),
      stamp: () => this.onStamp(feed.stamp?.() ?? 0),
      purge: (before) => feed.purge(before),
    }
    this.webhooks = inner.webhooks
    this.removals = inner.removals
  }

  async open(): Promise<void> {
    this.opened++
  }
  async close(): Promise<void> {
    this.closed++
  }
  readonly apply: Apply = async (scope, writes) => {
    await this.onApply(() => this.inner.apply(scope, writes), writes)
    this.writes++
  }
  async getEntry(scope: string, entryId: string): Promise<EntryRecord | undefined> {
    return this.onEntry(await this.inner.getEntry(scope, entryId))
  }
  async getEntryToEdit(scope: string, entryId: string): Promise<EntryToEdit> {
    const { flow, ...found } = await this.inner.getEntryToEdit(scope, entryId)
    return { ...found, entry: await this.onEntry(found.entry), flow: flow && this.onFlow(flow) }
  }
  async findEntries(scope: string, query: EntryQuery): Promise<Page<EntryRecord>> {
    return this.onEntries(await this.inner.findEntries(scope, query))
  }
  getFlowAsked(scope: string, principal: string, key: string): Promise<FlowRecord | undefined> {
    return this.inner.getFlowAsked(scope, principal, key)
  }

  getFlowHolding(scope: string, domain: string, slot: string): Promise<FlowRecord | undefined> {
    return this.inner.getFlowHolding(scope, domain, slot)
  }

  async getFlow(scope: string, flowId: string): Promise<FlowRecord | undefined> {
    const flow = await this.inner.getFlow(scope, flowId)
    return flow && this.onFlow(flow)
  }
  async findFlows(scope: string, query: FlowQuery): Promise<Page<FlowRecord>> {
    const page = await this.inner.findFlows(scope, query)
    return { ...page, items: page.items.map(this.onFlow) }
  }
  countOpenFlows(scope: string, atMost: number): Promise<number> {
    return this.inner.countOpenFlows(scope, atMost)
  }
  getAttempts(scope: string, key: string): Promise<AttemptsRecord | undefined> {
    return this.inner.getAttempts(scope, key)
  }
  getEntryRow(scope: string, entryId: string): Promise<EntryRow | undefined> {
    return this.inner.getEntryRow(scope, entryId)
  }

  getFlowRow(scope: string, flowId: string): Promise<FlowRow | undefined> {
    return this.inner.getFlowRow(scope, flowId)
  }

  getAttemptsRow(scope: string, key: string): Promise<AttemptsRow | undefined> {
    return this.inner.getAttemptsRow(scope, key)
  }

  countEntries(scope: string, query: CountQuery): Promise<StoredCounts> {
    return this.inner.countEntries(scope, query)
  }

  async findAttention(scope: string, query: AttentionQuery): Promise<Page<NeedyEntry>> {
    const page = await this.inner.findAttention(scope, query)
    const flows = new Map(page.items.map(({ entry, editFlowId }) => [entry.entryId, editFlowId]))
    const altered = this.onEntries({ ...page, items: page.items.map(({ entry }) => entry) })
    const items = altered.items.map((entry) => ({ entry, editFlowId: flows.get(entry.entryId) ?? null }))
    return { ...altered, items }
  }

  anyEntry(of?: AnyEntryQuery): Promise<EntryRow | undefined> {
    return this.inner.anyEntry(of)
  }

  findRefreshDue(now: number, limit: number): Promise<readonly EntryName[]> {
    return this.inner.findRefreshDue(now, limit)
  }

  findUnowned(domains: readonly string[], now: number, limit: number): Promise<readonly EntryName[]> {
    return this.inner.findUnowned(domains, now, limit)
  }

  findExpiring(from: number, until: number) {
    return this.inner.findExpiring(from, until)
  }

  async due(now: number, limit: number, beyond?: number): Promise<readonly Due[]> {
    await this.onDue()
    return this.inner.due(now, limit, beyond)
  }
  scopes(query: { readonly after?: string; readonly limit: number }): Promise<readonly string[]> {
    return this.inner.scopes(query)
  }
  readAudit(scope: string, entryId: string | null, query: AuditQuery): Promise<Page<AuditRow>> {
    return this.inner.readAudit(scope, entryId, query)
  }

  purgeAudit(before: number, limit: number): Promise<boolean> {
    return this.inner.purgeAudit(before, limit)
  }
}

/** A promise that a test settles, and whether it was awaited. */
export class KeyedSemaphore {
  reached = false
  open: () => void = () => {}
  readonly #opened = new Promise<void>((resolve) => {
    this.open = resolve
  })
  async wait(): Promise<void> {
    this.reached = true
    await this.#opened
  }
}
