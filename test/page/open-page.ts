import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'
import { type Hub, startHub } from '../../examples/home-hub/hub.ts'
import { atKeptPort, keepPort } from './kept-port.ts'

/** Starts the Chromium from npm, or the installed Chrome if the package does not support the machine. */
export async function startBrowser(): Promise<Browser> {
  const args = [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ]
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return chromium.launch({ channel: 'chrome', args })
  return chromium.launch({
    executablePath: unpacked(),
    args: ['--no-sandbox', '--headless=new', ...args],
    // Without it, Chromium creates a file on the disk for each picture that it draws.
    ignoreDefaultArgs: hasMemory() ? ['--disable-dev-shm-usage'] : [],
  })
}

/** Whether the file system in memory has the space that Chromium needs. Some containers have almost none. */
function hasMemory(): boolean {
  const { bavail, bsize } = statfsSync('/dev/shm')
  return bavail * bsize > 2 ** 30
}

const modules = join(import.meta.dirname, '../../node_modules')

/** Returns the Chromium of the package, unpacked once for all test files. */
function unpacked(): string {
  const { version } = JSON.parse(readFileSync(join(modules, '@sparticuz/chromium/package.json'), 'utf8'))
  const folder = join(modules, '.cache', `chromium-${version}`)
  if (!existsSync(folder)) {
    mkdirSync(join(modules, '.cache'), { recursive: true })
    const own = mkdtempSync(`${folder}-`)
    const child = join(import.meta.dirname, 'unpack-child.ts')
    execFileSync(process.execPath, [child], { env: { ...process.env, TMPDIR: own } })
    try {
      renameSync(own, folder)
    } catch {
      // Another test file has unpacked it since.
      rmSync(own, { recursive: true })
    }
  }
  return join(folder, 'chromium')
}

/** The timeout of each action and wait of a page, in milliseconds. The machine may be busy. */
const PATIENCE = 120_000

/** Opens a browser context, in which nothing moves. */
export async function openContext(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
  context.setDefaultTimeout(PATIENCE)
  return context
}

/** Waits until the page has loaded the last of its chunks, and has nothing to do. */
export async function idle(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    performance.getEntriesByType('resource').some(({ name }) => name.includes('webhooks-item')),
  )
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)))
}

/** Waits until the dialog has closed after a success, and the page confirms it. */
export async function done(page: Page, text: string | RegExp): Promise<void> {
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('status').getByText(text).first().waitFor()
}

/** The current addresses and credentials of the example's services. */
export interface Services {
  readonly mqtt: {
    readonly address: string
    readonly accounts: readonly { readonly username: string; readonly password: string }[]
  }
  readonly device: { readonly host: string; readonly token: string; readonly neighborsToken: string }
  readonly attic: { readonly host: string; readonly token: string }
}

/** The interval at which the hub polls its devices, in milliseconds. */
const POLL_EVERY = 200

/** The home hub as `npm start` serves it, with the first actions of a user. */
export class Home implements AsyncDisposable {
  readonly hub: Hub
  readonly #folder: string

  private constructor(hub: Hub, folder: string) {
    this.hub = hub
    this.#folder = folder
  }

  static async open(): Promise<Home> {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-home-'))
    const database = join(folder, 'home.db')
    const hub = await atKeptPort((port) => startHub({ database, port, pollEvery: POLL_EVERY }))
    return new Home(hub, folder)
  }

  services(page: Page): Promise<Services> {
    return this.#play(page, 'GET', 'state')
  }

  /** Reads the state of the services, or presses one of their buttons. */
  #play(page: Page, method: 'GET' | 'POST', action: string): Promise<Services> {
    return page.evaluate(
      async ([verb, path]) => {
        const authorization = `Bearer ${sessionStorage.getItem('latchkey-token')}`
        const response = await fetch(path, { method: verb, headers: { authorization } })
        return (await response.json()) as Services
      },
      [method, `/example/${action}`] as const,
    )
  }

  /** Adds the device on the page. */
  async linkDevice(page: Page): Promise<void> {
    const { device } = await this.services(page)
    await page.getByRole('button', { name: 'Add connection' }).click()
    await page.getByRole('dialog').getByRole('option', { name: 'My Hub' }).click()
    await page.locator('#latchkey_host').fill(device.host)
    await page.locator('#latchkey_apiToken').fill(device.token)
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await done(page, 'is connected.')
  }

  /** Revokes the device's token, and waits until the page reports it. */
  async breakDevice(page: Page): Promise<void> {
    await this.#play(page, 'POST', 'device-revoke')
    await page.getByRole('region', { name: '1 connection needs attention' }).waitFor()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub.stop()
    keepPort(Number(new URL(this.hub.url).port))
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
