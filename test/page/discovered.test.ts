import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { openKept } from './kept-page.ts'
import { done, Home, startBrowser } from './open-page.ts'
import { violations } from './violations.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

/** Opens the page of the example in a new browser context. */
async function open(
  use: (page: Page, home: Home) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  await using home = await Home.open()
  const { page, close } = await openKept(browser, options)
  try {
    await page.goto(home.hub.url)
    await page.getByRole('heading', { name: /^Simulated services|^Simulierte Dienste/ }).waitFor()
    await use(page, home)
  } finally {
    await close()
  }
}

/** Opens the simulated services, which are folded on a phone. */
const unfold = (page: Page, name: string) =>
  page.getByRole('complementary', { name }).locator('summary').click()
const card = (page: Page) => page.getByRole('region', { name: 'Discovered' })
const announce = (page: Page) => page.getByRole('button', { name: 'Announce it' }).click()
const move = (page: Page) => page.getByRole('button', { name: 'Move to new address' }).click()
const dialog = (page: Page) => page.getByRole('dialog')
/** Waits until the element with this role and name has the focus. */
const focused = (page: Page, role: 'heading' | 'button', name: string) =>
  page.getByRole(role, { name }).and(page.locator(':focus')).waitFor()

describe('discoveries on the page', () => {
  it('stay open for all users after Back in the picker', () =>
    open(async (page, home) => {
      await announce(page)
      await card(page).getByText('Hub in the attic').waitFor()
      await page.getByRole('button', { name: 'Add connection' }).first().click()
      await dialog(page)
        .getByRole('button', { name: /Hub in the attic/ })
        .first()
        .click()
      await page.locator('#latchkey_apiToken').and(page.locator(':focus')).waitFor()
      await dialog(page).getByRole('button', { name: 'Back' }).click()
      await dialog(page).getByRole('combobox').waitFor()
      await page.keyboard.press('Escape')
      await card(page).getByText('Hub in the attic').waitFor()
      expect((await home.hub.latchkey.flows.list()).items).toMatchObject([{ source: 'discovery' }])
    }))

  it('show a device with its address, wait for the user, and add it after a confirmation', () =>
    open(async (page, home) => {
      await announce(page)
      const { attic } = await home.services(page)
      await card(page).getByText('Hub in the attic').waitFor()
      await card(page).getByText(`My Hub · ${attic.host}`).waitFor()
      const add = card(page).getByRole('button', { name: 'Add Hub in the attic' })
      await add.click()
      await dialog(page).getByText(`Found at ${attic.host}.`).waitFor()
      await dialog(page).getByRole('button', { name: 'Cancel' }).click()
      await dialog(page).waitFor({ state: 'detached' })
      await add.click()
      await page.locator('#latchkey_apiToken').and(page.locator(':focus')).waitFor()
      expect(await page.locator('#latchkey_host').inputValue()).toBe(attic.host)
      await page.keyboard.type(attic.token)
      await page.keyboard.press('Enter')
      await done(page, 'Hub in the attic is connected.')
      await card(page).waitFor({ state: 'detached' })
      expect(await page.locator('[data-entry]').count()).toBe(1)
      expect((await home.hub.latchkey.entries.list()).items).toMatchObject([{ title: 'Hub in the attic' }])
    }))

  it('are ignored and shown again by keyboard only', () =>
    open(async (page, home) => {
      await announce(page)
      await card(page).getByRole('button', { name: 'Ignore Hub in the attic' }).focus()
      await page.keyboard.press('Enter')
      await page.getByRole('status').getByText('Hub in the attic is ignored').waitFor()
      await focused(page, 'heading', 'Discovered')
      expect((await home.hub.latchkey.flows.list()).items).toEqual([])
      // An ignored entry is not in the list.
      expect(await page.locator('[data-entry]').count()).toBe(0)
      await page.reload()
      await card(page).getByText('Ignored (1)').waitFor()
      await announce(page)
      expect((await home.hub.latchkey.flows.list()).items).toEqual([])
      await card(page).getByText('Ignored (1)').focus()
      await page.keyboard.press('Enter')
      await page.keyboard.press('Tab')
      await focused(page, 'button', 'Show Hub in the attic again')
      await page.keyboard.press('Enter')
      await card(page).getByText('will show up when it’s found again.').waitFor()
      // The host receives `rediscover` and reports the device again.
      await card(page).getByRole('button', { name: 'Add Hub in the attic' }).waitFor()
      expect((await home.hub.latchkey.entries.list({ ignored: true })).items).toEqual([])
    }))

  it('change the address of an entry after a confirmation with its secret', () =>
    open(async (page, home) => {
      await home.linkDevice(page)
      const before = (await home.services(page)).device
      await move(page)
      const { device } = await home.services(page)
      expect(device.host).not.toBe(before.host)
      await page.getByText(`${before.host} → ${device.host}`).waitFor()
      const change = page.getByRole('button', { name: 'Review the new address of Living room hub' }).first()
      await change.click()
      await page.locator('#latchkey_apiToken').and(page.locator(':focus')).waitFor()
      expect(await page.locator('#latchkey_host').inputValue()).toBe(device.host)
      await dialog(page).getByRole('button', { name: 'Use new address' }).click()
      await dialog(page).getByText('This field is required.').first().waitFor()
      await page.locator('#latchkey_apiToken').fill(device.token)
      await page.keyboard.press('Enter')
      await done(page, 'Changes saved.')
      await page.getByRole('region', { name: '1 connection needs attention' }).waitFor({ state: 'detached' })
      const { latchkey } = home.hub
      const [entry] = (await latchkey.entries.list()).items
      expect(entry).toMatchObject({ state: 'loaded', title: 'Living room hub' })
      const { entryId = '' } = entry ?? {}
      expect(await latchkey.flows.start({ source: 'reconfigure', entryId })).toMatchObject({
        values: { host: device.host },
      })
    }))

  it('do not change an address that the user rejects', () =>
    open(async (page, home) => {
      await home.linkDevice(page)
      await move(page)
      await page.getByRole('button', { name: 'Keep current address of Living room hub' }).click()
      await page.getByRole('region', { name: '1 connection needs attention' }).waitFor({ state: 'detached' })
      expect(await home.hub.latchkey.attention.list()).toEqual([])
    }))

  it('have no axe violations on a phone, in German', () =>
    open(
      async (page) => {
        const german = page.getByRole('region', { name: 'Gefunden' })
        const found: Record<string, unknown> = {}
        const look = async (view: string) => {
          const width = await page.evaluate(() => document.documentElement.scrollWidth)
          found[view] = [...(await violations(page)), ...(width > 360 ? [`${width} px wide`] : [])]
        }
        await unfold(page, 'Simulierte Dienste')
        await page.getByRole('button', { name: 'Gerät melden' }).click()
        await german.getByRole('button', { name: 'Hub in the attic hinzufügen' }).waitFor()
        await look('found')
        await german.getByRole('button', { name: 'Hub in the attic ignorieren' }).click()
        await german.getByText('Ignoriert (1)').click()
        await german.getByRole('button', { name: 'Hub in the attic wieder anzeigen' }).waitFor()
        await look('ignored')
        await page.getByRole('button', { name: 'Adresse wechseln' }).click()
        await german.getByRole('button', { name: 'Living room hub hinzufügen' }).click()
        await dialog(page)
          .getByText(/^Gefunden unter 127/)
          .waitFor()
        await look('its form')
        expect(found).toEqual({ found: [], ignored: [], 'its form': [] })
      },
      { locale: 'de', viewport: { width: 360, height: 760 } },
    ))

  it('at a new address have no axe violations', () =>
    open(
      async (page, home) => {
        await home.linkDevice(page)
        await unfold(page, 'Simulated services')
        await move(page)
        await page.getByText(/^127\S+ → 127/).waitFor()
        expect(await violations(page)).toEqual([])
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
      },
      { viewport: { width: 360, height: 760 } },
    ))
})
