import { ActionIcon, Menu } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { useLayoutEffect, useRef, useState } from 'react'
import { useEntry, useIntegrations, useLatchkey } from '../../src/react/index.ts'
import { Icon } from '../../src/react/mantine/icon.tsx'
import { useEntryActions } from './entry-actions.ts'
import type { EntryDialog } from './entry-dialog.ts'
import { useLanguage } from './language.tsx'
import type { Route } from './route.ts'
import { navigate } from './routes.ts'
import { useDiagnostics } from './use-diagnostics.ts'
import { useOpenFlow } from './use-open-flow.ts'
import './menus.css'

/** The menu of an entry, which opens at once, from harmless to dangerous actions. An action that is not possible is absent. */
export default function EntryMenu(props: {
  readonly entryId: string
  /** Whether the Tab key reaches the button. In a list, its row has other keys. */
  readonly tabIndex?: -1
  readonly onDialog: (dialog: EntryDialog) => void
}) {
  const { entryId, onDialog } = props
  const { t } = useLanguage()
  const title = useEntry(entryId)?.title ?? ''
  const [isOpen, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  // The menu returns the focus to the button that has it when it opens.
  useLayoutEffect(() => {
    button.current?.focus()
    setOpen(true)
  }, [])
  // The focus enters the menu a moment after it opens: the menu itself hears the key only then.
  useHotkeys(isOpen ? [['Escape', () => setOpen(false)]] : [])
  return (
    <Menu opened={isOpen} onChange={setOpen}>
      <Menu.Target>
        <ActionIcon
          ref={button}
          className="touch"
          tabIndex={props.tabIndex}
          aria-label={t('actionsOf', { name: title })}
        >
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Items entryId={entryId} onDialog={onDialog} />
      </Menu.Dropdown>
    </Menu>
  )
}

/** Rendered only while the menu is open. */
function Items({ entryId, onDialog }: { entryId: string; onDialog: (dialog: EntryDialog) => void }) {
  const { t } = useLanguage()
  const save = useDiagnostics()
  const openFlow = useOpenFlow()
  const actions = useEntryActions()
  const { entries } = useLatchkey()
  const entry = useEntry(entryId)
  const hasOptions = useIntegrations()?.some(({ domain, options }) => options && domain === entry?.domain)
  if (entry === null || entry === undefined) return null
  const { title, disabled, state } = entry
  const open = (start: Parameters<typeof openFlow>[0]) => () => void openFlow(start)
  const show = (tab: Route['tab']) => () => navigate({ entryId, tab })
  const dialog = (type: EntryDialog['type']) => () => onDialog({ type, entryId, title })
  const needsSignIn = entry.reauth !== null && !disabled
  return (
    <>
      {!disabled && (
        <>
          <Menu.Item onClick={open(() => entries.reauth(entryId))}>{t('reauthenticate')}</Menu.Item>
          <Menu.Item onClick={open(() => entries.reconfigure(entryId))}>{t('reconfigure')}</Menu.Item>
          {hasOptions && <Menu.Item onClick={show('options')}>{t('options')}</Menu.Item>}
        </>
      )}
      <Menu.Item onClick={dialog('rename')}>{t('rename')}</Menu.Item>
      <Menu.Divider />
      {!disabled && (
        <>
          <Menu.Item onClick={() => void actions.reload(entry)}>{t('reload')}</Menu.Item>
          {needsSignIn && <Menu.Item onClick={() => void actions.retry(entry)}>{t('retry')}</Menu.Item>}
          {needsSignIn && <Menu.Item onClick={dialog('link')}>{t('link')}</Menu.Item>}
          <Menu.Divider />
        </>
      )}
      <Menu.Item onClick={() => void save(entryId)}>{t('diagnosticsGet')}</Menu.Item>
      <Menu.Item onClick={show('history')}>{t('history')}</Menu.Item>
      {state === 'failed_unload' && (
        <Menu.Item onClick={() => void actions.release(entry)}>{t('release')}</Menu.Item>
      )}
      <Menu.Item onClick={() => void (disabled ? actions.enable(entry) : actions.disable(entry))}>
        {t(disabled ? 'enable' : 'disable')}
      </Menu.Item>
      <Menu.Divider />
      {!disabled && (
        <Menu.Item className="danger" onClick={open(() => entries.replace(entryId))}>
          {t('replace')}
        </Menu.Item>
      )}
      <Menu.Item className="danger" onClick={dialog('remove')}>
        {t('remove')}
      </Menu.Item>
    </>
  )
}
