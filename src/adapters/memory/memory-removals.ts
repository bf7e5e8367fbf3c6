import { RevisionConflictError } from '../../errors.ts'
import type { RemovalRecord, RemovalRow, RemovalWrite, StoreRemovals } from '../../ports/removals.ts'
import { deepFreeze } from '../deep-freeze.ts'
import { byText, sortedSet } from './sorted-ids.ts'

type DueKey = Pick<RemovalRecord, 'scope' | 'id' | 'dueAt'>

/** The removals of all scopes. */
export class MemoryRemovals implements StoreRemovals {
  readonly #scopes = new Map<string, Map<string, RemovalRecord>>()
  readonly #due = sortedSet<DueKey>(
    (a, b) => a.dueAt - b.dueAt || byText(a.scope, b.scope) || byText(a.id, b.id),
  )

  /** Makes one write and returns a function that undoes it. @throws RevisionConflictError */
  change(scope: string, write: RemovalWrite): () => void {
    const [id, next] = 'remove' in write ? [write.id, undefined] : [write.record.id, write.record]
    const before = this.#scopes.get(scope)?.get(id)
    const isMissing = 'remove' in write && before === undefined
    if (isMissing || (before?.revision ?? 0) !== write.ifRevision)
      throw new RevisionConflictError('removal', id)
    deepFreeze(next)
    this.#set(scope, before, next)
    return () => this.#set(scope, next, before)
  }

  /** Whether a scope has a row. */
  has(scope: string): boolean {
    return (this.#scopes.get(scope)?.size ?? 0) > 0
  }

  async get(scope: string, id: string): Promise<RemovalRecord | undefined> {
    return this.#scopes.get(scope)?.get(id)
  }

  async list(scope: string, query: { readonly after?: string; readonly limit: number }) {
    const { after } = query
    const limit = Math.max(1, query.limit)
    const all = [...(this.#scopes.get(scope)?.values() ?? [])].sort((a, b) => byText(a.id, b.id))
    const rest = after === undefined ? all : all.filter(({ id }) => byText(id, after) > 0)
    const items = rest.slice(0, limit)
    return { items, next: rest.length > limit ? String(items.at(-1)?.id) : null, unreadable: [] }
  }

  async due(now: number, limit: number, beyond = Number.POSITIVE_INFINITY): Promise<readonly RemovalRow[]> {
    const found: RemovalRow[] = []
    for (const { scope, id, dueAt } of this.#due.keys()) {
      if (found.length === limit) break
      const row = dueAt <= now || dueAt > beyond ? this.#scopes.get(scope)?.get(id) : undefined
      if (row !== undefined) found.push(row)
    }
    return found
  }

  /** Replaces a row and its place in the index. */
  #set(scope: string, before: RemovalRecord | undefined, next: RemovalRecord | undefined): void {
    const rows = this.#scopes.get(scope) ?? new Map<string, RemovalRecord>()
    this.#scopes.set(scope, rows)
    if (before !== undefined) {
      rows.delete(before.id)
      this.#due.delete(before)
    }
    if (next !== undefined) {
      rows.set(next.id, next)
      this.#due.set(next, undefined)
    }
  }
}
