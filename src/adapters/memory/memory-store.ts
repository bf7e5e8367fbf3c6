import { LatchkeyError, StoreError } from '../../errors.ts'
import type { Due, EntryName, Expiring, FlowRecord, Page, Store, Write } from '../../ports/store.ts'
import { checkWrite, isRemovalWrite, isWebhookWrite } from '../check-write.ts'
import { deepFreeze } from '../deep-freeze.ts'
import { NO_ENTRIES } from '../entry-status.ts'
import { endedLeases } from '../record-leases.ts'
import { MemoryFeed } from './memory-feed.ts'
import { memoryLeases } from './memory-leases.ts'
import { type MemoryPlace, memoryPlace } from './memory-place.ts'
import type { ScopeTables } from './scope-tables.ts'
import type { DueRow } from './shared-indexes.ts'
import { firstAfter } from './sorted-ids.ts'

const NO_ITEMS = { items: [], next: null, unreadable: [] }

const dueOf = (record: DueRow): Due =>
  'flowId' in record
    ? { scope: record.scope, kind: 'flow', id: record.flowId, dueAt: Number(record.dueAt) }
    : { scope: record.scope, kind: 'attempts', id: record.key, dueAt: Number(record.dueAt) }

/**
 * Returns a store that keeps all rows in this process, for tests, benchmarks and hosts that store nothing. Its rows
 * live as long as its place, through `close()` and `open()`. Its cipher has a random key, one per place.
 *
 * @param place - Defaults to a new one. See {@link memoryPlace}
 *
 * @example
 * ```ts
 * import { createLatchkey, memoryStore } from 'latchkey'
 *
 * const latchkey = await createLatchkey({ integrations: [], store: memoryStore() })
 * ```
 */
