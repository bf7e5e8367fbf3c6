import { Button } from '@mantine/core'
import type { ExampleState } from '../../../examples/home-hub/example-controls.ts'
import type { Fill } from '../../../src/react/mantine/flow-form.tsx'
import { Icon } from '../../../src/react/mantine/icon.tsx'
import type { FormView } from '../../../src/view.ts'
import { useActions } from '../actions.tsx'
import { useLanguage } from '../language.tsx'
import { readServices, useServices } from './example.ts'
import './example.css'

type Values = Readonly<Record<string, string>>

/** A button that fills a form with what the example knows. Renders nothing on other servers and for other forms. */
export default function FillIn({ view, fill }: { readonly view: FormView; readonly fill: Fill }) {
  const { t } = useLanguage()
  const { act } = useActions()
  const services = useServices()
  if (services === null || 'users' in services) return null
  const known = Object.values(valuesFor(view, services))
  if (known.length === 0) return null
  // Another window may have changed the services since.
  const run = async () => {
    const now = await readServices()
    if (!('users' in now)) fill(valuesFor(view, now))
  }
  return (
    <div className="fill">
      <Icon name="wand" />
      <div>
        {t(view.domain === 'mqtt' ? 'fillFromBroker' : 'fillFrom')}
        <code>{known.join(' · ')}</code>
      </div>
      <Button variant="default" size="xs" onClick={() => void act(run)}>
        {t('fill')}
      </Button>
    </div>
  )
}

/** The values of the service that a form is about, only for the fields that it has. */
function valuesFor(view: FormView, services: ExampleState): Values {
  const known = view.domain === 'my_hub' ? ofDevice(view, services) : ofBroker(view, services)
  return Object.fromEntries(Object.entries(known).filter(([field]) => view.order.includes(field)))
}

function ofDevice({ address, values }: FormView, { device, attic }: ExampleState): Values {
  const host = address ?? values.host
  const { host: at, token } = host === attic.host ? attic : device
  return { host: at, apiToken: token }
}

function ofBroker({ domain, account, placeholders, values }: FormView, { mqtt }: ExampleState): Values {
  const names = [values.username, account, placeholders.name]
  const known = mqtt.accounts.find(({ username }) => names.includes(username)) ?? mqtt.accounts[0]
  if (domain !== 'mqtt' || known === undefined) return {}
  return { address: mqtt.address, username: known.username, password: known.password }
}
