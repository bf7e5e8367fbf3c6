import { asSent, decoded } from './pasted.ts'

const KEY = 'latchkey-token'

/** The token of this window. Empty if it has none. */
export const token = (): string => sessionStorage.getItem(KEY) ?? ''

/** Moves the token (RFC 6750) from the fragment of the URL, `#token=…`, to this window. Returns whether it did. */
export function takeToken(): boolean {
  const fragment = decoded(location.hash)
  const given = keyOf(fragment)
  if (given === null) return false
  history.replaceState(null, '', location.pathname + location.search)
  // A blank may have cut the token. It must not replace one that may be valid.
  if (token() !== '' && !asSent(fragment).endsWith(given)) return false
  keepToken(given)
  return true
}

/** Returns the key of an address, or the text itself if it is a key. Null for other texts. */
export function keyIn(text: string): string | null {
  const at = text.indexOf('#')
  if (at >= 0) return keyOf(decoded(text.slice(at)))
  const key = asSent(text)
  return /^[\w.~+/-]{20,}=*$/.test(key) && !/^https?:/.test(key) ? key : null
}

/** Returns the key in a fragment. A program may have added something to its end. */
function keyOf(fragment: string): string | null {
  const [, key = null] =
    /^#token=([\w.~+/-]{20,}=*)/.exec(fragment) ?? /^#([\w.~+/-]{20,}=*)$/.exec(asSent(fragment)) ?? []
  return key === null ? null : asSent(key)
}

/** Keeps a key for this window. */
export const keepToken = (key: string): void => sessionStorage.setItem(KEY, key)

/** The URL of the handler without a slash at its end. */
export const serverUrl = (): string => new URL('.', document.baseURI).href.replace(/\/$/, '')
