/** A page of a list, in order of ids. Pass `next` as `after` for the next page. `unreadable` lists damaged rows. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
  readonly unreadable: readonly string[]
}

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

/** A query of one entry of all scopes. */
export type AnyEntryQuery =
  | { readonly domain?: undefined; readonly uniqueId?: undefined }
  | { readonly domain: string; readonly uniqueId?: string }

export interface FlowQuery {
  readonly entryId?: string
  readonly domain?: string
  readonly open?: boolean
  /** With `entryId`: only flows that hold or held its edit slot. */
  readonly edits?: true
  readonly after?: string
  readonly limit: number
}
