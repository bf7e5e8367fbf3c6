import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { lockHub } from '../cli/lock-hub.ts'
import { addBy, openOver } from './open-over.ts'
import { done, startBrowser } from './open-page.ts'
import { violations } from './violations.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

describe('a requested sign-in', () => {
  it('shows its reason, and ends with the button "Not needed"', () =>
    openOver(browser, [lockHub], async (page, latchkey) => {
      await addBy(page, 'Lock Hub')
      await page.locator('#latchkey_password').fill('first')
      await page.keyboard.press('Enter')
      await done(page, 'is connected.')
      const [entry] = (await latchkey.entries.list()).items
      const entryId = entry?.entryId ?? ''
      await latchkey.entries.requestReauth(entryId, { reason: 'Your plan has changed.' })
      const banner = page.getByRole('region', { name: '1 connection needs attention' })
      await banner.getByText('Your plan has changed.').waitFor()
      expect(await violations(page)).toEqual([])
      await banner.getByRole('button', { name: /^Not needed/ }).click()
      await banner.waitFor({ state: 'detached' })
      expect(await latchkey.attention.list()).toEqual([])
      expect((await latchkey.flows.list()).items).toEqual([])
      expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    }))
})
