import { Button, Group, Menu, Title } from '@mantine/core'
import { useIntegrations, useLatchkey } from '../../src/react/index.ts'
import { Icon } from '../../src/react/mantine/icon.tsx'
import { useActions } from './actions.tsx'
import { useLanguage } from './language.tsx'

/** The title of the page, the preferences, and the menu to add an entry. */
export function Header({ onFlow }: { readonly onFlow: (flowId: string) => void }) {
  const { t } = useLanguage()
  return (
    <Group justify="space-between" gap="sm" mb={20}>
      <Title order={1} className="page-title" tabIndex={-1}>
        {t('title')}
      </Title>
      <AddMenu onFlow={onFlow} />
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
        <Button leftSection={<Icon name="add" />} disabled={items === null}>
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
