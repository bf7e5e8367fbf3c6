import type { JsonObject } from './json.ts'
import type { Page } from './query.ts'

/** The content of an entry that was removed, until its service has been informed. The engine defines `content`. */
export interface RemovalRecord {
  readonly scope: string
  /** Unique among the removals of the scope. */
  readonly id: string
  readonly content: JsonObject
  /** When the row is due (ms since the epoch). */
  readonly dueAt: number
  /** Increases by one with each write. Starts at 1. */
  readonly revision: number
}

/** The part of a removal that can be read even if its record is damaged. */
export type RemovalRow = Pick<RemovalRecord, 'scope' | 'id' | 'revision'>

/** A write of a removal. `ifRevision` is the stored revision to replace; 0 requires that no row exists. */
export type RemovalWrite =
  | { readonly put: 'removal'; readonly record: RemovalRecord; readonly ifRevision: number }
  | { readonly remove: 'removal'; readonly id: string; readonly ifRevision: number }

/** The removals of a store. `Store.apply` writes the rows. */
export interface StoreRemovals {
  /** @throws UnreadableRecordError if the row is damaged */
  get(scope: string, id: string): Promise<RemovalRecord | undefined>
  /** Returns a page of the removals of a scope, in order of ids. */
  list(
    scope: string,
    query: { readonly after?: string; readonly limit: number },
  ): Promise<Page<RemovalRecord>>
  /**
   * Returns the rows of all scopes that are due, the longest overdue first. `beyond` adds the rows whose `dueAt` is
   * later than that: no process writes them unless its clock is wrong.
   */
  due(now: number, limit: number, beyond?: number): Promise<readonly RemovalRow[]>
}
