import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import * as z from 'zod'
import { defineIntegration } from '../../src/index.ts'
import { openOver } from './open-over.ts'
import { startBrowser } from './open-page.ts'
import { violations } from './violations.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

const CATEGORIES = ['home', 'calendar', 'files', 'other'] as const

const integration = (index: number) =>
  defineIntegration({
    domain: `service_${index}`,
    title: `Service ${index}`,
    description: `The service number ${index}`,
    category: CATEGORIES[index % CATEGORIES.length] ?? 'other',
    fields: z.object({ name: z.string().meta({ title: 'Name' }) }),
    connect: async ({ name }) => ({ client: null, uniqueId: name, title: name }),
  })

const mqtt = defineIntegration({ ...integration(0), domain: 'mqtt', title: 'MQTT', keywords: ['mosquitto'] })
const single = defineIntegration({
  ...integration(1),
  domain: 'weather',
  title: 'Weather',
  singleInstance: true,
})

const open = (
  use: Parameters<typeof openOver>[2],
  count = 104,
  options: BrowserContextOptions = {},
): Promise<void> => {
  const others = Array.from({ length: count - 2 }, (_, index) => integration(index + 1))
  return openOver(browser, [mqtt, single, ...others], use, options)
}

const openPicker = async (page: Page) => {
  await page.getByRole('button', { name: 'Add connection' }).click()
  await page.getByRole('dialog').getByRole('option').first().waitFor()
}
const active = async (page: Page): Promise<string> => {
  const id = await page.getByRole('combobox').getAttribute('aria-activedescendant')
  return page.locator(`[id="${id}"] b`).innerText()
}

describe('the picker', () => {
  it('starts the first match with Enter, and returns to the list with Back', () =>
    open(async (page, latchkey) => {
      await openPicker(page)
      await page.keyboard.type('mq')
      await page.keyboard.press('Enter')
      await page.locator('#latchkey_name').and(page.locator(':focus')).waitFor()
      await page.getByRole('dialog', { name: /MQTT/ }).waitFor()
      await page.getByRole('dialog').nth(1).waitFor({ state: 'detached' })
      await page.getByRole('button', { name: 'Back' }).click()
      await page.getByRole('combobox').and(page.locator(':focus')).waitFor()
      expect((await latchkey.flows.list()).items).toEqual([])
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }))

  it('moves through all integrations by keyboard, with true positions, and renders only those in view', () =>
    open(async (page) => {
      await openPicker(page)
      const options = page.getByRole('dialog').getByRole('option')
      expect(await options.count()).toBeLessThanOrEqual(60)
      expect(await options.first().getAttribute('aria-setsize')).toBe('104')
      expect(await active(page)).toBe('MQTT')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('ArrowDown')
      expect(await active(page)).toBe('Service 2')
      await page.keyboard.press('ArrowUp')
      expect(await active(page)).toBe('Service 1')
      await page.keyboard.press('End')
      const last = page.getByRole('option', { name: 'Weather' })
      await last.waitFor()
      expect(await last.getAttribute('aria-selected')).toBe('true')
      expect(await last.getAttribute('aria-posinset')).toBe('104')
      await page.keyboard.press('Home')
      expect(await active(page)).toBe('MQTT')
    }))

  it('clears the search with Escape before it closes', () =>
    open(async (page) => {
      await openPicker(page)
      await page.keyboard.type('nothing like this')
      await page.getByText('No match for “nothing like this”').waitFor()
      expect(await page.getByRole('combobox').getAttribute('aria-expanded')).toBe('false')
      expect(await violations(page)).toEqual([])
      await page.keyboard.press('Escape')
      await page.getByRole('option', { name: 'MQTT' }).waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await page.getByRole('button', { name: 'Add connection' }).and(page.locator(':focus')).waitFor()
    }))

  it('opens the entry of an integration that allows only one', () =>
    open(async (page, latchkey) => {
      const form = await latchkey.flows.start({ domain: 'weather', source: 'user' })
      const end = await latchkey.flows.submit(form.flowId, { name: 'Home' }, { revision: form.revision })
      await openPicker(page)
      await page.keyboard.type('weather')
      await page.getByRole('option', { name: 'Weather' }).getByText('Added').waitFor()
      await page.keyboard.press('Enter')
      await page.waitForURL((url) => url.searchParams.get('entry') === end.entryId)
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      expect((await latchkey.flows.list()).items).toEqual([])
    }))

  it.each([
    ['desk', {}],
    ['phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
  ] as const)('is inside the window, scrolls itself, and has no axe violations, %s', (look, options) =>
    open(
      async (page) => {
        await page.evaluate(() => {
          document.body.style.minHeight = '3000px'
        })
        await openPicker(page)
        const box = await page.getByRole('dialog').boundingBox()
        const window = page.viewportSize() ?? { width: 0, height: 0 }
        expect(box?.y).toBeGreaterThanOrEqual(0)
        expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(window.height)
        if (look === 'phone') expect(box).toEqual({ x: 0, y: 0, ...window })
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(window.width)
        // The page behind does not scroll.
        await page.getByRole('option').nth(4).hover()
        await page.mouse.wheel(0, 2_000).catch(() => {})
        expect(await page.evaluate(() => scrollY)).toBe(0)
        await page.getByRole('button', { name: /^Files/ }).click()
        await page.getByRole('option', { name: 'Service 2', exact: false }).first().waitFor()
        expect(await page.getByRole('dialog').getByRole('option').first().getAttribute('aria-setsize')).toBe(
          '26',
        )
        expect(await violations(page)).toEqual([])
      },
      104,
      options,
    ),
  )

  it('shows no categories for few integrations', () =>
    open(async (page) => {
      await openPicker(page)
      expect(await page.getByRole('navigation', { name: 'Categories' }).count()).toBe(0)
    }, 5))
})
