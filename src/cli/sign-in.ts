import { setTimeout as delay } from 'node:timers/promises'
import type { DeviceView, ExternalView, View } from '../view.ts'
import type { Terminal } from './command.ts'
import { CancelledError } from './errors.ts'
import { openBrowser } from './open-browser.ts'
import { BY, type Host, orCancelled } from './open-host.ts'
import { peer } from './peer.ts'
import type { Screen } from './screen.ts'

/** A step that waits for a sign-in at the service. */
export type SignInView = ExternalView | DeviceView

/** Whether a flow waits for a sign-in at the service. */
export const isSignIn = (view: View): view is SignInView =>
  view.type === 'external' || (view.type === 'progress' && 'mayGoBack' in view)

/** The environment of a sign-in. */
export interface SignInEnvironment {
  readonly host: Host
  readonly terminal: Terminal
  readonly screen: Screen
  /** Whether to open the browser. */
  readonly opensBrowser: boolean
}

/**
 * Guides the user through a sign-in until the flow shows another step.
 *
 * @throws CancelledError, ServeNeededError, PeerMissingError
 */
export async function signIn(environment: SignInEnvironment, view: SignInView): Promise<View> {
  if (
    Object.keys(view.errors).length > 0 &&
    (await environment.screen.confirm('Try again?', true)) !== true
  ) {
    throw new CancelledError()
  }
  return view.type === 'external' ? signInWithBrowser(environment, view) : signInWithCode(environment, view)
}

/** Signs in with a browser on this machine, which returns to a temporary server (RFC 8252). */
async function signInWithBrowser(
  { host, terminal, screen, opensBrowser }: SignInEnvironment,
  view: ExternalView,
): Promise<View> {
  const { SignInServer } = await peer(() => import('./sign-in-server.ts'))
  const server = await SignInServer.open(host, view)
  try {
    screen.info(`Open this link in a browser on this machine:\n${server.link}`)
    const removeFile = opensBrowser ? await openBrowser(server.link) : null
    try {
      return await screen.withStatus(
        () => 'Waiting for the sign-in …',
        () => orCancelled(server.returned(), terminal.signal),
      )
    } finally {
      await removeFile?.()
    }
  } finally {
    await server.close()
  }
}

/** Shows the code, and polls at the interval of the service. */
async function signInWithCode(
  { host, terminal, screen }: SignInEnvironment,
  first: DeviceView,
): Promise<View> {
  const { signal } = terminal
  let view: View = first
  let shown: string | undefined
  const status = () => (view.type === 'progress' && isSignIn(view) ? countdown(view) : 'One moment …')
  return screen.withStatus(status, async () => {
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
    verificationUriComplete === undefined
      ? ''
      : `\nOr open this link, which contains the code: ${verificationUriComplete}`
  screen.info(`Open ${verificationUri} on any device and enter the code ${userCode}.${shortcut}`)
}

function countdown({ expiresAt }: DeviceView): string {
  const seconds = Math.max(0, Math.round(((expiresAt ?? 0) - Date.now()) / 1000))
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return `Waiting for the code to be entered. It expires in ${time}.`
}
