const KEY = 'latchkey-token'

/** The token of this window. Empty if it has none. */
export const token = (): string => sessionStorage.getItem(KEY) ?? ''

/** Moves the token (RFC 6750) from the fragment of the URL, `#token=…`, to this window. Returns whether there was one. */
export function takeToken(): boolean {
  const [, given] = /^#(?:token=)?([\w.~+/-]{20,}=*)$/.exec(location.hash) ?? []
  if (given === undefined) return false
  sessionStorage.setItem(KEY, given)
  history.replaceState(null, '', location.pathname + location.search)
  return true
}

/** The URL of the handler without a slash at its end. */
export const serverUrl = (): string => new URL('.', document.baseURI).href.replace(/\/$/, '')
