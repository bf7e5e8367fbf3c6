import { Hono } from 'hono'
import { pageFiles } from '../../src/adapters/node/page-files.ts'
import { latchkeyHandler } from '../../src/http/index.ts'
import { createLatchkey, type Latchkey, memoryStore } from '../../src/index.ts'
import { examplePage } from '../example-page.ts'
import { listen } from '../listen.ts'
import { oidcControls } from '../oidc/oidc-controls.ts'
import { github, gitlab, microsoft, shopify, slack, xero } from './documented.ts'
import { type FakeServer, startFakes } from './fake-server.ts'
import { fakeIntegrations } from './integrations.ts'

/** The running example: fakes of known services, and a host that links their accounts. */
export interface ProvidersHub {
  /** URL of the page, with its token in the fragment. */
  readonly url: string
  readonly latchkey: Latchkey
  readonly fakes: FakeServer
  stop(): Promise<void>
}

/** Interval at which the API of each account is called in milliseconds. A revocation is noticed after that time. */
const CALL_EVERY = 2_000

const services = [
  { title: 'GitHub', documented: github },
  { title: 'Slack', documented: slack },
  { title: 'Shopify', documented: shopify },
  { title: 'Xero', documented: xero },
  { title: 'Microsoft', documented: microsoft },
  { title: 'GitLab', documented: gitlab },
]

/** Starts the fakes and the host on this machine. Both store everything in memory. */
export async function startProvidersHub({ port }: { readonly port: number }): Promise<ProvidersHub> {
  const stops: (() => unknown)[] = []
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each()
  }
  try {
    const fakes = await startFakes(services)
    stops.push(() => fakes.stop())
    const integrations = fakeIntegrations(fakes)
    const latchkey = await createLatchkey({ integrations, store: memoryStore() })
    stops.push(() => latchkey.stop())
    const handler = latchkeyHandler(latchkey, { page: examplePage(pageFiles()) })
    stops.push(() => handler.close())
    const token = handler.startToken ?? ''
    const app = new Hono()
    app.route('/example', oidcControls(fakes, token))
    app.all('*', (context) => handler(context.req.raw))
    const listening = await listen(app, port)
    stops.push(() => listening.close())
    handler.listening(listening.port)
    await latchkey.start()
    const timer = setInterval(() => void callAll(latchkey, integrations), CALL_EVERY)
    stops.push(() => clearInterval(timer))
    return { url: `http://127.0.0.1:${listening.port}/#token=${token}`, latchkey, fakes, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Calls the API of each account. The entry's state shows a failure. */
async function callAll(latchkey: Latchkey, integrations: ReturnType<typeof fakeIntegrations>): Promise<void> {
  const { items } = await latchkey.entries.list()
  for (const { entryId, domain } of items.filter(({ state }) => state === 'loaded')) {
    const integration = integrations.find((each) => each.domain === domain)
    if (integration === undefined) continue
    await latchkey.entries.use(integration, entryId, (client) => client.call()).catch(() => {})
  }
}
