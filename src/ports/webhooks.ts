import type { JsonObject } from './json.ts'

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
