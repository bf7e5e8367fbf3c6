import { Badge, Button, Card, Code, Group, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core'
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useState } from 'react'
import type { ExampleState } from '../../examples/home-hub/example-controls.ts'
import type { OidcState } from '../../examples/oidc/oidc-controls.ts'
import { useClientState } from '../../src/react/index.ts'
import { useActions } from './actions.tsx'
import './example.css'
import { type Language, useLanguage } from './language.tsx'
import { useRoute } from './routes.ts'
import { serverUrl, token } from './token.ts'

const LiveChart = lazy(() => import('./live-chart.tsx'))

const MINE = new Set(['account-1', 'account-2', 'hub-1'])

/** The controls of the example's services. Renders nothing on other servers. */
export default function ExamplePanel() {
  const { flowId } = useRoute()
  const hasEntries = useClientState().entries.size > 0
  const [charted, setCharted] = useState<string | null>(null)

  const { t } = useLanguage()
  const { act, busy } = useActions()
  const [state, setState] = useState<ExampleState | OidcState | null>(null)
  useEffect(() => {
    const read = (): void => void call('GET', 'state').then(setState, () => {})
    read()
    addEventListener('focus', read)
    return () => removeEventListener('focus', read)
  }, [])
  const press = useCallback(
    (action: string) => () => void act(() => call('POST', action)).then((now) => now && setState(now)),
    [act],
  )
  if (state === null) return null
  const chart = hasEntries && (
    <Suspense>
      <LiveChart dialogFlow={flowId} charted={charted} onChart={setCharted} />
    </Suspense>
  )
  const button = (action: string, label: string) => (
    <Button key={action} size="xs" variant="default" disabled={busy} onClick={press(action)}>
      {label}
    </Button>
  )
  if ('users' in state) {
    return (
      <Stack mt="lg">
        <Card withBorder padding="sm">
          <Title order={2} size="h4">
            {t('exampleTitle')}
          </Title>
          <Stack gap="xs" mt="sm">
            {state.users.map(({ id, email, grants }) => (
              <Group key={id} gap="xs">
                {button(`revoke-${id}`, t('revokeOf', { name: email }))}
                <Badge variant="light">{grants}</Badge>
              </Group>
            ))}
          </Stack>
        </Card>
        {chart}
      </Stack>
    )
  }
  const { mqtt, device, attic } = state
  const alice = mqtt.accounts.find(({ username }) => username === 'alice')
  return (
    <Stack mt="lg">
      <Card withBorder padding="sm">
        <Title order={2} size="h4">
          {t('exampleTitle')}
        </Title>
        <Text size="sm" mb="sm">
          {t('exampleText')}
        </Text>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
          <Service
            t={t}
            name={t('broker')}
            running={mqtt.running}
            buttons={[
              button('mqtt-password', t('changePassword')),
              button('mqtt-drop', t('drop')),
              button('mqtt-swap', t(MINE.has(alice?.accountId ?? '') ? 'swap' : 'swapBack')),
              button(mqtt.running ? 'mqtt-stop' : 'mqtt-start', t(mqtt.running ? 'stop' : 'start')),
            ]}
            rows={[
              [t('address'), mqtt.address],
              ...mqtt.accounts.map(
                ({ username, password, accountId }) =>
                  [`${t('account')} ${username}`, `${username} / ${password}`, accountId] as const,
              ),
            ]}
          />
          <Service
            t={t}
            name={t('device')}
            running={device.running}
            buttons={[
              button('device-revoke', t('revokeToken')),
              button('device-swap', t(MINE.has(device.accountId) ? 'swap' : 'swapBack')),
              button('device-move', t('move')),
              button(device.running ? 'device-stop' : 'device-start', t(device.running ? 'stop' : 'start')),
            ]}
            rows={[
              [t('address'), device.host],
              [t('apiToken'), device.token, device.accountId],
              [t('neighborsToken'), device.neighborsToken],
            ]}
          />
          <Service
            t={t}
            name={t('attic')}
            buttons={[button('attic-announce', t('announce'))]}
            rows={[
              [t('address'), attic.host],
              [t('apiToken'), attic.token],
            ]}
          />
        </SimpleGrid>
      </Card>
      {chart}
    </Stack>
  )
}

function Service(props: {
  readonly t: Language['t']
  readonly name: string
  /** Omit for a service that cannot be stopped. */
  readonly running?: boolean
  readonly buttons: readonly ReactNode[]
  readonly rows: readonly (readonly [label: string, value: string, note?: string])[]
}) {
  const { t, name, running, buttons, rows } = props
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Title order={3} size="h5">
          {name}
        </Title>
        {running !== undefined && (
          <Badge variant="dot" color={running ? 'green' : 'red'} tt="none">
            {t(running ? 'up' : 'down')}
          </Badge>
        )}
      </Group>
      <Table layout="fixed" verticalSpacing={2}>
        <Table.Tbody>
          {rows.map(([label, value, note]) => (
            <Table.Tr key={label}>
              <Table.Th scope="row" fw={400} ps={0}>
                {label}
              </Table.Th>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                <Code>{value}</Code>
                {note !== undefined && (
                  <Text span size="xs">
                    {' '}
                    {note}
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group gap="xs">{buttons}</Group>
    </Stack>
  )
}

/** @throws Error if the server is not the example, or does not respond */
async function call(method: 'GET' | 'POST', action: string): Promise<ExampleState | OidcState> {
  const response = await fetch(`${serverUrl()}/example/${action}`, {
    method,
    headers: { authorization: `Bearer ${token()}` },
  })
  if (!response.ok) throw new Error(`The example answered ${response.status}.`)
  return response.json()
}
