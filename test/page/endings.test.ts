import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { pageFiles } from '../../src/adapters/node/page-files.ts'
import { latchkeyHandler } from '../../src/http/index.ts'
import { createLatchkey, type Latchkey, memoryStore, type Store } from '../../src/index.ts'
import { ScriptedService, SimulatedClock } from '../../src/testing/index.ts'
import { openKept } from './kept-page.ts'
import { listen } from './kept-port.ts'
import { done, idle, startBrowser } from './open-page.ts'
import { violations } from './violations.ts'

let browser: Browser

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

/** The page with a scripted service and a simulated clock. */
class Shown implements AsyncDisposable {
  readonly service: ScriptedService
  readonly clock: SimulatedClock
  readonly store: Store
  readonly latchkey: Latchkey
  readonly page: Page
  readonly #stop: () => Promise<void>

  private constructor(
    made: Omit<Shown, 'link' | 'repair' | 'fill' | typeof Symbol.asyncDispose>,
    stop: () => Promise<void>,
  ) {
    this.service = made.service
    this.clock = made.clock
    this.store = made.store
    this.latchkey = made.latchkey
    this.page = made.page
    this.#stop = stop
  }

  static async open(): Promise<Shown> {
    const service = new ScriptedService()
    service.accounts.set('good', 'account-1').set('other', 'account-2')
    const store = memoryStore()
    const clock = new SimulatedClock()
    const latchkey = await createLatchkey({ integrations: [service.integration], store, clock })
    await latchkey.start()
    const handler = latchkeyHandler(latchkey, { page: pageFiles() })
    const server = createServer(getRequestListener(handler))
    const port = await listen(server)
    const { page, close } = await openKept(browser)
    await page.goto(`http://127.0.0.1:${port}/#token=${handler.startToken}`)
    await page.getByRole('heading', { name: 'Connections' }).waitFor()
    return new Shown({ service, clock, store, latchkey, page }, async () => {
      await close()
      handler.close()
      await closed(server)
      await latchkey.stop()
    })
  }

  /** Adds an entry without the page. */
  async link(): Promise<string> {
    const { flowId, revision } = await this.latchkey.flows.start({ domain: 'scripted', source: 'user' })
    const view = await this.latchkey.flows.submit(flowId, { host: 'hub', token: 'good' }, { revision })
    await this.page.getByRole('button', { name: /^Actions for/ }).waitFor()
    return view.entryId ?? ''
  }

  /** Requests a reauthentication and opens its form. */
  async repair(): Promise<string> {
    const entryId = await this.link()
    await this.latchkey.entries.requestReauth(entryId)
    await this.page
      .getByRole('button', { name: /^Reconnect/ })
      .first()
      .click()
    await this.page.locator('#latchkey_token').waitFor()
    return entryId
  }

