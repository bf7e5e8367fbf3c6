import { statSync } from 'node:fs'
import { KeyMissingError, StoreError } from '../../errors.ts'
import type { Cipher } from '../../ports/cipher.ts'
import type { StoreKeys } from '../../ports/store-keys.ts'
import { type CipherKey, joseCipher, keyId } from '../jose-cipher.ts'
import { keyFile, newKey, readKeys, replaceKeys, type Sealed } from './key-file.ts'

interface Ring {
  readonly cipher: Cipher
  /** Identifies the content of the file. */
  readonly stamp: string
}

/** The keys in a file. All processes notice at their next encryption that the file has changed. */
export class KeyFileRing implements StoreKeys {
  readonly cipher: Cipher = {
    keys: {
      ids: async () => (await this.#newest()).cipher.keys?.ids() ?? [],
      of: (sealed) => this.#loaded.cipher.keys?.of(sealed) ?? null,
    },
    mac: async (text, context) => (await this.#newest()).cipher.mac?.(text, context) ?? [],
    seal: async (plaintext, context) => (await this.#newest()).cipher.seal(plaintext, context),
    open: async (sealed, context) => {
      const { cipher } = this.#loaded
      try {
        return await cipher.open(sealed, context)
      } catch (error) {
        if (!(error instanceof KeyMissingError)) throw error
        // Another process may have encrypted it with a key that it has added.
        return (await this.#newest()).cipher.open(sealed, context)
      }
    },
  }
  readonly #path: string
  #ring: Ring | null = null

  constructor(path: string) {
    this.#path = path
  }

  /** Reads the file. @throws KeyMissingError, ConfigurationError */
  async load(sealed: Sealed): Promise<void> {
    const stamp = this.#stamp() ?? ''
    this.#ring = { cipher: joseCipher(await keyFile(this.#path, sealed)), stamp }
  }

  /** Forgets the keys. */
  unload(): void {
    this.#ring = null
  }

  async add(): Promise<string> {
    const key = newKey()
    await replaceKeys(this.#path, [key, ...(await this.#read())])
    return keyId(key)
  }

  async retain(ids: ReadonlySet<string>): Promise<readonly string[]> {
    const named = await Promise.all((await this.#read()).map(async (key) => ({ key, id: await keyId(key) })))
    const kept = named.filter(({ id }, place) => place === 0 || ids.has(id))
    const removed = named.filter((one) => !kept.includes(one)).map(({ id }) => id)
    if (removed.length > 0)
      await replaceKeys(
        this.#path,
        kept.map(({ key }) => key),
      )
    return removed
  }

  changedAt(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY
  }

  get #loaded(): Ring {
    if (this.#ring === null) throw new StoreError('The store is not open.')
    return this.#ring
  }

  /** Returns the keys of the file as it is now. While it cannot be read, the keys that were read before stay. */
  async #newest(): Promise<Ring> {
    const before = this.#loaded
    const stamp = this.#stamp()
    if (stamp === null || stamp === before.stamp) return before
    const keys = await readKeys(this.#path).catch(() => undefined)
    if (keys === undefined) return before
    const ring = { cipher: joseCipher(keys), stamp }
    if (this.#ring === before) this.#ring = ring
    return ring
  }

  async #read(): Promise<readonly CipherKey[]> {
    const keys = await readKeys(this.#path)
    if (keys === undefined) throw new KeyMissingError(`There is no key file at ${this.#path}. Restore it.`)
    return keys
  }

  /** Identifies the content of the file without reading it; null if it is missing. */
  #stamp(): string | null {
    const stat = statSync(this.#path, { throwIfNoEntry: false })
    return stat === undefined ? null : `${stat.ino} ${stat.mtimeMs} ${stat.size}`
  }
}
