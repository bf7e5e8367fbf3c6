import type { ReactNode } from 'react'
import { TopBar } from './top-bar.tsx'

/** The landmarks of a page: the top bar, a bar below it, and the content. */
export function Frame(props: {
  readonly below?: ReactNode
  /** Items of the menu in the top bar. */
  readonly menu?: ReactNode
  readonly children: ReactNode
}) {
  return (
    <>
      <TopBar menu={props.menu} />
      {props.below}
      <main id="main" tabIndex={-1} className="page">
        {props.children}
        <div id="menus" />
      </main>
    </>
  )
}
