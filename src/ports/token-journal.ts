import type { JsonObject } from './json.ts'

/** A renewed token that could not be written into its entry. */
export interface UnsavedToken {
  readonly scope: string
  readonly entryId: string
  /** The entry's `sealed` that it takes the place of: it counts for no other. */
  readonly replaces: string
  /** What is to be written, the secrets sealed. */
  readonly data: JsonObject
  readonly sealed: string
}

/** Where renewed tokens wait while the store cannot be written: the service has already forgotten the old ones. */
export interface TokenJournal {
  /** Keeps it durably, in the place of what was kept for the same entry. */
  put(token: UnsavedToken): Promise<void>
  get(scope: string, entryId: string): Promise<UnsavedToken | undefined>
  remove(scope: string, entryId: string): Promise<void>
}
