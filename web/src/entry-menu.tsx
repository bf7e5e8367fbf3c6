import { ActionIcon } from '@mantine/core'
import { Suspense, useState } from 'react'
import { useEntry } from '../../src/react/index.ts'
import { Icon } from '../../src/react/mantine/icon.tsx'
import type { EntryDialog } from './entry-dialog.ts'
import { useLanguage } from './language.tsx'
import { lazily } from './lazily.ts'

const LoadedMenu = lazily(() => import('./entry-menu-open.tsx'))

/** The button of the menu of an entry. It becomes the menu when it is pressed: a list has many of them. */
export function EntryMenu(props: {
  readonly entryId: string
  /** Set in a list, where the row has other keys. */
  readonly tabIndex?: -1
  readonly onDialog: (dialog: EntryDialog) => void
}) {
  const { entryId, tabIndex } = props
  const { t } = useLanguage()
  const name = useEntry(entryId)?.title ?? ''
  const [isPressed, setPressed] = useState(false)
  const button = (
    <ActionIcon
      className="touch"
      tabIndex={tabIndex}
      aria-haspopup="menu"
      aria-label={t('actionsOf', { name })}
      onClick={() => setPressed(true)}
    >
      <Icon name="more" />
    </ActionIcon>
  )
  if (!isPressed) return button
  return (
    <Suspense fallback={button}>
      <LoadedMenu {...props} />
    </Suspense>
  )
}
