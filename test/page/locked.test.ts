import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { openKept } from './kept-page.ts'
import { Home, startBrowser } from './open-page.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

/** Opens the page without its key. */
async function open(use: (page: Page, address: string) => Promise<void>): Promise<void> {
  await using home = await Home.open()
  const { page, close } = await openKept(browser)
  try {
    await page.goto(new URL(home.hub.url).origin)
    await use(page, home.hub.url)
  } finally {
    await close()
  }
}

const type = async (page: Page, text: string) => {
  await page.getByRole('textbox', { name: 'Address or key' }).fill(text)
  await page.keyboard.press('Enter')
}
const opens = (page: Page) => page.getByText('Connect your first account or device').waitFor()

describe('the page without its key', () => {
  it('opens with the whole address', () =>
    open(async (page, address) => {
      await type(page, `  ${address} `)
      await opens(page)
      expect(page.url()).not.toContain('token')
    }))

  it('opens with the key', () =>
    open(async (page, address) => {
      await type(page, address.split('token=')[1] ?? '')
      await opens(page)
    }))

  it.each([
    ['x', 'That’s neither an address of Latchkey nor a key.'],
    ['http://127.0.0.1:8080/', 'That’s neither an address of Latchkey nor a key.'],
    ['<script>alert(1)</script>', 'That’s neither an address of Latchkey nor a key.'],
    ['x'.repeat(43), 'Latchkey doesn’t accept this key.'],
  ])('shows an error at the field for %s', (text, error) =>
    open(async (page) => {
      await type(page, text)
      await page.getByText(error).waitFor()
      const field = page.getByRole('textbox', { name: 'Address or key' })
      expect(await field.getAttribute('aria-invalid')).toBe('true')
      expect(await field.inputValue()).toBe(text)
    }),
  )
})
