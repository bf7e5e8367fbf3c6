import { ActionIcon, type MantineColorScheme, Menu, useMantineColorScheme } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { type ReactNode, useState } from 'react'
import { Icon } from '../../src/react/mantine/icon.tsx'
import { useLanguage } from './language.tsx'
import { languages } from './page-texts.ts'
import './menus.css'

const schemes = { auto: 'themeAuto', light: 'themeLight', dark: 'themeDark' } as const

/** The name of a language in that language. */
function nameOf(tag: string): string {
  const name = new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag
  return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1)
}

/** Selects the language and the appearance of the page, which are stored in the browser. `children` are more items. */
export default function PreferencesMenu(props: {
  /** Whether it is open at first. */
  readonly isOpen: boolean
  readonly children?: ReactNode
}) {
  const [isOpen, setOpen] = useState(props.isOpen)
  const { language, choose, t } = useLanguage()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  // The focus enters the menu a moment after it opens: the menu itself hears the key only then.
  useHotkeys(isOpen ? [['Escape', () => setOpen(false)]] : [])
  return (
    <Menu closeOnItemClick={false} opened={isOpen} onChange={setOpen}>
      <Menu.Target>
        <ActionIcon aria-label={t('prefs')} className="touch">
          <Icon name="globe" size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {props.children}
        <Menu.Label>{t('language')}</Menu.Label>
        <Menu.RadioGroup value={language} onChange={choose}>
          {languages.map((tag) => (
            <Menu.RadioItem key={tag} value={tag} lang={tag}>
              {nameOf(tag)}
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
