import { Group, type MantineColorScheme, NativeSelect, useMantineColorScheme } from '@mantine/core'
import { type LanguageName, useLanguage } from './language.tsx'

/** The language and the appearance of the page; both are remembered. */
export function Preferences() {
  const { name, choose, say } = useLanguage()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Group gap="xs">
      <NativeSelect
        size="xs"
        aria-label={say('language')}
        value={name}
        onChange={({ currentTarget }) => choose(currentTarget.value as LanguageName)}
        data={[
          { value: 'en', label: 'English' },
          { value: 'de', label: 'Deutsch' },
        ]}
      />
      <NativeSelect
        size="xs"
        aria-label={say('theme')}
        value={colorScheme}
        onChange={({ currentTarget }) => setColorScheme(currentTarget.value as MantineColorScheme)}
        data={[
          { value: 'auto', label: say('themeAuto') },
          { value: 'light', label: say('themeLight') },
          { value: 'dark', label: say('themeDark') },
        ]}
      />
    </Group>
  )
}
