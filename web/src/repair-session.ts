import type { OpenedLink } from '../../src/client/index.ts'
import { asSent, decoded } from './pasted.ts'
import { serverUrl } from './token.ts'

const KEY = 'latchkey-repair'
const OPENED = 'opened'

/** A JWT with a signature of 256 bits. Programs may add characters to its end. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]{43}/

/** The token of a repair link, or the session that it was exchanged for. */
export type Repair = { readonly linkToken: string } | OpenedLink

/** Removes the token of the link from the URL. Null if it is damaged, or without a stored session. */
export function takeLink(): Repair | null {
  const place = `${serverUrl()}/link/`
  const rest = asSent(decoded((location.origin + location.pathname).slice(place.length)))
  history.replaceState(null, '', place + OPENED)
  const stored = rest === OPENED ? sessionStorage.getItem(KEY) : null
  if (stored !== null) return JSON.parse(stored) as OpenedLink
  const [linkToken] = TOKEN.exec(rest) ?? []
  return linkToken === undefined ? null : { linkToken }
}

/** Stores the session of a link, only for this window. */
export function storeRepair(repair: OpenedLink): void {
  sessionStorage.setItem(KEY, JSON.stringify(repair))
}
