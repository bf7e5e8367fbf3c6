/** The use of one key. */
export interface KeyUse {
  /** The id of the key. It reveals nothing of the key. Empty for values that are not encrypted. */
  readonly keyId: string
  /** Whether the key encrypts new values. */
  readonly isCurrent: boolean
  /** The number of stored values that only this key decrypts, and of the codes of secrets that it has computed. */
  readonly values: number
}

/** The use of all keys. */
export interface KeyStatus {
  readonly keys: readonly KeyUse[]
  /** The number of rows that cannot be read. Their keys are unknown. */
  readonly unreadable: number
}

/** The state of a rotation. */
export interface RotationProgress {
  /** The number of entries, open flows and webhooks that were read. */
  readonly checked: number
  /** The number of those that have new encrypted values. */
  readonly changed: number
}

/** The options of a rotation. */
export interface RotateOptions {
  /** Called after each batch. */
  readonly onProgress?: (progress: RotationProgress) => void
  /** Ends the rotation after the current batch. The next rotation continues it. */
  readonly signal?: AbortSignal
}

/** The result of a rotation. */
export interface Rotation extends RotationProgress {
  /** The id of the key that encrypts now. */
  readonly keyId: string
  /** Whether it continued an earlier rotation. No key was added then. */
  readonly resumed: boolean
  /** The number of entries and flows that another process works on. Rotate again for them. */
  readonly waiting: number
  /** The number of values that could not be decrypted, and of rows that could not be read. They are unchanged. */
  readonly failed: number
}

/** The rotation of the keys that encrypt stored secrets, in all scopes. */
export interface Keys {
  /**
   * Counts the encrypted values and the codes of secrets by key. Reads all entries, open flows and webhooks.
   *
   * @throws ConfigurationError if the cipher has no `keys`, or returns no id
   */
  status(): Promise<KeyStatus>
  /**
   * Adds a key if the store manages its keys, and encrypts all stored values with the first key. All keys decrypt until
   * `prune()`. Other processes can work during a rotation. One that was interrupted is continued.
   *
   * @throws ConfigurationError if the cipher has no `keys`, KeyRotationError if another process rotates
   * @example
   * ```ts
   * import type { Latchkey } from 'latchkey'
   *
   * export const rotate = (latchkey: Latchkey) =>
   *   latchkey.keys.rotate({ onProgress: ({ changed }) => console.log(changed) })
   * ```
   */
  rotate(options?: RotateOptions): Promise<Rotation>
  /**
   * Removes the keys that `status()` shows without values. Returns their ids.
   *
   * @throws ConfigurationError if the store does not manage its keys, KeyRotationError if the newest key is younger than
   *   an hour, if a row cannot be read, or if another process rotates
   */
  prune(): Promise<readonly string[]>
}
