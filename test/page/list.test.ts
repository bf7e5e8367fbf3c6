import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { pageFiles } from '../../src/adapters/node/page-files.ts'
import { latchkeyHandler } from '../../src/http/index.ts'
import type { Latchkey } from '../../src/index.ts'
import { openKept } from './kept-page.ts'
import { listen } from './kept-port.ts'
import { manyConnections } from './many-connections.ts'
import { startBrowser } from './open-page.ts'
import { violations } from './violations.ts'

const SERVICES = ['Lumen Lights', 'MQTT', 'My Hub', 'Tidewater Weather']
const DESK = { width: 1280, height: 800 }

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

/** Opens the page with connections, at an address such as `?q=x`. */
async function open(
  count: number,
  use: (page: Page, latchkey: Latchkey) => Promise<void>,
  { address = '', ...options }: BrowserContextOptions & { readonly address?: string } = {},
): Promise<void> {
  const latchkey = await manyConnections(SERVICES, count)
  const handler = latchkeyHandler(latchkey, { page: pageFiles() })
  const server = createServer(getRequestListener(handler))
  const port = await listen(server)
  const { page, close } = await openKept(browser, { viewport: DESK, ...options })
  try {
    await page.goto(`http://127.0.0.1:${port}/${address}#token=${handler.startToken}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await use(page, latchkey)
  } finally {
    await close()
    handler.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await latchkey.stop()
  }
}

const rows = (page: Page) => page.locator('[data-entry]')
const row = (page: Page, host: string) => rows(page).filter({ hasText: `Connection ${host}` })
const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.getAttribute('title') ?? document.activeElement?.tagName ?? '')
const menuOf = async (page: Page, host: string, item: string) => {
  await page.getByRole('button', { name: `Actions for Connection ${host}`, exact: true }).click()
  await page.getByRole('menuitem', { name: item, exact: true }).click()
}
const toasts = (page: Page) => page.locator('.mantine-Notifications-notification')

describe('the list of connections', () => {
  it('has only the rows in view in the document, with their true positions', () =>
    open(
      240,
      async (page) => {
        await rows(page).first().waitFor()
        const height = await page.locator('.lkl-card').evaluate((list) => list.clientHeight)
        expect(height).toBe(240 * 60)
        for (const y of [0, 5_000, 12_000]) {
          await page.evaluate((to) => scrollTo(0, to), y)
          await page.waitForFunction((to) => {
            const all = [...document.querySelectorAll<HTMLElement>('[data-entry]')]
            const boxes = all.map((one) => one.getBoundingClientRect())
            return scrollY === to && boxes.some((box) => box.bottom >= innerHeight)
          }, y)
          expect(await rows(page).count()).toBeLessThanOrEqual(60)
        }
        const last = rows(page).last()
        expect(await last.getAttribute('aria-setsize')).toBe('240')
        const position = Number(await last.getAttribute('aria-posinset'))
        const top = await last.evaluate((one) => one.getBoundingClientRect().top)
        const list = await page.locator('.lkl-card').evaluate((one) => one.getBoundingClientRect().top)
        expect(Math.round((top - list) / 60) + 1).toBe(position)
      },
      { address: '?group=none' },
    ))

  it('keeps the search, the filter and the grouping in its address', () =>
    open(40, async (page) => {
      await page.getByRole('radio', { name: /^Needs attention/ }).click()
      await page.getByRole('searchbox', { name: 'Search' }).fill('mqtt 192')
      await page.getByText('3 of 40 connections').first().waitFor()
      expect(new URL(page.url()).search).toBe('?q=mqtt+192&state=attention')
      await page.reload()
      await page.getByText('3 of 40 connections').first().waitFor()
      expect(await page.getByRole('searchbox').inputValue()).toBe('mqtt 192')
      await page.getByRole('searchbox').fill('absent from the list')
      await page.getByText('No match for “absent from the list”').waitFor()
      expect(await violations(page)).toEqual([])
      await page.getByRole('searchbox').fill('x'.repeat(200))
      await page.getByText('No match for “xxx').waitFor()
      const none = page.locator('.lkl-none')
      expect(await none.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0)
      await page.getByRole('button', { name: 'Clear filters' }).click()
      await rows(page).first().waitFor()
      expect(new URL(page.url()).search).toBe('')
    }))

  it('opens whole for an address that it does not understand', () =>
    open(
      8,
      async (page) => {
        await rows(page).nth(7).waitFor()
        expect(await rows(page).count()).toBe(8)
        expect(await page.getByRole('radio', { name: 'All 8' }).getAttribute('aria-checked')).toBe('true')
      },
      { address: '?state=%00&tab=x&group=constructor&callback=no' },
    ))

  it('is one stop of the Tab key, and its keys move, open and return to the same row', () =>
    open(60, async (page) => {
      await rows(page).first().waitFor()
      await page.getByRole('combobox', { name: 'Grouping' }).focus()
      await page.keyboard.press('Tab')
      const first = await focused(page)
      expect(first).toMatch(/^Connection/)
      let reached = first
      for (let step = 0; step < 30; step++) {
        await page.keyboard.press(step % 2 === 0 ? 'ArrowDown' : 'j')
        await page.waitForFunction(
          (before) => ![null, before].includes(document.activeElement?.getAttribute('title') ?? null),
          reached,
        )
        reached = await focused(page)
      }
      const y = await page.evaluate(() => scrollY)
      expect(y).toBeGreaterThan(1_000)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: reached }).waitFor()
      expect(page.url()).toContain('?entry=')
      await page.goBack()
      await page.getByText(reached, { exact: true }).waitFor()
      await page.waitForFunction((before) => Math.abs(scrollY - before) <= 60, y)
      await page.keyboard.press('/')
      await page.locator('input[type=search]:focus').waitFor()
    }))

  it('answers each action of the menu with one toast, and can undo a disabling and a new name', () =>
    open(12, async (page, latchkey) => {
      const stateOf = async (host: string) =>
        (await latchkey.entries.list()).items.find(({ uniqueId }) => uniqueId === host)
      /** Waits for the only toast. */
      const one = async (text: string) => {
        await toasts(page).getByText(text).waitFor()
        expect(await toasts(page).count()).toBe(1)
      }
      /** Closes the toast, so that the next one need not wait for its time to pass. */
      const close = async () => {
        await page.keyboard.press('Escape')
        await toasts(page).waitFor({ state: 'detached' })
      }
      await menuOf(page, '192.168.0.0', 'Reconnect now')
      await one('Connection 192.168.0.0 is connected')
      await close()
      await menuOf(page, '192.168.0.4', 'Disable')
      await one('Connection 192.168.0.4 disabled')
      await toasts(page).getByRole('button', { name: 'Undo' }).click()
      await toasts(page).getByText('Connection 192.168.0.4 enabled').waitFor()
      expect(await stateOf('192.168.0.4')).toMatchObject({ disabled: false })
      await close()
      await menuOf(page, '192.168.0.8', 'Rename')
      await page.getByRole('textbox', { name: 'Name' }).fill('Hallway')
      await page.keyboard.press('Enter')
      // A toast stays while the pointer is on it.
      await toasts(page).getByText('Renamed to Hallway').hover()
      await one('Renamed to Hallway')
      expect(await violations(page)).toEqual([])
      await toasts(page).getByRole('button', { name: 'Undo' }).click()
      await toasts(page).getByText('Renamed to Connection 192.168.0.8').waitFor()
      expect(await stateOf('192.168.0.8')).toMatchObject({ title: 'Connection 192.168.0.8' })
      await close()
      await menuOf(page, '192.168.0.5', 'Try saved sign-in again')
      await page.getByRole('alert').getByText('still rejects the saved sign-in').waitFor()
      expect(await toasts(page).count()).toBe(1)
    }))

  it('removes several selected connections after a question', () =>
    open(12, async (page, latchkey) => {
      await page.getByText('Connection 192.168.0.0', { exact: true }).waitFor()
      for (const host of ['192.168.0.0', '192.168.0.4']) {
        await page.getByRole('link', { name: `Connection ${host}`, exact: true }).focus()
        await page.keyboard.press('x')
      }
      const bar = page.getByRole('region', { name: '2 selected' })
      await bar.getByRole('button', { name: 'Remove' }).click()
      const dialog = page.getByRole('dialog', { name: 'Remove 2 connections?' })
      await dialog.getByRole('button', { name: 'Remove' }).click()
      await toasts(page).getByText('2 connections done, none failed').waitFor()
      await bar.waitFor({ state: 'detached' })
      expect((await latchkey.entries.list()).items).toHaveLength(10)
    }))

  it('lists its keys, and turns single keys off', () =>
    open(12, async (page) => {
      await rows(page).first().waitFor()
      await page.keyboard.press('?')
      const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
      await dialog.getByRole('switch', { name: 'Use single keys' }).click()
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      await page.keyboard.press('/')
      await page.keyboard.press('a')
      expect(await page.evaluate(() => document.activeElement?.getAttribute('type'))).not.toBe('search')
      expect(await page.getByRole('menu').count()).toBe(0)
    }))

  it.each<readonly [string, BrowserContextOptions]>([
    ['desk', {}],
    ['phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
  ])('has no axe violations, and its button covers nothing that has the focus, %s', (_, options) =>
    open(
      24,
      async (page) => {
        await row(page, '192.168.0.5').first().waitFor()
        expect(await violations(page)).toEqual([])
        const covered = await page.locator('.list-columns :is(a, button)').evaluateAll((all) => {
          const add = document.querySelector('.page-add')?.getBoundingClientRect() ?? new DOMRect()
          return all.filter((one) => {
            scrollTo(0, 0)
            ;(one as HTMLElement).focus()
            const { top, bottom, left, right } = one.getBoundingClientRect()
            return bottom > add.top && top < add.bottom && right > add.left && left < add.right
          }).length
        })
        expect(covered).toBe(0)
      },
      options,
    ),
  )
})

describe('the panel of connections that need attention', () => {
  it('names many of one integration in one line, and shows them in the list', () =>
    open(40, async (page) => {
      const panel = page.getByRole('region', { name: '3 connections need attention' })
      await panel.getByText('MQTT · 3 connections').waitFor()
      expect(await page.title()).toBe('(3) Connections · Latchkey')
      await panel.getByRole('button', { name: 'Review 3' }).click()
      await page.getByText('3 of 40 connections').first().waitFor()
      expect(new URL(page.url()).search).toBe('?state=attention&domain=service_1')
    }))
})
