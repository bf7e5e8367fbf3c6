/** The changes that other stores have made to the data of a scope. */
export interface Changes {
  /** The number of the last change. Pass it as `since` to the next read. */
  readonly seq: number
  readonly entryIds: readonly string[]
  readonly flowIds: readonly string[]
  /** The integrations of history rows that concern neither an entry nor a flow. */
  readonly domains: readonly string[]
  /** Whether changes since `since` were purged, so that each entry and flow may have changed. */
  readonly reset: boolean
}

/**
 * The changes that other stores make to the same data, for example the stores of other processes. Each transaction that
 * changes an entry or a flow, or writes history, is one change. Its number is one more than that of the previous change
 * of the scope, and no reader can see a change before it can see all earlier ones. `since` is the number of the last
 * change that the reader knows.
 *
 * A reader begins with {@link Feed.head}. A store may omit changes that no other open store can read.
 */
export interface Feed {
  /** Returns the number of the last change of a scope, by any store. 0 before the first. */
  head(scope: string): Promise<number>
  /** Returns the changes by other stores after `since`. The changes of this store are left out. */
  read(scope: string, since: number): Promise<Changes>
  /** Returns the scopes that may have changes after the given numbers, by any store. The cost is one query. */
  moved(since: ReadonlyMap<string, number>): Promise<readonly string[]>
  /**
   * Calls a function soon after another store has changed scopes; with null, possibly any scope. A store whose
   * notifications may be lost also calls it with null every few seconds. Absent if the store cannot notice changes.
   *
   * @returns a function that ends the calls
   */
  listen?(wake: (scopes: readonly string[] | null) => void): () => void
  /**
   * Returns a number that increases with each transaction of any store, also of this one. Absent if the store
   * cannot answer at once.
   */
  stamp?(): number
  /** Deletes changes of all scopes from before this time (ms since the epoch), but not the last one of a scope. */
  purge(before: number): Promise<void>
}
