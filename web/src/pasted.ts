/** Characters that programs add to long addresses: blanks, soft hyphens, and others without a width. */
const INVISIBLE = /[\s\u00AD\u200B-\u200F\u2060\uFEFF]+/g

/** Other characters than those of ids and keys, for example a bracket of the sentence around the address. */
const AT_THE_END = /[^\p{L}\p{N}=_~+/-]+$/u

/** Returns a part of an address without the characters that mail and chat programs have added to it. */
export const asSent = (part: string): string => part.replace(INVISIBLE, '').replace(AT_THE_END, '')

/** Decodes a part of an address. Returns it unchanged if its escapes are incomplete. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
