// Facts about a store for its operator.

/**
 * A fact about the stored data that an operator must know. `new_beside_key`: the database is new, although its key file
 * existed. `restored`: these entries have had no new credential since a backup was restored.
 */
export type StoreNotice =
  | { readonly type: 'new_beside_key' }
  | {
      readonly type: 'restored'
      /** When the backup was restored (ms since the epoch). */
      readonly at: number
      readonly entries: readonly { readonly scope: string; readonly entryId: string }[]
    }

/** The changes of the tables that the next `open()` makes, in order. `isNew`: there are no tables yet. */
export interface Migrations {
  readonly isNew: boolean
  readonly pending: readonly string[]
}

/** The result of restoring a backup. `replaced`: the new path of the old database, or null if it was missing. */
export interface Restored {
  readonly replaced: string | null
}
