import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { eventually } from '../examples/eventually.ts'
import { openKept } from './kept-page.ts'
import { Home, startBrowser } from './open-page.ts'
import { violations } from './violations.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

async function open(
  use: (page: Page, home: Home) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  await using home = await Home.open()
  const { page, close } = await openKept(browser, options)
  try {
    await page.goto(home.hub.url)
    await use(page, home)
  } finally {
    await close()
  }
}

const tour = (page: Page) => page.getByRole('region', { name: 'See a reauthentication in 30 seconds' })
const next = (page: Page, name: string) => tour(page).getByRole('button', { name })
const dialog = (page: Page) => page.getByRole('dialog')
const focused = (page: Page, name: string) => next(page, name).and(page.locator(':focus')).waitFor()
const services = (page: Page) => page.getByRole('complementary', { name: 'Simulated services' })

/** Fills in the open form and submits it: two clicks. */
async function fillIn(page: Page): Promise<void> {
  await dialog(page).getByRole('button', { name: 'Fill in for me' }).click()
  await dialog(page)
    .getByRole('button', { name: /^(Add|Save|Reconnect)$/ })
    .click()
  await dialog(page).waitFor({ state: 'detached' })
}

describe('the tour of the example', () => {
  it('shows a reauthentication with seven clicks and no typing, and keeps its place after a reload', () =>
    open(async (page, home) => {
      await next(page, 'Connect the example hub').click()
      await fillIn(page)
      await next(page, 'Revoke the token').click()
      await next(page, 'Reconnect').waitFor()
      // The button of the previous step was removed.
      await focused(page, 'Reconnect')
      await page.reload()
      await next(page, 'Reconnect').click()
      await fillIn(page)
      await tour(page).getByText('That’s it. Try Stop or Move to new address next.').waitFor()
      // The button that opened the dialog was removed.
      await page.waitForFunction(() => document.activeElement !== document.body)
      const [entry] = (await home.hub.latchkey.entries.list()).items
      expect(entry).toMatchObject({ state: 'loaded', reauth: null })
      expect(await violations(page)).toEqual([])
    }))

  it('shows all words of the connection and of its toast, in each language', () =>
    open(async (page, home) => {
      const cut = () =>
        page
          .locator('.lkl-age, .lkl-state > span, .lkl-row .mantine-Button-label, .toast-text + button > span')
          .evaluateAll(
            (all) => all.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).length,
          )
      await next(page, 'Connect the example hub').click()
      await fillIn(page)
      await page.getByText('Checked just now').waitFor()
      await page.getByRole('button', { name: 'View', exact: true }).waitFor()
      expect(await cut()).toBe(0)
      await home.breakDevice(page)
      for (const language of ['de', 'fr']) {
        await page.evaluate((tag) => localStorage.setItem('latchkey-language', tag), language)
        await page.reload()
        await page.locator(`html[lang="${language}"] .lkl-quick`).waitFor()
        expect(await cut()).toBe(0)
      }
    }))

  it('waits at the revoked token until Latchkey notices', () =>
    open(async (page) => {
      await next(page, 'Connect the example hub').click()
      await fillIn(page)
      await services(page).getByRole('button', { name: 'Stop' }).first().click()
      await services(page).getByRole('button', { name: 'Start' }).waitFor()
      await next(page, 'Revoke the token').click()
      await tour(page).getByText('Revoked. Latchkey notices with its next call…').waitFor()
      // The button keeps the focus, and does nothing.
      await focused(page, 'Revoke the token')
      await page.keyboard.press('Enter')
      await services(page).getByRole('button', { name: 'Start' }).click()
      await next(page, 'Reconnect').waitFor()
    }))

  it('checks off steps that the user does by hand', () =>
    open(async (page, home) => {
      await tour(page).waitFor()
      await home.linkDevice(page)
      await next(page, 'Revoke the token').waitFor()
      await home.breakDevice(page)
      await next(page, 'Reconnect').waitFor()
    }))

  it('stays skipped until the user takes it again', () =>
    open(async (page) => {
      await tour(page).getByRole('button', { name: 'Skip the tour' }).click()
      await tour(page).waitFor({ state: 'detached' })
      await page.reload()
      await services(page).waitFor()
      expect(await tour(page).count()).toBe(0)
      await services(page).getByRole('button', { name: 'Take the 30-second tour' }).click()
      await next(page, 'Connect the example hub').waitFor()
    }))
})

describe('the simulated services', () => {
  it('have a button that copies each value', () =>
    open(
      async (page) => {
        const values = services(page).locator('dd')
        await values.first().waitFor()
        const shown = await values.allInnerTexts()
        expect(shown.length).toBeGreaterThan(8)
        for (const [place, value] of shown.entries()) {
          await values
            .nth(place)
            .getByRole('button', { name: /^Copy / })
            .click()
          // The clipboard has the text a moment after the click.
          await eventually(async () =>
            expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(value.trim()),
          )
        }
      },
      { permissions: ['clipboard-read', 'clipboard-write'] },
    ))

  it('are folded on a phone, with targets of 44 pixels', () =>
    open(
      async (page) => {
        const copy = services(page).getByRole('button', { name: 'Copy Address' }).first()
        await services(page).waitFor()
        expect(await copy.isVisible()).toBe(false)
        await services(page).locator('summary').click()
        const box = await copy.boundingBox()
        expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44)
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
        expect(await violations(page)).toEqual([])
      },
      { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
    ))

  it('fill in the form of the service that it is about', () =>
    open(async (page, home) => {
      await services(page).getByRole('button', { name: 'Announce it' }).click()
      await page.getByRole('button', { name: 'Add Hub in the attic' }).click()
      await dialog(page).getByRole('button', { name: 'Fill in for me' }).click()
      const { attic } = await home.services(page)
      await page.waitForFunction(
        (token) => document.querySelector<HTMLInputElement>('#latchkey_apiToken')?.value === token,
        attic.token,
      )
    }))
})
