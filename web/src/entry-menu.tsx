import { Button, Menu } from '@mantine/core'
import type { EntryView, View } from '../../src/client/index.ts'
import { existingFlow } from '../../src/react/existing-flow.ts'
import { useIntegrations, useLatchkey } from '../../src/react/index.ts'
import { useActions } from './actions.tsx'
import type { EntryDialog } from './entry-dialog.ts'
import { useLanguage } from './language.tsx'
import { navigate } from './routes.ts'

/** The actions of an entry. */
export function EntryMenu(props: {
  readonly entry: EntryView
  readonly onFlow: (flowId: string) => void
  readonly onDialog: (dialog: EntryDialog) => void
}) {
  const { entry, onFlow, onDialog } = props
  const { entryId, title } = entry
  const { t } = useLanguage()
  const { act } = useActions()
  const { entries } = useLatchkey()
  const hasOptions = useIntegrations()?.some(({ domain, options }) => options && domain === entry.domain)

  const open = (start: () => Promise<View>) => () =>
    void act(() => start().then(({ flowId }) => flowId, existingFlow)).then(
      (flowId) => flowId && onFlow(flowId),
    )
  const run = (call: () => Promise<unknown>) => () => void act(call)
  const dialog = (type: EntryDialog['type']) => () => onDialog({ type, entryId, title })
  const needsSignIn = entry.reauth !== null && !entry.disabled
  return (
    <Menu>
      <Menu.Target>
        <Button size="xs" variant="default" px="xs" aria-label={t('actionsOf', { name: title })}>
          <svg width="16" height="16" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
            <circle cx="3" cy="8" r="1.5" />
            <circle cx="8" cy="8" r="1.5" />
            <circle cx="13" cy="8" r="1.5" />
          </svg>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item disabled={entry.disabled} onClick={open(() => entries.reauth(entryId))}>
          {t('reauthenticate')}
        </Menu.Item>
        <Menu.Item disabled={entry.disabled} onClick={open(() => entries.reconfigure(entryId))}>
          {t('reconfigure')}
        </Menu.Item>
        <Menu.Item disabled={entry.disabled} onClick={open(() => entries.replace(entryId))}>
          {t('replace')}
        </Menu.Item>
        {hasOptions && (
          <Menu.Item disabled={entry.disabled} onClick={open(() => entries.changeOptions(entryId))}>
            {t('options')}
          </Menu.Item>
        )}
        <Menu.Item onClick={dialog('rename')}>{t('rename')}</Menu.Item>
        <Menu.Item disabled={entry.disabled} onClick={run(() => entries.reload(entryId))}>
          {t('reload')}
        </Menu.Item>
        {entry.state === 'failed_unload' && (
          <Menu.Item onClick={run(() => entries.unload(entryId, { force: true }))}>{t('release')}</Menu.Item>
        )}
        {needsSignIn && (
          <Menu.Item onClick={run(() => entries.reload(entryId, { retryRejected: true }))}>
            {t('retry')}
          </Menu.Item>
        )}
        <Menu.Item onClick={run(() => (entry.disabled ? entries.enable(entryId) : entries.disable(entryId)))}>
          {t(entry.disabled ? 'enable' : 'disable')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => navigate({ entryId, tab: 'developer' })}>{t('chart')}</Menu.Item>
        <Menu.Item onClick={dialog('history')}>{t('history')}</Menu.Item>
        {needsSignIn && <Menu.Item onClick={dialog('link')}>{t('link')}</Menu.Item>}
        <Menu.Divider />
        <Menu.Item c="var(--mantine-color-error)" onClick={dialog('remove')}>
          {t('remove')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
