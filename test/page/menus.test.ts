import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { pagesHub } from '../cli/pages-hub.ts'
import { addBy, openOver } from './open-over.ts'
import { done, startBrowser } from './open-page.ts'
import { violations } from './violations.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

/** Opens the page with an integration that has menus and several pages. */
const open = (use: (page: Page) => Promise<void>): Promise<void> =>
  openOver(browser, [pagesHub], async (page) => {
    await addBy(page, 'Pages')
    await use(page)
  })

describe('menus and pages', () => {
  it('lead by keyboard only from the sign-in methods over two pages and back to a new entry', () =>
    open(async (page) => {
      const dialog = page.getByRole('dialog')
      const focused = (name: string) => dialog.getByRole('button', { name }).and(page.locator(':focus'))
      await focused('User name and password').waitFor()
      expect(await violations(page)).toEqual([])
      await page.keyboard.press('Enter')
      await page.locator('#latchkey_username').and(page.locator(':focus')).waitFor()
      await page.keyboard.type('ada')
      await page.keyboard.press('Tab')
      await page.keyboard.type('good-password')
      await page.keyboard.press('Enter')
      await focused('Home of ada').waitFor()
      expect(await violations(page)).toEqual([])
      await dialog.getByRole('button', { name: 'Back' }).click()
      await page.locator('#latchkey_username').waitFor()
      expect(await page.locator('#latchkey_username').inputValue()).toBe('ada')
      expect(await page.locator('#latchkey_password').inputValue()).toBe('')
      await page.locator('#latchkey_password').fill('good-password')
      await page.keyboard.press('Enter')
      await dialog.getByRole('button', { name: 'Work' }).click()
      await done(page, 'Site work is connected.')
    }))

  it('show errors, and lead back to the sign-in methods', () =>
    open(async (page) => {
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('button', { name: 'User name and password' }).click()
      await page.locator('#latchkey_username').fill('ada')
      await page.locator('#latchkey_password').fill('bad-password')
      await page.keyboard.press('Enter')
      await dialog.getByRole('button', { name: 'Work' }).click()
      await dialog.getByText('rejected this').waitFor()
      expect(await violations(page)).toEqual([])
      await dialog.getByRole('button', { name: 'Back' }).click()
      await page.locator('#latchkey_password').waitFor()
      await dialog.getByRole('button', { name: 'Back' }).click()
      await dialog.getByRole('button', { name: 'API token' }).click()
      await page.locator('#latchkey_token').waitFor()
    }))
})
