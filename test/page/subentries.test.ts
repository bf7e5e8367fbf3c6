import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { roomsHub } from '../cli/rooms-hub.ts'
import { addBy, openOver } from './open-over.ts'
import { done, startBrowser } from './open-page.ts'
import { violations } from './violations.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

describe('sub-entries on the page', () => {
  it('are added, edited and removed on the page of their entry', () =>
    openOver(browser, [roomsHub], async (page, latchkey) => {
      const dialog = page.getByRole('dialog')
      await addBy(page, 'Rooms Hub')
      await page.locator('#latchkey_name').fill('Home')
      await page.keyboard.press('Enter')
      await done(page, 'Home is connected.')

      await page.getByRole('link', { name: 'Home' }).click()
      await page.getByRole('button', { name: 'Add Room to Home' }).click()
      await dialog.getByText('Add Room to Home').waitFor()
      await page.locator('#latchkey_room').fill('x')
      await page.keyboard.press('Enter')
      await dialog.getByText('Use at least').first().waitFor()
      await page.locator('#latchkey_room').fill('Hall')
      await page.keyboard.press('Enter')
      await done(page, 'Added.')
      const list = page.getByRole('region', { name: 'Room' }).getByRole('list', { name: 'Room of Home' })
      await list.getByText('Hall', { exact: true }).waitFor()
      expect(await violations(page)).toEqual([])

      await page.getByRole('button', { name: 'Edit Hall' }).click()
      await dialog.getByText('Edit Hall').waitFor()
      expect(await page.locator('#latchkey_room').inputValue()).toBe('Hall')
      await page.locator('#latchkey_room').fill('Loft')
      await page.keyboard.press('Enter')
      await done(page, 'Changes saved.')
      await list.getByText('Loft', { exact: true }).waitFor()

      await page.getByRole('button', { name: 'Remove Loft' }).click()
      await dialog.getByText('Remove Loft?').waitFor()
      await dialog.getByRole('button', { name: 'Remove' }).click()
      await list.waitFor({ state: 'detached' })
      const { items } = await latchkey.entries.list()
      expect(items).toMatchObject([{ title: 'Home', state: 'loaded', subentries: [] }])
    }))
})
