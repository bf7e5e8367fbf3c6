import { RevisionConflictError } from '../../errors.ts'
import type { AuditRow } from '../../ports/history.ts'
import type { StoreWebhooks } from '../../ports/store.ts'
import type { WebhookRecord, WebhookRow, WebhookWrite } from '../../ports/webhooks.ts'
import { deepFreeze } from '../deep-freeze.ts'
import { byText, SortedIds, sortedSet } from './sorted-ids.ts'

type DueKey = Pick<WebhookRecord, 'scope' | 'id' | 'dueAt'>

/** The webhooks of one scope. */
class ScopeWebhooks {
  readonly rows = new Map<string, WebhookRecord>()
  readonly lists = new SortedIds()
  /** The rows with a position, which follow the history. */
  readonly followers = new Set<string>()
  /** The history since the first position. */
  history: { readonly position: number; readonly row: AuditRow }[] = []
  /** The number of history rows that were ever written. */
  position = 0

  /** The first position of the rows that follow the history; null if none does. */
  get followedFrom(): number | null {
    const positions = [...this.followers].map((id) => this.rows.get(id)?.position ?? 0)
    return positions.length === 0 ? null : Math.min(...positions)
  }
}

/** The webhooks of all scopes. */
export class MemoryWebhooks implements StoreWebhooks {
  readonly #scopes = new Map<string, ScopeWebhooks>()
  readonly #due = sortedSet<DueKey>(
    (a, b) => Number(a.dueAt) - Number(b.dueAt) || byText(a.scope, b.scope) || byText(a.id, b.id),
  )

  /** Makes one write and returns a function that undoes it. @throws RevisionConflictError */
  change(scope: string, write: WebhookWrite): () => void {
    const [id, next] = 'remove' in write ? [write.id, undefined] : [write.record.id, write.record]
    const before = this.#scopes.get(scope)?.rows.get(id)
    const isMissing = 'remove' in write && before === undefined
    if (isMissing || (before?.revision ?? 0) !== write.ifRevision)
      throw new RevisionConflictError('webhook', id)
    deepFreeze(next)
    this.#set(scope, before, next)
    return () => this.#set(scope, next, before)
  }

  /** Adds a history row, which is stored only while a row follows the history. */
  addHistory(row: AuditRow): void {
    const rows = this.#of(row.scope)
    rows.position++
    const from = rows.followedFrom
    const [first] = rows.history
    if (first !== undefined && (from === null || first.position <= from))
      rows.history = rows.history.filter(({ position }) => from !== null && position > from)
    if (from !== null) rows.history.push({ position: rows.position, row })
  }

  /** Whether a scope has a row. */
  has(scope: string): boolean {
    return (this.#scopes.get(scope)?.rows.size ?? 0) > 0
  }

  async get(scope: string, id: string): Promise<WebhookRecord | undefined> {
    return this.#scopes.get(scope)?.rows.get(id)
  }

  async getRow(scope: string, id: string): Promise<WebhookRow | undefined> {
    return this.get(scope, id)
  }

  async list(scope: string, list: string, query: { readonly after?: string; readonly limit: number }) {
    const { rows, lists } = this.#scopes.get(scope) ?? new ScopeWebhooks()
    const limit = Math.max(1, query.limit)
    const ids = lists.page(list, query.after, limit + 1)
    const items = ids.slice(0, limit).flatMap((id) => rows.get(id) ?? [])
    return { items, next: ids.length > limit ? (ids[limit - 1] ?? null) : null, unreadable: [] }
  }

  async due(now: number, limit: number, beyond = Number.POSITIVE_INFINITY): Promise<readonly WebhookRow[]> {
    const found: WebhookRow[] = []
    const add = ({ scope, id }: DueKey) => {
      const row = this.#scopes.get(scope)?.rows.get(id)
      if (row !== undefined) found.push(row)
    }
    for (const key of this.#due.keys()) {
      if (found.length === limit || Number(key.dueAt) > now) break
      add(key)
    }
    // The key of a row that is due right after `beyond`.
    for (const key of this.#due.keys({ scope: '', id: '', dueAt: beyond + 1 })) {
      if (found.length === limit) break
      add(key)
    }
    return found
  }

  async behind(limit: number): Promise<readonly string[]> {
    const found: string[] = []
    for (const [scope, rows] of this.#scopes) {
      if (found.length === limit) break
      if ((rows.followedFrom ?? rows.position) < rows.position) found.push(scope)
    }
    return found
  }

  async history(scope: string, after: number | null, limit: number) {
    const { history, position } = this.#scopes.get(scope) ?? new ScopeWebhooks()
    if (after === null) return { position, rows: [] }
    const found = history.filter((one) => one.position > after).slice(0, Math.max(1, limit))
    return {
      position: found.at(-1)?.position ?? Math.max(after, position),
      rows: found.map(({ row }) => row),
    }
  }

  #of(scope: string): ScopeWebhooks {
    const rows = this.#scopes.get(scope) ?? new ScopeWebhooks()
    this.#scopes.set(scope, rows)
    return rows
  }

  /** Replaces a row and its places in the indexes. */
  #set(scope: string, before: WebhookRecord | undefined, next: WebhookRecord | undefined): void {
    const { rows, lists, followers } = this.#of(scope)
    if (before !== undefined) {
      rows.delete(before.id)
      followers.delete(before.id)
      lists.delete(before.list, before.id)
      if (before.dueAt !== null) this.#due.delete(before)
    }
    if (next !== undefined) {
      rows.set(next.id, next)
      lists.add(next.list, next.id)
      if (next.position !== undefined) followers.add(next.id)
      if (next.dueAt !== null) this.#due.set(next, undefined)
    }
  }
}
