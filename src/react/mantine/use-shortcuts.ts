import { useEffect, useRef } from 'react'

/**
 * Calls back for single keys that are pressed while no field, dialog or menu has the focus. `on` returns whether it has used
 * the key.
 */
export function useShortcuts(isOn: boolean, on: (key: string) => boolean): void {
  const latest = useRef(on)
  useEffect(() => {
    latest.current = on
  })
  useEffect(() => {
    if (!isOn) return
    const listen = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      const at = event.target instanceof Element ? event.target : null
      if (at?.closest('input, textarea, select, [contenteditable], [role=dialog], [role=menu]')) return
      // A dialog that is open takes all keys, also if the focus is on the page.
      if (document.querySelector('[role=dialog][aria-modal=true]') !== null) return
      if (latest.current(event.key)) event.preventDefault()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [isOn])
}
