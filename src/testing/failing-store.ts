import { StoreError } from '../errors.ts'
import type { Cipher } from '../ports/cipher.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { Feed } from '../ports/feed.ts'
import type { AuditQuery, AuditRow } from '../ports/history.ts'
import type { CountQuery, StoredCounts } from '../ports/query.ts'
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
  Expiring,
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
} from '../ports/store.ts'
import type { StoreKeys } from '../ports/store-keys.ts'
import type { TokenJournal } from '../ports/token-journal.ts'

/** The methods of a store that can fail. */
export type StoreCall =
  | 'apply'
  | 'beginWork'
  | 'claim'
  | 'renew'
  | 'release'
  | 'reserve'
  | 'getEntry'
  | 'getFlow'
  | 'findEntries'
  | 'findFlows'
  | 'getAttempts'
  | 'due'
  | 'anyEntry'

interface Plan {
  readonly call: StoreCall
  readonly when: 'before' | 'after'
  readonly happens: () => void | Promise<void>
  /** Number of calls until it happens, including that one. */
  left: number
}

/**
 * A store that passes all calls to another store. Before or after a chosen call it runs a function, which can write to
 * the store like another process, or make the call fail.
 *
 * @example
 * ```ts
 * import { memoryStore } from 'latchkey'
 * import { FailingStore, fullDisk } from 'latchkey/testing'
 *
 * const store = new FailingStore(memoryStore())
 * store.before('apply', 1, fullDisk)
 * ```
 */
export class FailingStore implements Store {
  readonly durable: boolean
  readonly shared?: boolean
  readonly cipher?: Cipher
  readonly keys?: StoreKeys
  readonly journal?: TokenJournal
  readonly cursors: Cursors
  readonly feed: Feed
  readonly webhooks: StoreWebhooks
  readonly removals: StoreRemovals
  readonly leases: StoreLeases
  readonly #inner: Store
  readonly #plans: Plan[] = []

  constructor(inner: Store) {
    this.#inner = inner
    this.durable = inner.durable
    this.cursors = inner.cursors
    this.feed = inner.feed
    this.webhooks = inner.webhooks
    this.removals = inner.removals
    if (inner.shared !== undefined) this.shared = inner.shared
    const { leases } = inner
    this.leases = {
      beginWork: (...call) => this.#pass('beginWork', () => leases.beginWork(...call)),
      claim: (...call) => this.#pass('claim', () => leases.claim(...call)),
      renew: (...call) => this.#pass('renew', () => leases.renew(...call)),
      release: (...call) => this.#pass('release', () => leases.release(...call)),
      reserve: (...call) => this.#pass('reserve', () => leases.reserve(...call)),
      getBudget: (...call) => this.#pass('getAttempts', () => leases.getBudget(...call)),
    }
    if (inner.cipher !== undefined) this.cipher = inner.cipher
    if (inner.keys !== undefined) this.keys = inner.keys
    if (inner.journal !== undefined) this.journal = inner.journal
  }

  /** Runs a function before the n-th call from now. If it throws, the call fails and has no effect. */
  before(call: StoreCall, nth: number, happens: () => void | Promise<void>): void {
    this.#plans.push({ call, when: 'before', happens, left: nth })
  }

  /** Runs a function after the n-th call from now. If it throws, the call has its effect, but its result is lost. */
  after(call: StoreCall, nth: number, happens: () => void | Promise<void>): void {
    this.#plans.push({ call, when: 'after', happens, left: nth })
  }

  /** Removes all pending functions. @returns their number */
  clear(): number {
    return this.#plans.splice(0).length
  }

