import type { JsonObject } from './json.ts'

/** A pending write: a refreshed token that could not be saved to its entry yet. */
export interface UnsavedToken {
  readonly scope: string
  readonly entryId: string
  /** The `sealed` of the entry that it replaces. If the entry has a different one, the token is obsolete. */
  readonly replaces: string
  /** The `sealed` of the same entry after it was encrypted with another key. Absent if it was not. */
  readonly resealed?: string | undefined
  readonly data: JsonObject
  /** The secret fields, encrypted. */
  readonly sealed: string
}

/**
 * Holds refreshed tokens while the store cannot be written. Without it such a token would be lost with the process, and
 * the service may have revoked the old one already.
 */
export interface TokenJournal {
  /** Writes a token durably. Replaces the pending write of the same entry. */
  put(token: UnsavedToken): Promise<void>
  get(scope: string, entryId: string): Promise<UnsavedToken | undefined>
  remove(scope: string, entryId: string): Promise<void>
}
