import { setTimeout as delay } from 'node:timers/promises'
import type { DeviceView, ExternalView, View } from '../view.ts'
import type { Terminal } from './command.ts'
import { CancelledError } from './errors.ts'
import { openBrowser } from './open-browser.ts'
import { BY, type Host, orCancelled } from './open-host.ts'
import { peer } from './peer.ts'
import type { Screen } from './screen.ts'

/** A step that a person does at the service. */
export type SignInView = ExternalView | DeviceView

/** Whether a flow waits for a sign-in at the service. */
export const isSignIn = (view: View): view is SignInView =>
  view.type === 'external' || (view.type === 'progress' && 'mayGoBack' in view)

/** Where somebody signs in, beside a browser. */
export interface SignInPlace {
  readonly host: Host
  readonly terminal: Terminal
  readonly screen: Screen
  /** Whether the browser is opened for them. */
  readonly opens: boolean
}

/**
 * Leads somebody through a sign-in, until the flow shows something else.
 *
 * @throws CancelledError, ServeNeededError, PeerMissingError
 */
export async function signIn(place: SignInPlace, view: SignInView): Promise<View> {
  if (Object.keys(view.errors).length > 0 && (await place.screen.confirm('Try again?', true)) !== true) {
    throw new CancelledError()
  }
  return view.type === 'external' ? inBrowser(place, view) : byCode(place, view)
}

/** A browser on this machine goes there and comes back, to a server that runs as long as it is waited for (RFC 8252). */
async function inBrowser({ host, terminal, screen, opens }: SignInPlace, view: ExternalView): Promise<View> {
  const { SignInServer } = await peer(() => import('./sign-in-server.ts'))
  const server = await SignInServer.open(host, view)
  try {
    screen.info(`Sign in with a browser on this machine:\n${server.link}`)
    const forget = opens ? await openBrowser(server.link) : null
    try {
      return await screen.waiting(
        () => 'Waiting for the sign-in …',
        () => orCancelled(server.returned(), terminal.signal),
      )
    } finally {
      await forget?.()
    }
  } finally {
    await server.close()
  }
}

/** Shows the code, and asks as often as the service allows whether it was entered. */
async function byCode({ host, terminal, screen }: SignInPlace, first: DeviceView): Promise<View> {
  const { signal } = terminal
  let view: View = first
  let shown: string | undefined
  const status = () => (view.type === 'progress' && isSignIn(view) ? countdown(view) : 'One moment …')
  return screen.waiting(status, async () => {
    for (;;) {
      view = await orCancelled(host.scoped.flows.poll(first.flowId, BY), signal)
      if (!isSignIn(view) || view.type !== 'progress' || Object.keys(view.errors).length > 0) return view
      if (view.userCode !== shown) showCode(screen, view)
      shown = view.userCode
      await delay(view.interval, undefined, { signal }).catch(() => {
        throw new CancelledError()
      })
    }
  })
}

function showCode(screen: Screen, view: DeviceView): void {
  const { userCode = '', verificationUri = '', verificationUriComplete } = view
  const shortcut =
    verificationUriComplete === undefined ? '' : `\nWith the code in it: ${verificationUriComplete}`
  screen.info(`Open ${verificationUri} on any device, and enter the code ${userCode}.${shortcut}`)
}

function countdown({ expiresAt }: DeviceView): string {
  const seconds = Math.max(0, Math.round(((expiresAt ?? 0) - Date.now()) / 1000))
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return `Waiting until the code is entered. It ends in ${time}.`
}
