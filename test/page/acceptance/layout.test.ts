import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import * as z from 'zod'
import { createLatchkey, defineIntegration, InvalidAuthError, memoryStore } from '../../../src/index.ts'
import { household } from '../household.ts'
import { idle, startBrowser } from '../open-page.ts'
import { still } from '../violations.ts'
import { seed } from './seeded.ts'
import { act, dialogOf, openPage, PHONE, panelOf, rowsOf, serve } from './stage.ts'

let browser: Browser
let many: Awaited<ReturnType<typeof serve>>
let home: Awaited<ReturnType<typeof serve>>
beforeAll(async () => {
  browser = await startBrowser()
  many = await serve(await seed(60))
  home = await serve(await household())
})
afterAll(async () => {
  await browser.close()
  await many[Symbol.asyncDispose]()
  await home[Symbol.asyncDispose]()
})

const showPicker = async (page: Page) => {
  await page.getByRole('button', { name: 'Add connection' }).first().click()
  await dialogOf(page).getByRole('option').first().waitFor()
}
/** The screens of the page, each opened from the list. */
const SCREENS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  list: async () => {},
  'selected rows': async (page) => {
    await rowsOf(page).first().getByRole('link').focus()
    await page.keyboard.press('x')
    await page.getByRole('region', { name: '1 selected' }).waitFor()
  },
  picker: showPicker,
  dialog: async (page) => {
    await act(page, 'Edit settings')
    await page.locator('#latchkey_host').waitFor()
  },
  entry: async (page) => {
    await rowsOf(page).first().getByRole('link').click()
    await page.getByRole('heading', { name: 'Details' }).waitFor()
    await page.getByRole('region', { name: 'History' }).getByRole('listitem').first().waitFor()
  },
  'repair link': async (page) => {
    const items = await home.latchkey.attention.list()
    const bob = items.find(({ title }) => title === 'bob@home.example')
    await page.goto(await home.link(bob?.entryId ?? ''))
    await page.locator('#latchkey_apiToken').waitFor()
  },
  locked: async (page) => {
    await page.evaluate(() => sessionStorage.clear())
    await page.goto(new URL(page.url()).origin)
    await page.getByRole('textbox', { name: 'Address or key' }).waitFor()
  },
}
async function openScreen(screen: string, options: BrowserContextOptions = {}) {
  const opened = await openPage(browser, home.at(), options)
  await rowsOf(opened.page).first().waitFor()
  await SCREENS[screen]?.(opened.page)
  await still(opened.page)
  return opened
}

/** Returns what can be pressed and is smaller than a number of pixels. Links in running text are excepted. */
const tooSmall = (page: Page, least: number) =>
  page.evaluate((size) => {
    const all = document.querySelectorAll<HTMLElement>(
      'button, a, input, [role=tab], [role=option], [role=radio]',
    )
    return [...all].flatMap((target) => {
      const box = target.getBoundingClientRect()
      const isShown = target.checkVisibility({ opacityProperty: true, visibilityProperty: true })
      if (!isShown || box.width <= 1 || box.right < 0 || box.bottom < 0) return []
      if (target.tagName === 'A' && getComputedStyle(target).display.startsWith('inline')) return []
      // The area around a target may belong to it, or to its label.
      const area = getComputedStyle(target, '::after')
      const label = target.closest('label')?.getBoundingClientRect()
      const width = Math.max(box.width, Number.parseFloat(area.width) || 0, label?.width ?? 0)
      const height = Math.max(box.height, Number.parseFloat(area.height) || 0, label?.height ?? 0)
      return width >= size - 0.5 && height >= size - 0.5
        ? []
        : [`${target.tagName} ${target.getAttribute('aria-label') ?? target.textContent} ${width}×${height}`]
    })
  }, least)

