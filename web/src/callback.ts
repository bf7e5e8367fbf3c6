/** Why a browser that came back from a service moved nothing. */
export type Callback = 'authorize_foreign' | 'authorize_expired'

const known: readonly Callback[] = ['authorize_foreign', 'authorize_expired']

/** Takes out of the address what a sign-in came to; null where it says nothing of one. */
export function takeCallback(): Callback | null {
  const said = new URLSearchParams(location.search).get('callback')
  if (said === null) return null
  history.replaceState(null, '', location.pathname + location.hash)
  return known.find((code) => code === said) ?? null
}
