/** The keys that a store manages itself. Latchkey calls these in one process at a time. */
export interface StoreKeys {
  /** Adds a key. It encrypts from now on, in all processes. Returns its id. */
  add(): Promise<string>
  /** Removes all keys but the first and these. Returns the ids of the removed keys. */
  retain(ids: ReadonlySet<string>): Promise<readonly string[]>
  /** Returns when keys were added or removed the last time (ms since the epoch). */
  changedAt(): number
}