describe('the panel of connections that need attention', () => {
  it('is short for 100 connections of one integration', async () => {
    let isRefused = false
    const hub = defineIntegration({
      domain: 'hub',
      title: 'Hub',
      fields: z.object({ host: z.string() }),
      connect: async ({ host }) => {
        if (isRefused) throw new InvalidAuthError()
        return { client: {}, uniqueId: host, title: host }
      },
    })
    await using served = await serve(await createLatchkey({ integrations: [hub], store: memoryStore() }))
    const { flows, entries } = served.latchkey
    for (let at = 0; at < 100; at++) {
      const form = await flows.start({ domain: 'hub', source: 'user' })
      await flows.submit(form.flowId, { host: `hub-${at}` }, { revision: form.revision })
    }
    isRefused = true
    for (const { entryId } of (await entries.list({ limit: 100 })).items) await entries.reload(entryId)
    await using opened = await openPage(browser, served.at())
    const panel = panelOf(opened.page, 100)
    await panel.waitFor()
    expect(await panel.getByRole('listitem').count()).toBeLessThanOrEqual(4)
    expect((await panel.boundingBox())?.height).toBeLessThanOrEqual(320)
    await panel.getByText('Hub · 100 connections').waitFor()
    await panel.getByRole('button', { name: 'Show all 100' }).waitFor()
  })

  it('has a line for each of three integrations', async () => {
    await using opened = await openPage(browser, many.at())
    const panel = panelOf(opened.page, 3)
    await panel.waitFor()
    await panel.getByRole('listitem').nth(2).waitFor()
    expect(await panel.getByRole('listitem').count()).toBe(3)
  })
})

/** Returns the texts in the color that a browser gives to links without a style. */
const unstyled = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('body *')]
      .filter((one) => getComputedStyle(one).color === 'rgb(0, 0, 238)')
      .map(({ textContent }) => textContent),
  )
const width = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth)

describe('each screen', () => {
  it.each(Object.keys(SCREENS))(
    'has no sideways scroll, small target or unstyled link in any window: %s',
    async (screen) => {
      await using opened = await openScreen(screen)
      const { page } = opened
      const found = { small: await tooSmall(page, 24), light: await unstyled(page), dark: [] as unknown[] }
      await page.emulateMedia({ colorScheme: 'dark' })
      found.dark = await unstyled(page)
      expect(found).toEqual({ small: [], light: [], dark: [] })
      const widths: Record<string, number> = {}
      // The last one is a window of 1280 pixels at a zoom of 400 %.
      for (const [wide, high] of [
        [1280, 800],
        [768, 800],
        [390, 800],
        [320, 800],
        [320, 256],
      ] as const) {
        await page.setViewportSize({ width: wide, height: high })
        widths[`${wide}×${high}`] = (await width(page)) - wide
      }
      expect(Object.entries(widths).filter(([, over]) => over > 0)).toEqual([])
    },
  )

  it.each(Object.keys(SCREENS))(
    'has targets of 44 pixels and inputs that do not zoom on a phone: %s',
    async (screen) => {
      await using opened = await openScreen(screen, PHONE)
      const { page } = opened
      const fonts = await page
        .locator('input:not([type=checkbox]):visible, textarea:visible, select:visible')
        .evaluateAll((all) => all.map((input) => Number.parseFloat(getComputedStyle(input).fontSize)))
      expect(await tooSmall(page, 44)).toEqual([])
      expect(fonts.filter((size) => size < 16)).toEqual([])
      expect(await width(page)).toBeLessThanOrEqual(390)
    },
  )
})

describe('a tablet', () => {
  it('has the layout of a desk, and does not cut the names of integrations', async () => {
    const look = { viewport: { width: 768, height: 1024 }, locale: 'de-DE' }
    await using opened = await openPage(browser, home.at(), look)
    const { page } = opened
    await page.getByRole('heading', { name: 'My Hub' }).first().waitFor()
    await page.getByRole('button', { name: 'Verbindung hinzufügen' }).click()
    const names = dialogOf(page).getByRole('option').locator('b')
    await names.first().waitFor()
    const cut = await names.evaluateAll((all) =>
      all.filter((name) => name.scrollWidth > name.clientWidth).map((name) => name.textContent),
    )
    expect(cut).toEqual([])
  })
})

describe('a form at a zoom of 400 %', () => {
  it('has its button within reach', async () => {
    await using opened = await openScreen('dialog', { viewport: { width: 320, height: 256 } })
    const button = dialogOf(opened.page).locator('button[type=submit]')
    await button.scrollIntoViewIfNeeded()
    const box = await button.boundingBox()
    expect(box?.y).toBeGreaterThanOrEqual(0)
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(256)
    // Throws if something covers the button.
    await button.click({ trial: true })
  })
})

