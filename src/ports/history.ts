/** A history row: ids and codes, and no value but those of `detail`. */
export interface AuditRow {
  readonly scope: string
  readonly at: number
  readonly who: string
  readonly entryId: string | null
  readonly flowId: string | null
  readonly kind: string
  readonly code: string | null
  /** The revision of the entry or flow after the change. */
  readonly revision: number
  /** The integration and the title of an entry that this row removes. Absent in other rows. */
  readonly entry?: { readonly domain: string; readonly title: string | null }
  /** The change. Absent in rows of kinds without one, and in rows of earlier versions. */
  readonly detail?: AuditDetail
}

/** The query of one page of the history. */
export interface AuditQuery {
  /** The `next` of the previous page, which had the same order. */
  readonly after?: string
  readonly limit: number
  /** Defaults to `oldest` first. The cost of a page must not depend on the order, or on the number of all rows. */
  readonly order?: HistoryOrder
}

/** The order of the history: the oldest row first, or the newest. */
export type HistoryOrder = 'oldest' | 'newest'

/** A change in a history row. Never contains a secret. */
export interface AuditDetail {
  /** The names of the changed fields, separated by commas; or `title`, or `account`. */
  readonly field?: string
  /** The earlier value. Absent if several fields changed, if the field is a secret, and if it had no value. */
  readonly before?: string
  readonly after?: string
}
