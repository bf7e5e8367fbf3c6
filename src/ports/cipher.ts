import type { Json } from './json.ts'

/** Identifies the record of an encrypted value. The value is bound to it, so that it does not decrypt in another row. */
export interface SealContext {
  /**
   * `entry`, `subentry`: the secret fields of an entry or sub-entry. `draft`: input that was submitted before a
   * challenge. `authorization`: the secrets of a sign-in. `webhook`: the signing secret of a webhook. `state`, `browser`: the state parameter and the cookie of a
   * sign-in, which have no scope and no id.
   */
  readonly purpose: 'entry' | 'subentry' | 'draft' | 'authorization' | 'webhook' | 'state' | 'browser'
  readonly scope: string
  /** The id of the entry, flow or webhook. For sub-entries: the entry's id, the type and the sub-entry's id. */
  readonly id: string
  readonly domain: string
  readonly uniqueId: string | null
  /** The non-secret values. Bound, so that someone who can write the row cannot send a token to another host. */
  readonly data: { readonly [key: string]: Json }
}

/** The keys of a cipher, by their ids. An id reveals nothing of its key. */
export interface CipherKeys {
  /** Returns the ids of all keys. The first key encrypts. */
  ids(): Promise<readonly string[]>
  /** Returns the id of the key that encrypted a value; null if it is not an encrypted value. */
  of(sealed: string): string | null
}

/** A message authentication code, with the id of the key that it was computed with. */
export interface Mac {
  readonly keyId: string
  readonly code: string
}

/** Encrypts secrets before they are stored. */
export interface Cipher {
  /** The keys, for their rotation. Absent if the cipher has no ids of its keys. */
  readonly keys?: CipherKeys
  /** Whether it does not encrypt at all. Only for benchmarks; durable stores refuse it. */
  readonly plain?: boolean
  /** Encrypts a text and binds it to its context. */
  seal(plaintext: string, context: SealContext): Promise<string>
  /**
   * Decrypts a text.
   *
   * @throws KeyMissingError if no key matches
   * @throws SealBrokenError if the value was altered or encrypted for another context
   */
  open(sealed: string, context: SealContext): Promise<string>
  /**
   * Returns a code of a text for each key, that of the first key first: an HMAC under a key that is derived from the
   * cipher's key, the scope and the domain. Equal texts have equal codes, which reveal nothing without the keys. Required
   * by integrations whose `abortIfEntriesMatch` names a secret.
   */
  mac?(text: string, context: Pick<SealContext, 'scope' | 'domain'>): Promise<readonly Mac[]>
}
