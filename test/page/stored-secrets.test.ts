import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { lockHub, seen } from '../cli/lock-hub.ts'
import { addBy, openOver } from './open-over.ts'
import { done, startBrowser } from './open-page.ts'
import { violations } from './violations.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

describe('a stored optional secret', () => {
  it('stays if the user leaves it empty, and removed with its button', () =>
    openOver(browser, [lockHub], async (page, latchkey) => {
      const dialog = page.getByRole('dialog')
      await addBy(page, 'Lock Hub')
      expect(await dialog.getByRole('button', { name: 'Remove Safe word' }).count()).toBe(0)
      await page.locator('#latchkey_password').fill('first')
      await page.locator('#latchkey_safeWord').fill('plum')
      await page.keyboard.press('Enter')
      await done(page, 'is connected.')
      const [entry] = (await latchkey.entries.list()).items
      const reconnect = async () => {
        await latchkey.entries.requestReauth(entry?.entryId ?? '')
        await page
          .getByRole('button', { name: /^Reconnect/ })
          .first()
          .click()
      }
      await reconnect()
      await dialog.getByText('A value is saved. It stays if you leave this empty.').waitFor()
      expect(await violations(page)).toEqual([])
      await page.locator('#latchkey_password').fill('second')
      await page.keyboard.press('Enter')
      await done(page, 'is connected again.')
      expect(seen.at(-1)).toEqual({ password: 'second', safeWord: 'plum' })
      await reconnect()
      await page.locator('#latchkey_safeWord').fill('not this')
      await dialog.getByRole('button', { name: 'Remove Safe word' }).click()
      await dialog.getByText('The saved value will be removed.').waitFor()
      await dialog.getByRole('button', { name: 'Keep Safe word' }).click()
      await dialog.getByRole('button', { name: 'Remove Safe word' }).click()
      await page.locator('#latchkey_password').fill('third')
      await page.keyboard.press('Enter')
      await done(page, 'is connected again.')
      expect(seen.at(-1)).toEqual({ password: 'third', safeWord: undefined })
    }))
})
