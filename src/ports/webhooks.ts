import type { AuditRow } from './history.ts'
import type { JsonObject } from './json.ts'
import type { Page } from './query.ts'

/** A row of the webhooks of a scope. The engine defines its content. */
export interface WebhookRecord {
  readonly scope: string
  /** Unique among the rows of the scope. */
  readonly id: string
  /** The list that contains the row. */
  readonly list: string
  readonly content: JsonObject
  /** The position in the history of the scope up to which events were queued. Absent in other rows. */
  readonly position?: number
  /** When the row is due (ms since the epoch); null if it is not. */
  readonly dueAt: number | null
  /** Increases by one with each write. Starts at 1. */
  readonly revision: number
}

/** The part of a row that can be read even if its record is damaged. */
export type WebhookRow = Pick<WebhookRecord, 'scope' | 'id' | 'list' | 'revision'>

/** A write of a row. `ifRevision` is the stored revision to replace; 0 requires that no row exists. */
export type WebhookWrite =
  | { readonly put: 'webhook'; readonly record: WebhookRecord; readonly ifRevision: number }
  | { readonly remove: 'webhook'; readonly id: string; readonly ifRevision: number }

/** The next history rows of a scope, oldest first, and the position of the last one. */
export interface FollowedHistory {
  readonly position: number
  readonly rows: readonly AuditRow[]
}

/** The webhooks of a store: their rows, and the history that they follow. `Store.apply` writes the rows. */
export interface StoreWebhooks {
  /** @throws UnreadableRecordError if the row is damaged */
  get(scope: string, id: string): Promise<WebhookRecord | undefined>
  /** Returns the readable part of a row, also if its record is damaged. A damaged row can so be removed. */
  getRow(scope: string, id: string): Promise<WebhookRow | undefined>
  /** Returns a page of a list, in order of ids. */
  list(
    scope: string,
    list: string,
    query: { readonly after?: string; readonly limit: number },
  ): Promise<Page<WebhookRecord>>
  /**
   * Returns the rows of all scopes that are due, the longest overdue first. `beyond` adds the rows whose `dueAt` is
   * later than that: no process writes them unless its clock is wrong.
   */
  due(now: number, limit: number, beyond?: number): Promise<readonly WebhookRow[]>
  /** Returns scopes whose history is longer than the `position` of one of their rows. */
  behind(limit: number): Promise<readonly string[]>
  /**
   * Returns history rows of a scope after a position. No row appears later at a position that was returned. Rows from
   * before the scope had a row with a `position` may be missing. With null, returns only the last position.
   */
  history(scope: string, after: number | null, limit: number): Promise<FollowedHistory>
}
