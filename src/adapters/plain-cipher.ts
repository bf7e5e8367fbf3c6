import { SealBrokenError } from '../errors.ts'
import type { Cipher } from '../ports/cipher.ts'

const mark = 'plain:'

/**
 * A cipher that does not encrypt, for tests and benchmarks. Only the memory store accepts it.
 *
 * @example
 * ```ts
 * import { createLatchkey, memoryStore, plainCipher } from 'latchkey'
 *
 * const latchkey = await createLatchkey({ integrations: [], store: memoryStore(), cipher: plainCipher() })
 * ```
 */
export function plainCipher(): Cipher {
  return {
    plain: true,
    async seal(plaintext) {
      return mark + plaintext
    },
    async open(sealed) {
      if (!sealed.startsWith(mark)) throw new SealBrokenError()
      return sealed.slice(mark.length)
    },
  }
}