describe('the dialog of a form', () => {
  it('keeps its height when its form has loaded', async () => {
    await using opened = await openPage(browser, 'about:blank')
    const { page } = opened
    let go = () => {}
    const held = new Promise<void>((resolve) => {
      go = resolve
    })
    await page.route(/flow-form.*\.js/, async (route) => {
      await held
      await route.continue()
    })
    await page.goto(home.at())
    await act(page, 'Edit settings')
    await page.locator('.lk-skeleton').waitFor()
    const height = async () => (await dialogOf(page).boundingBox())?.height ?? 0
    const before = await height()
    go()
    await page.locator('#latchkey_host').waitFor()
    expect(Math.abs((await height()) - before)).toBeLessThanOrEqual(8)
  })
})

describe('the list', () => {
  it('does not move while it loads', async () => {
    await using opened = await openPage(browser, 'about:blank')
    const { page } = opened
    await page.addInitScript(() => {
      Object.assign(window, { moved: 0 })
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const { value, hadRecentInput } = entry as unknown as { value: number; hadRecentInput: boolean }
          if (!hadRecentInput)
            Object.assign(window, { moved: (window as unknown as { moved: number }).moved + value })
        }
      }).observe({ type: 'layout-shift', buffered: true } as PerformanceObserverInit)
    })
    await page.goto(many.at())
    await rowsOf(page).first().waitFor()
    await idle(page)
    expect(await page.evaluate(() => (window as unknown as { moved: number }).moved)).toBeLessThanOrEqual(
      0.05,
    )
  })

  it('shows check boxes in place of the pictures while rows are selected on a phone', async () => {
    await using opened = await openScreen('selected rows', PHONE)
    const row = rowsOf(opened.page).first()
    await row.getByRole('checkbox').waitFor()
    await row.locator('img').waitFor({ state: 'hidden' })
  })

  it('tells connections with the same name apart, cuts long names, and shows a picture only as a picture', async () => {
    const icon =
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" onload="document.title=1"><script>document.title=2</script><rect width="1" height="1"/></svg>'
    const long = 'x'.repeat(200)
    const at = `${'y'.repeat(60)}.`.repeat(4).slice(0, 240)
    const make = (domain: string, drawn: boolean) =>
      defineIntegration({
        domain,
        title: domain,
        ...(drawn && { icon }),
        fields: z.object({ host: z.string(), name: z.string() }),
        connect: async ({ host, name }) => ({ client: {}, uniqueId: host, title: name, address: host }),
      })
    const store = memoryStore()
    await using served = await serve(
      await createLatchkey({ integrations: [make('drawn', true), make('plain', false)], store }),
    )
    const { flows } = served.latchkey
    for (const [domain, host, name] of [
      ['drawn', '192.168.1.2:1883', 'alice'],
      ['drawn', 'broker.example:1883', 'alice'],
      ['plain', at, long],
    ] as const) {
      const form = await flows.start({ domain, source: 'user' })
      await flows.submit(form.flowId, { host, name }, { revision: form.revision })
    }
    await using opened = await openPage(browser, served.at())
    const { page, complaints } = opened
    await rowsOf(page).nth(2).waitFor()
    await page.getByRole('listitem', { name: /alice.*192\.168\.1\.2:1883/ }).waitFor()
    await page.getByRole('listitem', { name: /alice.*broker\.example:1883/ }).waitFor()
    const pictures = await page
      .locator('main img')
      .evaluateAll((all) => all.map((image) => image.getAttribute('src')?.slice(0, 18)))
    expect(pictures).toEqual(['data:image/svg+xml'])
    expect(await page.title()).toBe('Connections · Latchkey')
    expect(complaints).toEqual([])
    const title = page.getByRole('link', { name: long })
    const [height, isCut] = await title.evaluate((link) => [
      link.clientHeight,
      link.scrollWidth > link.clientWidth,
    ])
    expect(height).toBeLessThan(30)
    expect(isCut).toBe(true)
    await title.click()
    const heading = page.getByRole('heading', { level: 1, name: long })
    await heading.waitFor()
    const address = page.getByRole('region', { name: 'Details' }).getByText(at, { exact: true })
    for (const whole of [heading, page.getByText(`plain · ${at}`), address])
      expect(await whole.evaluate((one) => one.scrollWidth <= one.clientWidth)).toBe(true)
    // The button that copies the address does not cover it.
    const copy = await page.getByRole('button', { name: 'Copy Address' }).boundingBox()
    const box = await address.boundingBox()
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(copy?.x ?? 0)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280)
  })
})
