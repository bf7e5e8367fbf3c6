import { ActionIcon } from '@mantine/core'
import { type ReactNode, Suspense, useState } from 'react'
import { Icon } from '../../src/react/mantine/icon.tsx'
import { useLanguage } from './language.tsx'
import { lazily } from './lazily.ts'
import { Mark } from './mark.tsx'

const PreferencesMenu = lazily(() => import('./preferences-menu.tsx'))

/** The bar at the top of the page: a link to the content, the name, and the menu for the language and appearance. */
export function TopBar(props: {
  readonly menu?: ReactNode
  /** Receives the place of the title, which replaces the name. */
  readonly titleRef: ((place: HTMLElement | null) => void) | null
}) {
  const { menu, titleRef } = props
  const { t } = useLanguage()
  return (
    <>
      <button type="button" className="skip" onClick={skip}>
        {t('skip')}
      </button>
      <header className="top">
        {titleRef === null ? (
          <>
            <Mark size={26} />
            <span className="top-name">Latchkey</span>
          </>
        ) : (
          <div ref={titleRef} className="top-title" />
        )}
        <Preferences>{menu}</Preferences>
      </header>
    </>
  )
}

/** The button of the menu for the language and appearance. The menu loads after the page. */
export function Preferences({ children }: { readonly children?: ReactNode }) {
  const { t } = useLanguage()
  const [isPressed, setPressed] = useState(false)
  const button = (
    <ActionIcon
      aria-label={t('prefs')}
      aria-haspopup="menu"
      className="touch"
      onClick={() => setPressed(true)}
    >
      <Icon name="globe" size={18} />
    </ActionIcon>
  )
  return (
    <Suspense fallback={button}>
      <PreferencesMenu isOpen={isPressed}>{children}</PreferencesMenu>
    </Suspense>
  )
}

/** Moves the focus to the content. A link would replace the fragment of the URL, which names the open flow. */
function skip(): void {
  document.getElementById('main')?.focus()
}
