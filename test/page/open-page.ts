import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { type Hub, startHub } from '../../examples/home-hub/hub.ts'

/** Starts the Chromium from npm, or the installed Chrome if the package does not support the machine. */
export async function startBrowser(): Promise<Browser> {
  const quiet = [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ]
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return chromium.launch({ channel: 'chrome', args: quiet })
  // The package unpacks itself into the temporary folder, where another version may have left its files.
  const before = process.env.TMPDIR
  process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'latchkey-chromium-'))
  try {
    const { default: packed } = await import('@sparticuz/chromium')
    const executablePath = await packed.executablePath()
    return await chromium.launch({ executablePath, args: ['--no-sandbox', '--headless=new', ...quiet] })
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
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
    return new Home(await startHub({ database: join(folder, 'home.db'), port: 0 }), folder)
  }

  async services(page: Page): Promise<Services> {
    return page.evaluate(async () => {
      const authorization = `Bearer ${sessionStorage.getItem('latchkey-token')}`
      const response = await fetch('/example/state', { headers: { authorization } })
      return (await response.json()) as Services
    })
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
    await page
      .getByRole('complementary', { name: 'Simulated services' })
      .getByRole('button', { name: 'Revoke the token' })
      .click()
    await page.getByRole('region', { name: '1 connection needs attention' }).waitFor()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
