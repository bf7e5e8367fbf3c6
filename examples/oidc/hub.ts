import { Hono } from 'hono'
import { pageFiles } from '../../src/adapters/node/page-files.ts'
import { latchkeyHandler } from '../../src/http/index.ts'
import { createLatchkey, type Latchkey, memoryStore } from '../../src/index.ts'
import { examplePage } from '../example-page.ts'
import { listen } from '../listen.ts'
import { accountIntegration } from './account.ts'
import { oidcControls } from './oidc-controls.ts'
import { ExampleProvider } from './provider.ts'

/** The running example: an OpenID provider, and a host that links its accounts. */
export interface OidcHub {
  /** URL of the page, with its token in the fragment. */
  readonly url: string
  readonly latchkey: Latchkey
  readonly provider: ExampleProvider
  stop(): Promise<void>
}

/** Interval at which the profile of each account is read in milliseconds. A revocation is noticed after that time. */
const ASK_EVERY = 2_000

/** Starts the provider and the host on this machine. Both store everything in memory. */
export async function startOidcHub({ port }: { readonly port: number }): Promise<OidcHub> {
  const stops: (() => unknown)[] = []
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each()
  }
  try {
    const provider = await ExampleProvider.start()
    stops.push(() => provider.stop())
    const account = accountIntegration(provider.issuer)
    const latchkey = await createLatchkey({ integrations: [account], store: memoryStore() })
    stops.push(() => latchkey.stop())
    const handler = latchkeyHandler(latchkey, { page: examplePage(pageFiles()) })
    stops.push(() => handler.close())
    const token = handler.startToken ?? ''
    const app = new Hono()
    app.route('/example', oidcControls(provider, token))
    app.all('*', (context) => handler(context.req.raw))
    const listening = await listen(app, port)
    stops.push(() => listening.close())
    handler.listening(listening.port)
    await latchkey.start()
    const timer = setInterval(async () => {
      const { items } = await latchkey.entries.list()
      // The entry's state shows the failure.
      for (const { entryId } of items.filter(({ state }) => state === 'loaded')) {
        await latchkey.entries.use(account, entryId, (client) => client.profile()).catch(() => {})
      }
    }, ASK_EVERY)
    stops.push(() => clearInterval(timer))
    return { url: `http://127.0.0.1:${listening.port}/#token=${token}`, latchkey, provider, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
