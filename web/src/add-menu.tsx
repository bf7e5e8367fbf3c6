import { Button, Menu } from '@mantine/core'
import { useIntegrations, useLatchkey } from '../../src/react/index.ts'
import { Icon } from '../../src/react/mantine/icon.tsx'
import { useActions } from './actions.tsx'
import { useLanguage } from './language.tsx'
import './menus.css'

/** Selects an integration and starts a flow for a new entry. */
export default function AddMenu(props: {
  readonly onFlow: (flowId: string) => void
  /** Whether it is open at first. */
  readonly isOpen: boolean
}) {
  const { onFlow, isOpen } = props
  const { t } = useLanguage()
  const { act, busy } = useActions()
  const client = useLatchkey()
  const items = useIntegrations()

  const add = (domain: string): void => {
    if (busy) return
    void act(() => client.flows.start({ domain, source: 'user' })).then((view) => view && onFlow(view.flowId))
  }
  return (
    <Menu defaultOpened={isOpen}>
      <Menu.Target>
        <Button data-add leftSection={<Icon name="add" />} disabled={items === null}>
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
