import { ActionIcon } from '@mantine/core'
import { type ComponentProps, Suspense } from 'react'
import { useEntry } from '../../src/react/index.ts'
import { Icon } from '../../src/react/mantine/icon.tsx'
import { useLanguage } from './language.tsx'
import { lazily } from './lazily.ts'

const LoadedMenu = lazily(() => import('./entry-menu-open.tsx'))

/** The button of the menu of an entry. The menu loads after the page. */
export function EntryMenu(props: ComponentProps<typeof LoadedMenu>) {
  return (
    <Suspense fallback={<MenuButton {...props} />}>
      <LoadedMenu {...props} />
    </Suspense>
  )
}

function MenuButton({ entryId, tabIndex }: { readonly entryId: string; readonly tabIndex?: -1 }) {
  const { t } = useLanguage()
  const name = useEntry(entryId)?.title ?? ''
  return (
    <ActionIcon
      className="touch"
      tabIndex={tabIndex}
      aria-haspopup="menu"
      aria-label={t('actionsOf', { name })}
    >
      <Icon name="more" />
    </ActionIcon>
  )
}
