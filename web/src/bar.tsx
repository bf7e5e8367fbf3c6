import { createContext, type ReactNode, useContext } from 'react'
import { createPortal } from 'react-dom'

/** The place of the title in the top bar. Null if the window is wide: the title is then above the content. */
export const BarContext = createContext<HTMLElement | null>(null)

/** Renders the title of a page, or its link back, in the top bar of a phone. */
export function InBar({ children }: { readonly children: ReactNode }) {
  const bar = useContext(BarContext)
  return bar === null ? children : createPortal(children, bar)
}
