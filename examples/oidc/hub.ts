import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { pageFiles } from '../../src/adapters/page-files.ts'
import { latchkeyHandler } from '../../src/http/index.ts'
import { createLatchkey, type Latchkey, memoryStore } from '../../src/index.ts'
import { accountIntegration } from './account.ts'
import { oidcControls } from './oidc-controls.ts'
import { ExampleProvider } from './provider.ts'

/** The example as it runs: an OpenID provider, and a host that links its accounts. */
export interface OidcHub {
  /** Where the page is, with its token in the fragment. */
  readonly url: string
  readonly latchkey: Latchkey
  readonly provider: ExampleProvider
  stop(): Promise<void>
}

/** How often each account is asked for its profile, in milliseconds: what was revoked is noticed by then. */
const ASK_EVERY = 2_000

/** Starts both on this machine. Nothing is kept: the provider forgets what it granted, too. */
export async function startOidcHub({ port = 0 }: { readonly port?: number } = {}): Promise<OidcHub> {
  const provider = await ExampleProvider.start()
  const account = accountIntegration(provider.issuer)
  const latchkey = await createLatchkey({ integrations: [account], store: memoryStore() })
  const handler = latchkeyHandler(latchkey, { page: pageFiles() })
  const token = handler.startToken ?? ''
  const app = new Hono()
  app.route('/example', oidcControls(provider, token))
  app.all('*', (context) => handler(context.req.raw))
  const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }) as Server
  await once(server, 'listening')
  const { port: listened } = server.address() as AddressInfo
  handler.listening(listened)
  await latchkey.start()
  const timer = setInterval(async () => {
    const { items } = await latchkey.entries.list()
    // A failure needs no word here: it shows in the entry's state.
    for (const { entryId } of items.filter(({ state }) => state === 'loaded')) {
      await latchkey.entries.use(account, entryId, (client) => client.profile()).catch(() => {})
    }
  }, ASK_EVERY)
  return {
    url: `http://127.0.0.1:${listened}/#token=${token}`,
    ...{ latchkey, provider },
    async stop() {
      clearInterval(timer)
      handler.close()
      server.closeAllConnections()
      server.close()
      await latchkey.stop()
      await provider.stop()
    },
  }
}
