import { useEffect, useState } from 'react'

/** The time between two looks at the focus after a dialog, in milliseconds, and the number of looks. */
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
      let place: Element | null = null
      const look = (looks: number) =>
        setTimeout(() => {
          const focused = document.activeElement
          // The dialog can have returned the focus by itself.
          if (focused === places.opener && focused !== document.body) place = focused
          // The place can be removed later, for example when the list learns that the connection was repaired.
          if (focused === document.body && !place?.isConnected) {
            const next = placeOf(places)
            next?.focus()
            // If the element cannot have the focus yet, the next look repeats this.
            if (document.activeElement === next) place = next
          }
          // The dialog leaves the page only after its animation. The user can have moved the focus since.
          else if (focused !== inside && focused !== place) return
          if (looks > 1) look(looks - 1)
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
  const inRow = (selector: string): HTMLElement | null =>
    document.querySelector(`[data-entry="${CSS.escape(entryId ?? '')}"] ${selector}`)
  // Its row can have been drawn again.
  const again = inRow(`[aria-label="${CSS.escape(opener.ariaLabel ?? '')}"]`)
  return again ?? inRow('a') ?? document.querySelector<HTMLElement>('h1[tabindex]')
}
