const KEY = 'latchkey-token'

/** The token of this window. Empty if it has none. */
export const token = (): string => sessionStorage.getItem(KEY) ?? ''

/** Moves the token (RFC 6750) from the fragment of the URL, `#token=…`, to this window. Returns whether there was one. */
export function takeToken(): boolean {
  const [, given] = /^#(?:token=)?([\w.~+/-]{20,}=*)$/.exec(location.hash) ?? []
  if (given === undefined) return false
  keepToken(given)
  history.replaceState(null, '', location.pathname + location.search)
  return true
}

/** Returns the key of an address, or the text itself if it is a key. Null for other texts. */
export function keyIn(text: string): string | null {
  const [, inAddress] = /#(?:token=)?([\w.~+/-]{20,}=*)\s*$/.exec(text) ?? []
  return (
    inAddress ??
    (/^[\w.~+/-]{20,}=*$/.test(text.trim()) && !/^https?:/.test(text.trim()) ? text.trim() : null)
  )
}

/** Keeps a key for this window. */
export const keepToken = (key: string): void => sessionStorage.setItem(KEY, key)

/** The URL of the handler without a slash at its end. */
export const serverUrl = (): string => new URL('.', document.baseURI).href.replace(/\/$/, '')