  open(): Promise<void> {
    return this.#inner.open()
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  apply(scope: string, writes: readonly Write[]): Promise<void> {
    return this.#pass('apply', () => this.#inner.apply(scope, writes))
  }

  getFlowAsked(scope: string, principal: string, key: string): Promise<FlowRecord | undefined> {
    return this.#pass('getFlow', () => this.#inner.getFlowAsked(scope, principal, key))
  }

  getFlowHolding(scope: string, domain: string, slot: string): Promise<FlowRecord | undefined> {
    return this.#pass('getFlow', () => this.#inner.getFlowHolding(scope, domain, slot))
  }

  getEntry(scope: string, entryId: string): Promise<EntryRecord | undefined> {
    return this.#pass('getEntry', () => this.#inner.getEntry(scope, entryId))
  }

  getEntryToEdit(scope: string, entryId: string): Promise<EntryToEdit> {
    return this.#pass('getEntry', () => this.#inner.getEntryToEdit(scope, entryId))
  }

  findEntries(scope: string, query: EntryQuery): Promise<Page<EntryRecord>> {
    return this.#pass('findEntries', () => this.#inner.findEntries(scope, query))
  }

  getFlow(scope: string, flowId: string): Promise<FlowRecord | undefined> {
    return this.#pass('getFlow', () => this.#inner.getFlow(scope, flowId))
  }

  findFlows(scope: string, query: FlowQuery): Promise<Page<FlowRecord>> {
    return this.#pass('findFlows', () => this.#inner.findFlows(scope, query))
  }

  getAttempts(scope: string, key: string): Promise<AttemptsRecord | undefined> {
    return this.#pass('getAttempts', () => this.#inner.getAttempts(scope, key))
  }

  getEntryRow(scope: string, entryId: string): Promise<EntryRow | undefined> {
    return this.#inner.getEntryRow(scope, entryId)
  }

  getFlowRow(scope: string, flowId: string): Promise<FlowRow | undefined> {
    return this.#inner.getFlowRow(scope, flowId)
  }

  getAttemptsRow(scope: string, key: string): Promise<AttemptsRow | undefined> {
    return this.#inner.getAttemptsRow(scope, key)
  }

  countEntries(scope: string, query: CountQuery): Promise<StoredCounts> {
    return this.#pass('findEntries', () => this.#inner.countEntries(scope, query))
  }
  findAttention(scope: string, query: AttentionQuery): Promise<Page<NeedyEntry>> {
    return this.#pass('findEntries', () => this.#inner.findAttention(scope, query))
  }

  anyEntry(of?: AnyEntryQuery): Promise<EntryRow | undefined> {
    return this.#pass('anyEntry', () => this.#inner.anyEntry(of))
  }

  findRefreshDue(now: number, limit: number): Promise<readonly EntryName[]> {
    return this.#inner.findRefreshDue(now, limit)
  }

  findUnowned(domains: readonly string[], now: number, limit: number): Promise<readonly EntryName[]> {
    return this.#inner.findUnowned(domains, now, limit)
  }

  findExpiring(from: number, until: number): Promise<readonly Expiring[]> {
    return this.#inner.findExpiring(from, until)
  }

  due(now: number, limit: number, beyond?: number): Promise<readonly Due[]> {
    return this.#pass('due', () => this.#inner.due(now, limit, beyond))
  }

  countOpenFlows(scope: string, atMost: number): Promise<number> {
    return this.#inner.countOpenFlows(scope, atMost)
  }

  scopes(query: { readonly after?: string; readonly limit: number }): Promise<readonly string[]> {
    return this.#inner.scopes(query)
  }

  readAudit(scope: string, entryId: string | null, query: AuditQuery): Promise<Page<AuditRow>> {
    return this.#inner.readAudit(scope, entryId, query)
  }

  purgeAudit(before: number, limit: number): Promise<boolean> {
    return this.#inner.purgeAudit(before, limit)
  }

  async #pass<Result>(call: StoreCall, work: () => Promise<Result>): Promise<Result> {
    const now = this.#plans.filter((plan) => plan.call === call && --plan.left === 0)
    for (const plan of now) this.#plans.splice(this.#plans.indexOf(plan), 1)
    for (const { when, happens } of now) if (when === 'before') await happens()
    const result = await work()
    for (const { when, happens } of now) if (when === 'after') await happens()
    return result
  }
}

/**
 * Throws like a full disk.
 *
 * @example
 * ```ts
 * import { memoryStore } from 'latchkey'
 * import { FailingStore, fullDisk } from 'latchkey/testing'
 *
 * new FailingStore(memoryStore()).before('apply', 1, fullDisk)
 * ```
 */
export function fullDisk(): never {
  throw new StoreError('The disk is full.')
}
