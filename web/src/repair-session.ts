import type { OpenedLink } from '../../src/client/index.ts'
import { serverUrl } from './token.ts'

const KEY = 'latchkey-repair'
const OPENED = 'opened'

/** The token of a repair link, or the session that it was exchanged for. */
export type Repair = { readonly linkToken: string } | OpenedLink

/** Removes the token of the link from the URL. Null without a token and without a stored session. */
export function takeLink(): Repair | null {
  const linkToken = decodeURIComponent(location.pathname.split('/').at(-1) ?? '')
  history.replaceState(null, '', `${serverUrl()}/link/${OPENED}`)
  if (linkToken !== OPENED) return { linkToken }
  const stored = sessionStorage.getItem(KEY)
  return stored === null ? null : (JSON.parse(stored) as OpenedLink)
}

/** Stores the session of a link, only for this window. */
export function storeRepair(repair: OpenedLink): void {
  sessionStorage.setItem(KEY, JSON.stringify(repair))
}
