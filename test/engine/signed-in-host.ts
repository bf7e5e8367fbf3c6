import { accountIntegration } from '../../examples/oidc/account.ts'
import type { ExampleProvider } from '../../examples/oidc/provider.ts'
import { joseCipher } from '../../src/adapters/jose-cipher.ts'
import type { AnyIntegration } from '../../src/authoring/integration.ts'
import type { ExternalView, View } from '../../src/view.ts'
import { SignInBrowser } from '../oauth/sign-in-browser.ts'
import { type Host, type HostOptions, makeHost } from './host.ts'

export const REDIRECT = 'http://127.0.0.1:4711/oauth/callback/account'
const isBack = (url: URL): boolean => url.href.startsWith(REDIRECT)

/** A host with an account at a real OpenID provider, by both methods. */
export async function signedInHost(provider: ExampleProvider, options: HostOptions = {}): Promise<Host> {
  const integrations: AnyIntegration[] = [
    accountIntegration(provider.issuer),
    accountIntegration(provider.issuer, 'other_account'),
  ]
  const cipher = joseCipher([new Uint8Array(32).fill(7)])
  return makeHost({ integrations, cipher, ...options })
}

export function asExternal(view: View): ExternalView {
  if (view.type !== 'external') throw new Error(`A sign-in was expected, not ${JSON.stringify(view)}.`)
  return view
}

/** A sign-in that has begun: the browser, and where the service sent it back to. */
export interface Begun {
  readonly flowId: string
  readonly browser: string
  readonly back: URL
}

/** Starts a sign-in and signs in at the provider. `''` declines. */
export async function signIn({ latchkey }: Host, view: View, user: string): Promise<Begun> {
  const { flowId, revision } = asExternal(view)
  const { browser } = await latchkey.flows.authorize(flowId, { revision, redirectUri: REDIRECT })
  const address = await latchkey.signIns.redirect(flowId, browser ?? '')
  const { url } = await new SignInBrowser().signIn(address ?? '', user, isBack)
  return { flowId, browser: browser ?? '', back: url }
}

/** The browser comes back to the host. */
export const comeBack = ({ latchkey }: Host, { flowId, browser, back }: Begun) =>
  latchkey.signIns.finish({
    domain: 'account',
    query: back.searchParams,
    browserOf: (of) => (of === flowId ? browser : null),
  })

/** Opens a flow for a new entry, by one of the methods. */
export async function startBy({ latchkey }: Host, way: 'browser' | 'device'): Promise<View> {
  const { flowId, revision } = await latchkey.flows.start({ domain: 'account', source: 'user' })
  return latchkey.flows.choose(flowId, way, { revision })
}

/** Links an account. */
export async function linkAccount(host: Host, user: string): Promise<string> {
  const view = await startBy(host, 'browser')
  const returned = await comeBack(host, await signIn(host, view, user))
  if (returned.type !== 'moved') throw new Error(returned.code)
  return returned.view.entryId ?? ''
}
