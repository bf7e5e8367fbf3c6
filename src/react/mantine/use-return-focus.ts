import { useEffect, useState } from 'react'

/** The time between two looks at a dialog that closes, in milliseconds, and the number of looks. */
const LOOK = 50
const LOOKS = 100

/** Returns the focus after a dialog: to its opener, or to the heading of the page if the opener was removed. */
export function useReturnFocus(opened: boolean): void {
  const [opener, setOpener] = useState<Element | null>(null)
  // While it renders, the dialog has not moved the focus yet.
  if (opened && opener === null) setOpener(document.activeElement ?? document.body)
  if (!opened && opener !== null) setOpener(null)
  useEffect(() => {
    if (!opened || opener === null) return
    return () => {
      const inside = document.activeElement
      const look = (looks: number) =>
        setTimeout(() => {
          const focused = document.activeElement
          // The dialog leaves the page only after its animation.
          if (focused === inside && inside !== document.body && looks > 1) look(looks - 1)
          // The user or the page may have moved the focus since.
          if (focused !== document.body) return
          const isThere = opener instanceof HTMLElement && opener !== document.body && opener.isConnected
          const place = isThere ? opener : document.querySelector<HTMLElement>('h1[tabindex]')
          place?.focus()
        }, LOOK)
      look(LOOKS)
    }
  }, [opened, opener])
}
