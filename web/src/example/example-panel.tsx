import { Button, Text, Title, UnstyledButton } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useEffect, useId } from 'react'
import type { ExampleState } from '../../../examples/home-hub/example-controls.ts'
import type { OidcState } from '../../../examples/oidc/oidc-controls.ts'
import { useActions } from '../actions.tsx'
import { useLanguage } from '../language.tsx'
import { useRoute } from '../routes.ts'
import { press, readServices, useServices } from './example.ts'
import { Service } from './service.tsx'
import { startTour, useTour } from './tour-memory.ts'
import './example.css'

/** The delay until the service has revoked a grant, in milliseconds. */
const SETTLED = 1000

const MINE = new Set(['account-1', 'account-2', 'hub-1'])

/** The simulated services of the example, folded on phones. Renders nothing on other servers. */
export default function ExamplePanel() {
  const { t } = useLanguage()
  const services = useServices()
  const tour = useTour()
  const isPhone = useMediaQuery('(max-width: 47.99em)', undefined, { getInitialValueInEffect: false })
  const id = useId()
  if (services === null) return null
  const hasTour = !('users' in services) && tour !== 'running' && tour !== 'broken'
  return (
    <aside className="card example" aria-labelledby={id}>
      <details open={!isPhone}>
        <summary className="example-head">
          <Title order={2} id={id} className="example-title">
            {t('exampleTitle')}
          </Title>
        </summary>
        <div className="example-intro">
          <Text size="sm" c="dimmed">
            {t('exampleText')}
          </Text>
          {hasTour && (
            <UnstyledButton className="example-link" onClick={startTour}>
              {t('tourStart')}
            </UnstyledButton>
          )}
        </div>
        {'users' in services ? <Users {...services} /> : <Services {...services} />}
      </details>
    </aside>
  )
}

/** A button for what can happen to a service. */
function Action({ name, label }: { readonly name: string; readonly label: string }) {
  const { act, busy } = useActions()
  return (
    <Button
      size="xs"
      variant="default"
      // A disabled button would lose the focus.
      aria-disabled={busy || undefined}
      data-disabled={busy}
      onClick={() => busy || void act(() => press(name))}
    >
      {label}
    </Button>
  )
}

function Users({ users }: OidcState) {
  const { t } = useLanguage()
  const { flowId } = useRoute()
  useEffect(() => {
    if (flowId === null) return
    // A sign-in, or a result that was closed, changes what the service has granted.
    return () => void setTimeout(() => void readServices().catch(() => {}), SETTLED)
  }, [flowId])
  return (
    <div className="example-service">
      {users.map(({ id, email, grants }) => (
        <div key={id} className="example-user">
          <Action name={`revoke-${id}`} label={t('revokeOf', { name: email })} />
          <Text size="sm" c="dimmed">
            {t('grants', { count: grants })}
          </Text>
        </div>
      ))}
    </div>
  )
}

function Services({ mqtt, device, attic }: ExampleState) {
  const { t } = useLanguage()
  const [alice, ...others] = mqtt.accounts
  const action = (name: string, label: string) => <Action key={name} name={name} label={label} />
  return (
    <>
      <Service
        name={t('device')}
        running={device.running}
        values={[
          [t('address'), device.host],
          [t('apiToken'), device.token],
          [t('neighborsToken'), device.neighborsToken],
        ]}
        buttons={[
          action('device-revoke', t('revokeToken')),
          action(device.running ? 'device-stop' : 'device-start', t(device.running ? 'stop' : 'start')),
          action('device-move', t('move')),
          action('device-swap', t(MINE.has(device.accountId) ? 'swap' : 'swapBack')),
        ]}
      />
      <Service
        name={t('broker')}
        running={mqtt.running}
        values={[
          [t('address'), mqtt.address],
          ...[alice, ...others].flatMap((account) =>
            account === undefined
              ? []
              : ([
                  [t('userName'), account.username],
                  [t('password'), account.password],
                ] as const),
          ),
        ]}
        buttons={[
          action('mqtt-password', t('changePassword')),
          action(mqtt.running ? 'mqtt-stop' : 'mqtt-start', t(mqtt.running ? 'stop' : 'start')),
          action('mqtt-drop', t('drop')),
          action('mqtt-swap', t(MINE.has(alice?.accountId ?? '') ? 'swap' : 'swapBack')),
        ]}
      />
      <Service
        name={t('attic')}
        values={[
          [t('address'), attic.host],
          [t('apiToken'), attic.token],
        ]}
        buttons={[action('attic-announce', t('announce'))]}
      />
    </>
  )
}
