/** A page of a list, in order of ids. Pass `next` as `after` for the next page. `unreadable` lists damaged rows. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
  readonly unreadable: readonly string[]
}

/**
 * The stored status of an entry: `ignored`, else `disabled`, else `waiting` for the user (`migrationError` is set or the
 * service rejected the credential), else `offline` (`setupFailure` is set). Other entries have none.
 */
export type StoredEntryStatus = 'ignored' | 'disabled' | 'waiting' | 'offline'

export interface EntryQuery {
  readonly domain?: string
  /** With `domain`: only the entry with this unique id. */
  readonly uniqueId?: string
  /** With `domain`: only the entry with this key. */
  readonly matchKey?: string
  /** True: only entries that need attention (`reauth`, `migrationError`, `proposal` or an overdue
   * `refreshFailure` is set). False: only the others. */
  readonly needs?: boolean
  /** True: only ignored entries. False: only the others. */
  readonly ignored?: boolean
  /** Only entries with this status. */
  readonly status?: StoredEntryStatus
  readonly after?: string
  readonly limit: number
}

/** A query of the entries that need attention. */
export interface AttentionQuery {
  /** Includes entries whose credential expires no later than this (ms since the epoch). */
  readonly expiringUntil: number
  /** The `next` of the previous page. */
  readonly after?: string
  readonly limit: number
}

/** The query of the number of entries. */
export interface CountQuery {
  /** Counts entries as needing attention whose credential expires no later than this (ms since the epoch). */
  readonly expiringUntil: number
  /** The store need not count more entries of a kind than this. */
  readonly atMost: number
}

/** The number of entries of a scope by status. */
export interface StoredCounts {
  /** All entries, ignored ones included. */
  readonly all: number
  readonly ignored: number
  readonly disabled: number
  readonly waiting: number
  readonly offline: number
  /** The entries of {@link AttentionQuery} that are neither ignored nor disabled. */
  readonly attention: number
}

/** A query of one entry of all scopes. */
export type AnyEntryQuery =
  | { readonly domain?: undefined; readonly uniqueId?: undefined }
  | { readonly domain: string; readonly uniqueId?: string }

export interface FlowQuery {
  readonly entryId?: string
  readonly domain?: string
  readonly open?: boolean
  /** True, with `entryId`: only flows that hold or held its edit slot. False, with `open`: only flows without one. */
  readonly edits?: boolean
  readonly after?: string
  readonly limit: number
}
