import { useSyncExternalStore } from 'react'
import type { ExampleState } from '../../../examples/home-hub/example-controls.ts'
import type { OidcState } from '../../../examples/oidc/oidc-controls.ts'
import { serverUrl, token } from '../token.ts'

/** The simulated services of an example. */
type Services = ExampleState | OidcState

let services: Services | null = null
const listeners = new Set<() => void>()
/** Whether the server has the services. A request to another one would log an error in the console of the browser. */
const hasServices = document.querySelector('meta[name="latchkey-example"]') !== null
let isRead = !hasServices

/** The simulated services of the example; null on other servers. */
export const useServices = (): Services | null => useSyncExternalStore(listen, () => services)

/** Runs an action of the example. @throws Error if the server is not the example, or does not respond */
export const press = (action: string): Promise<Services> => call('POST', action)

/** Reads the services again: another window may have changed them. @throws Error as `press` */
export const readServices = (): Promise<Services> => call('GET', 'state')

const readAgain = (): void => void (services === null ? null : readServices().catch(() => {}))

function listen(listener: () => void): () => void {
  if (listeners.size === 0) addEventListener('focus', readAgain)
  listeners.add(listener)
  if (!isRead) readServices().catch(() => {})
  isRead = true
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) removeEventListener('focus', readAgain)
  }
}

async function call(method: 'GET' | 'POST', action: string): Promise<Services> {
  const response = await fetch(`${serverUrl()}/example/${action}`, {
    method,
    headers: { authorization: `Bearer ${token()}` },
  })
  if (!response.ok) throw new Error(`The example answered ${response.status}.`)
  services = await response.json()
  for (const listener of [...listeners]) listener()
  return services as Services
}
