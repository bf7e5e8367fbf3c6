import { useMediaQuery } from '@mantine/hooks'
import { type ReactNode, useState } from 'react'
import { BarContext } from './bar.tsx'
import { TopBar } from './top-bar.tsx'

/** The landmarks of a page: the top bar, a bar below it, and the content. */
export function Frame(props: {
  readonly below?: ReactNode
  /** Items of the menu in the top bar. */
  readonly menu?: ReactNode
  readonly children: ReactNode
}) {
  const isPhone = useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false })
  const [bar, setBar] = useState<HTMLElement | null>(null)
  return (
    <BarContext value={bar}>
      <TopBar menu={props.menu} titleRef={isPhone ? setBar : null} />
      {props.below}
      <main id="main" tabIndex={-1} className="page">
        {props.children}
        <div id="menus" />
      </main>
    </BarContext>
  )
}
