import { Button, Group, Menu, Text, Title } from '@mantine/core'
import { useClientState, useIntegrations, useLatchkey } from '../../src/react/index.ts'
import { useActions } from './actions.tsx'
import { useLanguage } from './language.tsx'
import { Preferences } from './preferences.tsx'

/** The title of the page, the preferences, and the menu to add an entry. */
export function Header({ onFlow }: { readonly onFlow: (flowId: string) => void }) {
  const { t } = useLanguage()
  const { entries, connection } = useClientState()
  return (
    <Group justify="space-between" gap="sm">
      <div>
        <Title order={1} size="h2">
          {t('title')}
        </Title>
        <Text size="sm">{connection === 'connecting' ? ' ' : t('count', { count: entries.size })}</Text>
      </div>
      <Group gap="xs">
        <Preferences />
        <AddMenu onFlow={onFlow} />
      </Group>
    </Group>
  )
}

/** Selects an integration and starts a flow for a new entry. */
function AddMenu({ onFlow }: { readonly onFlow: (flowId: string) => void }) {
  const { t } = useLanguage()
  const { act, busy } = useActions()
  const client = useLatchkey()
  const items = useIntegrations()

  const add = (domain: string): void => {
    if (busy) return
    void act(() => client.flows.start({ domain, source: 'user' })).then((view) => view && onFlow(view.flowId))
  }
  return (
    <Menu>
      <Menu.Target>
        <Button size="xs" disabled={items === null}>
          {t('add')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown aria-label={t('addWhat')}>
        {items?.map(({ domain, title }) => (
          <Menu.Item key={domain} onClick={() => add(domain)}>
            {title}
          </Menu.Item>
        ))}
        {items?.length === 0 && <Menu.Item disabled>{t('noIntegrations')}</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  )
}
