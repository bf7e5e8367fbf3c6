import { useEffect, useState } from 'react'

/** The time between two looks at a dialog that closes, in milliseconds, and the number of looks. */
const LOOK = 50
const LOOKS = 100

/** The places that can have the focus after a dialog, the first one first. */
interface Places {
  readonly opener: Element
  /** The entry of the row or line of the opener. */
  readonly entryId: string | undefined
}

/** The element that had the focus last. The item of a menu can be removed before its dialog opens. */
let last: Element | null = null

const note = ({ target }: FocusEvent): void => {
  if (target instanceof Element) last = target
}

/**
 * Returns the focus after a dialog: to its opener, or to the row of its entry, or to the heading of the page if both were
 * removed.
 */
export function useReturnFocus(opened: boolean): void {
  const [places, setPlaces] = useState<Places | null>(null)
  // While it renders, the dialog has not moved the focus yet.
  if (opened && places === null) setPlaces(placesOf(focusedOrLast()))
  if (!opened && places !== null) setPlaces(null)
  useEffect(() => {
    // A document adds the same listener only once, for all dialogs.
    document.addEventListener('focusin', note)
  }, [])
  useEffect(() => {
    if (!opened || places === null) return
    return () => {
      const inside = document.activeElement
      const look = (looks: number) =>
        setTimeout(() => {
          const focused = document.activeElement
          // The dialog leaves the page only after its animation.
          if (focused === inside && inside !== document.body && looks > 1) look(looks - 1)
          // The user or the page may have moved the focus since.
          if (focused === document.body) placeOf(places)?.focus()
        }, LOOK)
      look(LOOKS)
    }
  }, [opened, places])
}

function focusedOrLast(): Element {
  const focused = document.activeElement ?? document.body
  return focused === document.body ? (last ?? focused) : focused
}

function placesOf(focused: Element): Places {
  const menu = focused.closest('[role=menu]')
  // The items of a menu are removed: its button stays.
  const button = menu && document.getElementById(menu.getAttribute('aria-labelledby') ?? '')
  const opener = button ?? focused
  const { entry, of } = opener.closest<HTMLElement>('[data-entry], [data-of]')?.dataset ?? {}
  return { opener, entryId: entry ?? of }
}

function placeOf({ opener, entryId }: Places): HTMLElement | null {
  if (opener instanceof HTMLElement && opener !== document.body && opener.isConnected) return opener
  const row = entryId === undefined ? null : `[data-entry="${CSS.escape(entryId)}"] a`
  return (
    (row && document.querySelector<HTMLElement>(row)) || document.querySelector<HTMLElement>('h1[tabindex]')
  )
}