  async fill(values: Readonly<Record<string, string>>): Promise<void> {
    for (const [field, value] of Object.entries(values))
      await this.page.locator(`#latchkey_${field}`).fill(value)
    await this.page
      .getByRole('dialog')
      .getByRole('button', { name: /^(Add|Next|Reconnect|Save)$/ })
      .click()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
  }
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

const add = async ({ page }: Shown) => {
  await page.getByRole('button', { name: 'Add connection' }).click()
  await page.getByRole('dialog').getByRole('option', { name: 'Scripted' }).click()
  await page.locator('#latchkey_host').waitFor()
}

const reconfigure = async ({ page }: Shown) => {
  await page.getByRole('button', { name: /^Actions for/ }).click()
  await page.getByRole('menuitem', { name: /^Edit settings/ }).click()
  await page.locator('#latchkey_host').waitFor()
}

/** Adds an account up to the question for a code. */
const challenged = async (shown: Shown) => {
  await add(shown)
  shown.service.script({ challenge: 'otp' }, { connect: 'account-1', title: 'Ada' })
  await shown.fill({ host: 'hub', token: 'good' })
  await shown.page.locator('#latchkey_code').waitFor()
}

const theFlow = async ({ latchkey }: Shown) => (await latchkey.flows.list()).items[0]?.flowId ?? ''

/** The results that stay in the dialog: a name, the text on the page, and the actions that lead to it. */
const endings: readonly [string, string | RegExp, (shown: Shown) => Promise<void>][] = [
  [
    'already_configured',
    'is already connected.',
    async (shown) => {
      await shown.link()
      await add(shown)
      await shown.fill({ host: 'hub', token: 'good' })
    },
  ],
  [
    'wrong_account, after all errors that a form can show',
    'This connection belongs to',
    async (shown) => {
      await shown.repair()
      for (const [answer, text] of [
        ['cannot_connect', 'Can’t reach'],
        ['invalid_auth', 'Scripted rejected this'],
        [{ throws: new Error('oh') }, 'Something went wrong.'],
      ] as const) {
        shown.service.script(answer)
        await shown.fill({ token: 'good' })
        await shown.page.getByRole('dialog').getByText(text).first().waitFor()
      }
      await shown.fill({ token: 'other' })
    },
  ],
  [
    'entry_removed',
    'Scripted was removed.',
    async (shown) => shown.latchkey.entries.remove(await shown.repair()),
  ],
  [
    'entry_disabled',
    'Scripted is disabled. Enable it first.',
    async (shown) => void (await shown.latchkey.entries.disable(await shown.repair())),
  ],
  [
    'entry_changed, by another process',
    'Scripted was changed by someone else. Open it again.',
    async (shown) => {
      const entryId = await shown.repair()
      const entry = await shown.store.getEntry('default', entryId)
      if (entry === undefined) throw new Error('The entry does not exist.')
      const record = {
        ...entry,
        revision: entry.revision + 1,
        credentialRevision: entry.credentialRevision + 1,
      }
      await shown.store.apply('default', [{ put: 'entry', record, ifRevision: entry.revision }])
      await shown.fill({ token: 'good' })
    },
  ],
  [
    'cancelled, by another user',
    'Nothing was changed.',
    async (shown) => {
      await shown.repair()
      await shown.latchkey.flows.cancel(await theFlow(shown))
    },
  ],
  [
    'already_in_progress, if a reconfiguration takes over',
    'This was continued in another window.',
    async (shown) => {
      const entryId = await shown.repair()
      await shown.latchkey.flows.start({ source: 'reconfigure', entryId })
    },
  ],
  [
    'flow_expired',
    'This form has expired. Start again.',
    async (shown) => {
      await add(shown)
      shown.clock.increment(31 * 60_000)
    },
  ],
]

/** The successes: a name, the text on the page, and the actions that lead to it. */
const successes: typeof endings = [
  [
    'create_entry, after a slow check, a challenge and a step back',
    'is connected.',
    async (shown) => {
      await add(shown)
      shown.service.script({ held: { challenge: 'otp' } })
      await shown.fill({ host: 'hub', token: 'good' })
      await shown.page.getByRole('list').getByText('Checking Scripted…').waitFor()
      shown.service.release()
      await shown.page.locator('#latchkey_code').waitFor()
      await shown.page.getByRole('button', { name: 'Back' }).click()
      await shown.page.locator('#latchkey_host').waitFor()
      shown.service.script({ challenge: 'otp' }, { connect: 'account-1', title: 'Ada' })
      await shown.fill({ token: 'good' })
      await shown.page.locator('#latchkey_code').waitFor()
      await shown.fill({ code: '123456' })
    },
  ],
  [
    'reauth_successful',
    'Scripted is connected again.',
    async (shown) => {
      await shown.repair()
      await shown.fill({ token: 'good' })
    },
  ],
  [
    'reconfigure_successful',
    'Changes saved.',
    async (shown) => {
      await shown.link()
      await reconfigure(shown)
      await shown.fill({ host: 'hub-2', token: 'good' })
    },
  ],
  [
    'replace_successful, after the confirmation',
    'Switched to the other account.',
    async (shown) => {
      await shown.link()
      await shown.page.getByRole('button', { name: /^Actions for/ }).click()
      await shown.page.getByRole('menuitem', { name: 'Switch account' }).click()
      await shown.page.locator('#latchkey_host').waitFor()
      shown.service.script({ connect: 'account-2', title: 'Bert' })
      await shown.fill({ token: 'other' })
      await shown.page.getByText('its name becomes Bert').waitFor()
      await shown.page.getByRole('button', { name: 'Switch to Bert' }).click()
    },
  ],
]

describe('the page shows the result', () => {
  it.each(endings)('%s', async (_, text, play) => {
    await using shown = await Shown.open()
    await play(shown)
    const dialog = shown.page.getByRole('dialog')
    await dialog.getByText(text).first().waitFor()
    expect(await dialog.locator('input').count()).toBe(0)
    expect(await violations(shown.page)).toEqual([])
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await dialog.waitFor({ state: 'detached' })
  })

  it.each(successes)('%s, which closes the dialog', async (_, text, play) => {
    await using shown = await Shown.open()
    await play(shown)
    await done(shown.page, text)
  })
})

describe('a flow in the page', () => {
  it('keeps the focus in its dialog while it works, and is cancelled if the user closes a setup', async () => {
    await using shown = await Shown.open()
    const { page, service, latchkey } = shown
    await add(shown)
    service.script({ held: { connect: 'account-1', title: 'Ada' } })
    await shown.fill({ host: 'hub', token: 'good' })
    await page.getByRole('list').getByText('Checking Scripted…').waitFor()
    expect(await page.getByRole('dialog').evaluate((dialog) => dialog.contains(document.activeElement))).toBe(
      true,
    )
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    service.release()
    await page.getByText('Connect your first account or device').waitFor()
    expect((await latchkey.flows.list()).items).toEqual([])
    expect((await latchkey.entries.list()).items).toEqual([])
  })

  it('opens again after a reload and with the back and forward buttons', async () => {
    await using shown = await Shown.open()
    const { page } = shown
    await challenged(shown)
    await page.reload()
    await page.locator('#latchkey_code').waitFor()
    await page.goBack()
    await page.getByRole('combobox').waitFor()
    await page.goBack()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await page.getByRole('heading', { name: 'Connections' }).count()).toBe(1)
    // The list leads back to it, and so does the forward button.
    const unfinished = page.getByRole('region', { name: 'Not finished yet' })
    expect(await violations(page)).toEqual([])
    await unfinished.getByRole('button', { name: 'Continue: Add Scripted' }).click()
    await page.locator('#latchkey_code').waitFor()
    await page.goBack()
    await unfinished.waitFor()
    await page.goForward()
    await page.locator('#latchkey_code').waitFor()
    await shown.fill({ code: '123456' })
    await done(page, 'is connected.')
    expect(page.url()).not.toContain('#')
  })

  it('can be continued in another tab if its tab was closed, and is not cancelled by one that only looks', async () => {
    await using shown = await Shown.open()
    const { page } = shown
    await challenged(shown)
    const token = await page.evaluate(() => sessionStorage.getItem('latchkey-token'))
    const openTab = async () => {
      const tab = await page.context().newPage()
      await tab.goto(`${new URL(page.url()).origin}/#token=${token}`)
      await tab.getByText('Connect your first account or device').waitFor()
      return { tab, unfinished: tab.getByRole('region', { name: 'Not finished yet' }) }
    }
    // The user works on it in the first tab.
    const second = await openTab()
    await idle(second.tab)
    expect(await second.unfinished.count()).toBe(0)
    // The first tab leaves for a service. The second one only looks.
    await page.goto('about:blank')
    await second.tab.reload()
    await second.unfinished.getByRole('button', { name: 'Continue: Add Scripted' }).click()
    await second.tab.locator('#latchkey_code').waitFor()
    await second.tab.keyboard.press('Escape')
    await second.unfinished.waitFor()
    await page.goBack()
    await page.locator('#latchkey_code').waitFor()
    await page.close({ runBeforeUnload: true })
    const { tab, unfinished } = await openTab()
    await unfinished.getByRole('button', { name: 'Continue: Add Scripted' }).click()
    await tab.locator('#latchkey_code').fill('123456')
    await tab.keyboard.press('Enter')
    await done(tab, 'is connected.')
  })

  it('continues if the storage of the browser is full', async () => {
    await using shown = await Shown.open()
    await shown.page.evaluate(() => {
      localStorage.clear()
      for (let size = 5_000_000; size >= 1; size = Math.floor(size / 2))
        for (let nth = 0; nth < 2; nth++)
          try {
            localStorage.setItem(`full-${size}-${nth}`, 'x'.repeat(size))
          } catch {
            // A smaller text may still fit.
          }
    })
    await add(shown)
    shown.service.script({ connect: 'account-1', title: 'Ada' })
    await shown.fill({ host: 'hub', token: 'good' })
    await done(shown.page, 'is connected.')
  })

  it('shows why an entry is retrying', async () => {
    await using shown = await Shown.open()
    const entryId = await shown.link()
    shown.service.script('cannot_connect')
    await shown.latchkey.entries.reload(entryId)
    await shown.page.getByText('Retrying').waitFor()
    await shown.page.locator('[data-entry] a').click()
    await shown.page.getByText('Can’t reach').waitFor()
  })
})
