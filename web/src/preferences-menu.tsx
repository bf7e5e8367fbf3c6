import { ActionIcon, type MantineColorScheme, Menu, useMantineColorScheme } from '@mantine/core'
import type { ReactNode } from 'react'
import { Icon } from '../../src/react/mantine/icon.tsx'
import { languageNames, useLanguage } from './language.tsx'
import './menus.css'

const schemes = { auto: 'themeAuto', light: 'themeLight', dark: 'themeDark' } as const

/** Selects the language and the appearance of the page, which are stored in the browser. `children` are more items. */
export default function PreferencesMenu(props: {
  /** Whether it is open at first. */
  readonly isOpen: boolean
  readonly children?: ReactNode
}) {
  const { isOpen, children } = props
  const { language, choose, t } = useLanguage()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Menu closeOnItemClick={false} defaultOpened={isOpen}>
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
