import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { type ProvidersHub, startProvidersHub } from '../../examples/providers/hub.ts'
import { openKept } from './kept-page.ts'
import { done, startBrowser } from './open-page.ts'

let browser: Browser
let hub: ProvidersHub

beforeAll(async () => {
  browser = await startBrowser()
  hub = await startProvidersHub({ port: 0 })
})
afterAll(async () => {
  await browser.close()
  await hub.stop()
})

async function open() {
  const { page, close } = await openKept(browser)
  await page.goto(hub.url)
  await page.getByRole('heading', { name: 'Simulated services' }).waitFor()
  return { page, close }
}

const dialog = (page: Page) => page.getByRole('dialog')
const add = async (page: Page, service: string) => {
  await page.getByRole('button', { name: 'Add connection' }).click()
  await dialog(page).getByRole('option', { name: service }).click()
}
/** Continues to the fake, and signs in there as a user or cancels. */
const signIn = async (page: Page, choice: string) => {
  await dialog(page)
    .getByRole('button', { name: /^Continue to/ })
    .click()
  // The dialog has a button to cancel, too.
  await page.waitForURL(({ origin }) => origin !== new URL(hub.url).origin)
  await page.getByRole('button', { name: choice }).click()
}
const attention = (page: Page) => page.getByRole('region', { name: '1 connection needs attention' })

/** Revokes the access of Alice at the fake, and waits until the page asks for a new sign-in. */
async function revoke(page: Page, service: string): Promise<void> {
  await page.getByRole('button', { name: `Revoke access of Alice at ${service}` }).click()
  await attention(page).waitFor()
}

async function repair(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: /^Reconnect/ })
    .first()
    .click()
}

/** The user enters the shop before the sign-in. */
async function enterShop(page: Page): Promise<void> {
  await page.locator('#latchkey_shop').fill('alice')
  await dialog(page).getByRole('button', { name: 'Next' }).click()
}

/** The user chooses the organization after the sign-in. */
async function choose(page: Page, organization: string): Promise<void> {
  await dialog(page)
    .getByRole('group', { name: 'Organization' })
    .getByRole('button', { name: organization })
    .click()
}

/** A sign-in with another account is refused. */
async function refuseBob(page: Page, after: (page: Page) => Promise<void> = async () => {}): Promise<void> {
  await repair(page)
  await signIn(page, 'Continue as Bob')
  await after(page)
  await closeRefusal(page)
}

async function closeRefusal(page: Page): Promise<void> {
  await dialog(page).getByRole('alert').getByText('This connection belongs to', { exact: true }).waitFor()
  await dialog(page).getByRole('button', { name: 'Close' }).last().click()
  await dialog(page).waitFor({ state: 'detached' })
}

describe('the page, with fakes of known services', () => {
  it.each(['GitHub', 'Slack', 'Microsoft'])(
    'links an account of %s, notices its revocation, refuses another account and repairs it',
    async (service) => {
      const { page, close } = await open()
      await add(page, service)
      await signIn(page, 'Continue as Alice')
      await done(page, 'is connected.')
      await revoke(page, service)
      await refuseBob(page)
      await repair(page)
      await signIn(page, 'Continue as Alice')
      await done(page, 'is connected again.')
      await attention(page).waitFor({ state: 'detached' })
      await close()
    },
  )

  it('asks for the shop of Shopify once, before the first sign-in', async () => {
    const { page, close } = await open()
    await add(page, 'Shopify')
    await enterShop(page)
    await signIn(page, 'Continue as Alice')
    await done(page, 'is connected.')
    await revoke(page, 'Shopify')
    await refuseBob(page)
    await repair(page)
    await signIn(page, 'Continue as Alice')
    await done(page, 'is connected again.')
    await close()
  })

  it('asks for the organization of Xero after the sign-in, and not in a repair', async () => {
    const { page, close } = await open()
    await add(page, 'Xero')
    await signIn(page, 'Continue as Alice')
    await choose(page, "Alice's farm")
    await done(page, 'is connected.')
    await revoke(page, 'Xero')
    await refuseBob(page, () => choose(page, "Bob's farm"))
    await repair(page)
    await signIn(page, 'Continue as Alice')
    await done(page, 'is connected again.')
    await close()
  })

  it('shows that the user cancelled the sign-in', async () => {
    const { page, close } = await open()
    await add(page, 'GitHub')
    await signIn(page, 'Cancel')
    await dialog(page).getByText('Access was denied at GitHub.').waitFor()
    await close()
  })

  it('links an account of GitLab with a code, refuses another account and repairs it with other codes', async () => {
    const { page, close } = await open()
    const enter = async (user: string) => {
      const code = (await dialog(page).getByTestId('user-code').textContent()) ?? ''
      const address = await dialog(page).getByRole('link', { name: 'Open page' }).getAttribute('href')
      const elsewhere = await (await browser.newContext()).newPage()
      await elsewhere.goto(address ?? '')
      await elsewhere.getByLabel('Code').fill(code)
      await elsewhere.getByRole('button', { name: `Continue as ${user}` }).click()
      await elsewhere.getByText('Continue on your device.').waitFor()
    }
    await add(page, 'GitLab')
    await enter('Alice')
    await done(page, 'is connected.')
    await revoke(page, 'GitLab')
    await repair(page)
    await enter('Bob')
    await closeRefusal(page)
    await repair(page)
    await enter('Alice')
    await done(page, 'is connected again.')
    await close()
  })

  it('stores the account of each service', async () => {
    const { items } = await hub.latchkey.entries.list()
    expect(items.map(({ domain, uniqueId }) => [domain, uniqueId]).sort()).toMatchObject([
      ['github', '1'],
      ['gitlab', '1'],
      ['microsoft', expect.stringContaining('#alice')],
      ['shopify', 'alice.myshopify.com'],
      ['slack', 'T-alice'],
      ['xero', expect.stringContaining('#alice')],
    ])
  })
})
