import type { OpenedLink } from '../../src/client/index.ts'
import { serverUrl } from './token.ts'

const KEY = 'latchkey-repair'
const OPENED = 'opened'

/** Where a repair stands: its link's token, which is still to be exchanged, or what it was exchanged for. */
export type Repair = { readonly linkToken: string } | OpenedLink

/** Takes the link's token out of the address. Null where there is none, and nothing was opened before. */
export function takeLink(): Repair | null {
  const linkToken = decodeURIComponent(location.pathname.split('/').at(-1) ?? '')
  history.replaceState(null, '', `${serverUrl()}/link/${OPENED}`)
  if (linkToken !== OPENED) return { linkToken }
  const kept = sessionStorage.getItem(KEY)
  return kept === null ? null : (JSON.parse(kept) as OpenedLink)
}

/** Keeps what a link was exchanged for, in this window alone. */
export function keepRepair(repair: OpenedLink): void {
  sessionStorage.setItem(KEY, JSON.stringify(repair))
}
