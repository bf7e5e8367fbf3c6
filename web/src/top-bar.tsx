import { ActionIcon, type MantineColorScheme, Menu, useMantineColorScheme } from '@mantine/core'
import type { ReactNode } from 'react'
import { Icon } from '../../src/react/mantine/icon.tsx'
import { languageNames, useLanguage } from './language.tsx'
import { Mark } from './mark.tsx'

const schemes = { auto: 'themeAuto', light: 'themeLight', dark: 'themeDark' } as const

/** The bar at the top of the page: a link to the content, the name, and the menu for the language and appearance. */
export function TopBar({ menu }: { readonly menu?: ReactNode }) {
  const { t } = useLanguage()
  return (
    <>
      <button type="button" className="skip" onClick={skip}>
        {t('skip')}
      </button>
      <header className="top">
        <Mark size={26} />
        <span className="top-name">Latchkey</span>
        <Preferences>{menu}</Preferences>
      </header>
    </>
  )
}

/** Selects the language and the appearance of the page, which are stored in the browser. `children` are more items. */
export function Preferences({ children }: { readonly children?: ReactNode }) {
  const { language, choose, t } = useLanguage()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Menu closeOnItemClick={false}>
      <Menu.Target>
        <ActionIcon aria-label={t('prefs')} className="touch">
          <Icon name="globe" size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {children}
        <Menu.Label>{t('language')}</Menu.Label>
        <Menu.RadioGroup value={language} onChange={choose}>
          {Object.entries(languageNames).map(([tag, name]) => (
            <Menu.RadioItem key={tag} value={tag} lang={tag}>
              {name}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Label>{t('theme')}</Menu.Label>
        <Menu.RadioGroup
          value={colorScheme}
          onChange={(chosen) => setColorScheme(chosen as MantineColorScheme)}
        >
          {Object.entries(schemes).map(([scheme, key]) => (
            <Menu.RadioItem key={scheme} value={scheme}>
              {t(key)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  )
}

/** Moves the focus to the content. A link would replace the fragment of the URL, which names the open flow. */
function skip(): void {
  document.getElementById('main')?.focus()
}
