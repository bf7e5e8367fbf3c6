import { SealBrokenError } from '../errors.ts'
import type { Cipher } from '../ports/cipher.ts'

const mark = 'plain:'

/** A cipher that hides nothing, for benchmarks: the memory store alone accepts it. */
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