export function memoryStore(place: MemoryPlace = memoryPlace()): Store {
  const { scopes, usedScopes, indexes: shared, leases, webhooks, removals, cursors } = place
  const feed = new MemoryFeed(place.logs)
  /** Makes one write, and returns the functions that undo it. */
  const change = (scope: string, tables: ScopeTables, write: Exclude<Write, { audit: unknown }>) => {
    if ('release' in write) return [leases.end(scope, { ...write, kind: write.release })]
    if ('settle' in write) return [leases.settle(scope, write.key, write.settle)]
    if ('check' in write) {
      if (write.check === 'lease') leases.check(scope, write)
      else if (write.check === 'unclaimed') leases.checkUnclaimed(scope, write.flowId, write.now)
      else tables.check(write)
      return []
    }
    const undo = isWebhookWrite(write)
      ? webhooks.change(scope, write)
      : isRemovalWrite(write)
        ? removals.change(scope, write)
        : tables.change(write)
    return [undo, ...endedLeases(write).map(({ kind, id }) => leases.drop(scope, kind, id))]
  }
  const pageSeen = (page: Page<FlowRecord>): Page<FlowRecord> => ({
    ...page,
    items: page.items.map((flow) => leases.seen(flow)),
  })
  return {
    durable: false,
    feed,
    webhooks,
    removals,
    leases: memoryLeases(place),
    cursors,
    get cipher() {
      return place.cipher
    },
    async open() {},
    async close() {},
    async apply(scope, writes) {
      const tables = place.tablesOf(scope)
      const undo: (() => void)[] = []
      try {
        for (const write of writes) {
          checkWrite(scope, write)
          if ('audit' in write) deepFreeze(write.audit)
          else undo.push(...change(scope, tables, write))
        }
      } catch (error) {
        for (const step of undo.reverse()) step()
        if (error instanceof LatchkeyError) throw error
        throw new StoreError('The record could not be written.', { cause: error })
      }
      for (const write of writes) {
        if (!('audit' in write)) continue
        tables.history.add(write.audit)
        webhooks.addHistory(write.audit)
      }
      const isUsed = tables.entries.size + tables.flows.size > 0 || webhooks.has(scope) || removals.has(scope)
      if (isUsed) usedScopes.set(scope, undefined)
      else usedScopes.delete(scope)
      feed.record(scope, writes)
    },
    getEntry: async (scope, entryId) => scopes.get(scope)?.entries.get(entryId),
    async getEntryToEdit(scope, entryId) {
      const tables = scopes.get(scope)
      const [flow] = tables?.findFlows({ entryId, open: true, edits: true, limit: 1 }).items ?? []
      return { entry: tables?.entries.get(entryId), flow: leases.seen(flow) }
    },
    findEntries: async (scope, query) => scopes.get(scope)?.findEntries(query) ?? NO_ITEMS,
    findAttention: async (scope, query) => scopes.get(scope)?.findAttention(query) ?? NO_ITEMS,
    countEntries: async (scope, query) => scopes.get(scope)?.countEntries(query) ?? NO_ENTRIES,
    async anyEntry(of = {}) {
      for (const tables of scopes.values()) {
        const entry = tables.anyEntry(of)
        if (entry !== undefined) return entry
      }
      return undefined
    },
    getFlow: async (scope, flowId) => leases.seen(scopes.get(scope)?.flows.get(flowId)),
    getFlowAsked: async (scope, principal, key) =>
      leases.seen(scopes.get(scope)?.flowOfRequest(principal, key)),
    getFlowHolding: async (scope, domain, slot) => leases.seen(scopes.get(scope)?.flowInSlot(domain, slot)),
    findFlows: async (scope, query) => pageSeen(scopes.get(scope)?.findFlows(query) ?? NO_ITEMS),
    countOpenFlows: async (scope, atMost) => Math.min(scopes.get(scope)?.openFlows ?? 0, atMost),
    getAttempts: async (scope, key) => scopes.get(scope)?.attempts.get(key),
    getEntryRow: async (scope, entryId) => scopes.get(scope)?.entries.get(entryId),
    getFlowRow: async (scope, flowId) => scopes.get(scope)?.flows.get(flowId),
    getAttemptsRow: async (scope, key) => scopes.get(scope)?.attempts.get(key),
    async due(now, limit, beyond = Number.POSITIVE_INFINITY) {
      const found = [...leases.lapsed(now)].slice(0, limit)
      const isFree = (record: DueRow) =>
        !('flowId' in record) || !leases.isWorking(record.scope, record.flowId, now)
      for (const record of shared.due.keys()) {
        if (found.length === limit || Number(record.dueAt) > now) break
        if (isFree(record)) found.push(dueOf(record))
      }
      // The key of a row that is due right after `beyond`.
      for (const record of shared.due.keys({ scope: '', flowId: '', dueAt: beyond + 1 })) {
        if (found.length === limit) break
        if (isFree(record)) found.push(dueOf(record))
      }
      return found
    },
    async findUnowned(domains, now, limit) {
      const found: EntryName[] = []
      for (const [scope, tables] of scopes) {
        for (const entryId of domains.flatMap((domain) => tables.entriesOf(domain))) {
          if (found.length === limit) return found
          if (!leases.isOwned(scope, entryId, now)) found.push({ scope, entryId })
        }
      }
      return found
    },
    async findRefreshDue(now, limit) {
      const found: EntryName[] = []
      for (const entry of shared.refreshes.keys()) {
        if (found.length === limit || Number(entry.refreshAt) > now) break
        found.push({ scope: entry.scope, entryId: entry.entryId })
      }
      return found
    },
    async findExpiring(from, until) {
      const found: Expiring[] = []
      for (const entry of shared.expiring.keys({ scope: '', entryId: '', expiresAt: from + 1 })) {
        if (Number(entry.expiresAt) > until) break
        found.push({ scope: entry.scope, entryId: entry.entryId })
      }
      return found
    },
    scopes: async ({ after, limit }) => firstAfter(usedScopes, after, limit),
    readAudit: async (scope, entryId, query) => scopes.get(scope)?.history.page(entryId, query) ?? NO_ITEMS,
    async purgeAudit(before, limit) {
      let rest = limit
      for (const tables of scopes.values()) rest -= tables.history.purge(before, rest)
      return rest === 0
    },
  }
}
