const KEY = 'latchkey-token'

/** The token of this window; `''` where it has none. */
export const token = (): string => sessionStorage.getItem(KEY) ?? ''

/** Takes the token (RFC 6750) out of the address, where it came in the fragment: `#token=…`. @returns whether it did */
export function takeToken(): boolean {
  const [, given] = /^#(?:token=)?([\w.~+/-]{20,}=*)$/.exec(location.hash) ?? []
  if (given === undefined) return false
  sessionStorage.setItem(KEY, given)
  history.replaceState(null, '', location.pathname + location.search)
  return true
}

/** Where the handler is mounted, without a slash at its end. */
export const serverUrl = (): string => new URL('.', document.baseURI).href.replace(/\/$/, '')
