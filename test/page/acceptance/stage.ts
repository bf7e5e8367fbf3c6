import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { pageFiles } from '../../../src/adapters/node/page-files.ts'
import { latchkeyHandler } from '../../../src/http/index.ts'
import type { Latchkey } from '../../../src/index.ts'
import { openKept, openOwn } from '../kept-page.ts'
import { listen } from '../kept-port.ts'
import { Home, type Services } from '../open-page.ts'

export const DESK = { width: 1280, height: 800 }
export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
}

/** A page in a new browser context. */
export interface Opened extends AsyncDisposable {
  readonly page: Page
  /** Errors of the page and of its console, except for refused requests. */
  readonly complaints: readonly string[]
}

/** Opens an address. A page for `about:blank` is new, and can have what no other test may find: a clock, a script, a time. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const all = { viewport: DESK, locale: 'en-US', ...options }
  const { page, close } = await (url === 'about:blank' ? openOwn : openKept)(browser, all)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d|ERR_/.test(message.text()))
      complaints.push(message.text())
  })
  await page.goto(url)
  return { page, complaints, [Symbol.asyncDispose]: close }
}

/** A page over an engine, for several pages. */
export async function serve(latchkey: Latchkey) {
  const handler = latchkeyHandler(latchkey, { page: pageFiles(), links: { key: new Uint8Array(32).fill(7) } })
  const listener = getRequestListener(handler)
  const calls: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    if (/^\/(events|integrations|entries|flows|attention|page)/.test(path)) calls.push(path)
    void listener(request, response)
  })
  const origin = `http://127.0.0.1:${await listen(server)}`
  return {
    latchkey,
    /** The paths that were requested from the API. */
    calls,
    at: (address = '') => `${origin}/${address}#token=${handler.startToken}`,
    /** Creates a repair link. */
    async link(entryId: string): Promise<string> {
      const headers = { authorization: `Bearer ${handler.startToken}` }
      const answer = await fetch(`${origin}/entries/${entryId}/links`, { method: 'POST', headers })
      return ((await answer.json()) as { readonly url: string }).url
    },
    async [Symbol.asyncDispose]() {
      handler.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await latchkey.stop()
    },
  }
}

/** The example with its services, without connections. */
export class Example implements AsyncDisposable {
  readonly home: Home

  private constructor(home: Home) {
    this.home = home
  }

  static async start(): Promise<Example> {
    return new Example(await Home.open())
  }

  get latchkey(): Latchkey {
    return this.home.hub.latchkey
  }

  /** Presses a button of the simulated services, or reads their state. */
  async play(action: string, method: 'GET' | 'POST' = 'POST'): Promise<Services> {
    return (await this.#call(method, `/example/${action}`)) as Services
  }

  /** Creates a repair link. */
  async link(entryId: string): Promise<string> {
    return ((await this.#call('POST', `/entries/${entryId}/links`)) as { readonly url: string }).url
  }

  async #call(method: string, path: string): Promise<unknown> {
    const { origin, hash } = new URL(this.home.hub.url)
    const headers = { authorization: `Bearer ${hash.replace('#token=', '')}` }
    return (await fetch(`${origin}${path}`, { method, headers })).json()
  }

  services(): Promise<Services> {
    return this.play('state', 'GET')
  }

  /** Removes all connections and starts the services, so that the next test finds the example as new. */
  async clear(): Promise<void> {
    for (const { entryId } of (await this.latchkey.entries.list()).items)
      await this.latchkey.entries.remove(entryId)
    for (const { flowId } of (await this.latchkey.flows.list()).items)
      await this.latchkey.flows.cancel(flowId).catch(() => {})
    await this.play('device-start')
  }

  /** Adds the device without the page, with its own token unless another is given. */
  async addDevice(apiToken?: string): Promise<string> {
    const { device } = await this.services()
    return this.#add('my_hub', { host: device.host, apiToken: apiToken ?? device.token })
  }

  /** Adds an account of the broker without the page. */
  async addMqtt(): Promise<string> {
    const { mqtt } = await this.services()
    const [alice] = mqtt.accounts
    return this.#add('mqtt', {
      address: mqtt.address,
      username: alice?.username ?? '',
      password: alice?.password ?? '',
    })
  }

  async #add(domain: string, values: Readonly<Record<string, string>>): Promise<string> {
    const { flows } = this.latchkey
    const { flowId, revision } = await flows.start({ domain, source: 'user' })
    const end = await flows.submit(flowId, values, { revision })
    if (end.entryId === null) throw new Error(`${domain} was not added.`)
    return end.entryId
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.home[Symbol.asyncDispose]()
  }
}

export const dialogOf = (page: Page): Locator => page.getByRole('dialog')
export const rowsOf = (page: Page): Locator => page.locator('[data-entry]')
export const toastsOf = (page: Page): Locator => page.locator('.mantine-Notifications-notification')
export const panelOf = (page: Page, count = 1): Locator =>
  page.getByRole('region', {
    name: count === 1 ? '1 connection needs attention' : `${count} connections need attention`,
  })

/** Submits the form of the dialog. */
export const submit = (page: Page): Promise<void> => dialogOf(page).locator('button[type=submit]').click()

/** Chooses an action in the menu of the first row. */
export async function act(page: Page, item: string | RegExp): Promise<void> {
  await page
    .getByRole('button', { name: /^Actions for/ })
    .first()
    .click()
  await page.getByRole('menuitem', { name: item, ...(typeof item === 'string' && { exact: true }) }).click()
}

/** Opens the form of the first connection that needs attention. */
export async function repair(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: /^Reconnect/ })
    .first()
    .click()
  await dialogOf(page).locator('input').first().waitFor()
}

/** Returns the time that something takes, in milliseconds. */
export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}
