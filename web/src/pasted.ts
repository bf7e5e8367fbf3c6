/** Characters that programs add to long addresses: soft hyphens, and others without a width. */
const INVISIBLE = /[\u00AD\u200B-\u200F\u2060\uFEFF]+/g

/** Other characters than those of ids and keys, for example a bracket of the sentence around the address. */
const AT_THE_END = /[^\p{L}\p{N}=_~+/-]+$/u

const visible = (part: string): string => part.replace(INVISIBLE, '')

/** Returns a part of an address without the characters that mail and chat programs have added to it. */
export const asSent = (part: string): string => visible(part).replace(/\s+/g, '').replace(AT_THE_END, '')

/** Decodes a part of an address, unless its escapes are incomplete, and removes the invisible characters. */
export function decoded(part: string): string {
  try {
    return visible(decodeURIComponent(part))
  } catch {
    return visible(part)
  }
}
