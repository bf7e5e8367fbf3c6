/** The reason why a browser that returned from a sign-in had no effect. */
export type Callback = 'authorize_foreign' | 'authorize_expired'

const known: readonly Callback[] = ['authorize_foreign', 'authorize_expired']

/** Removes the result of a sign-in from the URL. Null if the URL has none. */
export function takeCallback(): Callback | null {
  const code = new URLSearchParams(location.search).get('callback')
  if (code === null) return null
  history.replaceState(null, '', location.pathname + location.hash)
  return known.find((each) => each === code) ?? null
}
