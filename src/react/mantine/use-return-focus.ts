import { useEffect, useState } from 'react'

/** The delay until the dialog has closed, in milliseconds. */
const CLOSED = 50

/** Returns the focus after a dialog: to its opener, or to the heading of the page if the opener was removed. */
export function useReturnFocus(opened: boolean): void {
  const [opener, setOpener] = useState<Element | null>(null)
  // While it renders, the dialog has not moved the focus yet.
  if (opened && opener === null) setOpener(document.activeElement ?? document.body)
  if (!opened && opener !== null) setOpener(null)
  useEffect(() => {
    if (!opened || opener === null) return
    return () => {
      setTimeout(() => {
        // The user or the page may have moved the focus since.
        if (document.activeElement !== document.body) return
        const isThere = opener instanceof HTMLElement && opener !== document.body && opener.isConnected
        const place = isThere ? opener : document.querySelector<HTMLElement>('h1[tabindex]')
        place?.focus()
      }, CLOSED)
    }
  }, [opened, opener])
}
