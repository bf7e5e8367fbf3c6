import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { pageFiles } from '../../src/adapters/node/page-files.ts'
import { type HandlerOptions, latchkeyHandler } from '../../src/http/index.ts'
import { type AnyIntegration, createLatchkey, type Latchkey, memoryStore } from '../../src/index.ts'
import type { Store } from '../../src/ports/store.ts'
import { openKept } from './kept-page.ts'
import { listen } from './kept-port.ts'

/** Opens the page with some integrations in a new browser context, and closes everything afterwards. */
export async function openOver(
  browser: Browser,
  integrations: readonly AnyIntegration[],
  use: (page: Page, latchkey: Latchkey) => Promise<void>,
  options: BrowserContextOptions = {},
  served: HandlerOptions = {},
  store: Store = memoryStore(),
): Promise<void> {
  const latchkey = await createLatchkey({ integrations, store })
  const handler = latchkeyHandler(latchkey, { page: pageFiles(), ...served })
  const server = createServer(getRequestListener(handler))
  const port = await listen(server)
  const { page, close } = await openKept(browser, options)
  try {
    await page.goto(`http://127.0.0.1:${port}/#token=${handler.startToken}`)
    await loaded(page)
    await use(page, latchkey)
  } finally {
    await close()
    handler.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await latchkey.stop()
  }
}

/** Waits until the list is loaded. Before that, the button to add an entry is in another place. */
const loaded = (page: Page): Promise<void> => page.locator('.empty, [data-entry]').first().waitFor()

/** Starts to add an account of an integration. */
export async function addBy(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Add connection' }).click()
  await page.getByRole('dialog').getByRole('option', { name }).click()
}
