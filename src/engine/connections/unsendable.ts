import { causeOf, isError, textOf } from '../lib/thrown.ts'

/** A character that no HTTP header can carry (RFC 9110, 5.5). */
const UNSENDABLE = /[^\t -~\u0080-\u00ff]/

const MAX_CAUSES = 5

/**
 * Whether an HTTP client has refused to send a secret, because it contains a character that no header can carry: an
 * invisible one, a line break, or a typographic hyphen. The service was not contacted, and would never accept it.
 */
export function isUnsendable(error: unknown, secrets: readonly string[]): boolean {
  if (!secrets.some((secret) => UNSENDABLE.test(secret))) return false
  let inner = error
  for (let depth = 0; depth <= MAX_CAUSES && isError(inner); depth++) {
    // Node's own HTTP client sets a code, fetch only a message.
    if (textOf(inner, 'code') === 'ERR_INVALID_CHAR') return true
    if (
      textOf(inner, 'name') === 'TypeError' &&
      /ByteString|header value/.test(String(textOf(inner, 'message')))
    )
      return true
    inner = causeOf(inner)
  }
  return false
}
