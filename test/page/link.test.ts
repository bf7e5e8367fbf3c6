import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import * as z from 'zod'
import { myHub } from '../../examples/my-hub/my-hub.ts'
import { pageFiles } from '../../src/adapters/node/page-files.ts'
import { defineIntegration, type Latchkey, secret, type View } from '../../src/index.ts'
import { type KeptPage, openKept } from './kept-page.ts'
import { openOver } from './open-over.ts'
import { Home, startBrowser } from './open-page.ts'
import { violations } from './violations.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

const dialog = (page: Page) => page.getByRole('dialog')

/** Opens the page of the example with a broken connection. */
async function broken(home: Home): Promise<KeptPage> {
  const kept = await openKept(browser, { viewport: { width: 1200, height: 900 } })
  const { page } = kept
  await page.goto(home.hub.url)
  await home.linkDevice(page)
  await home.breakDevice(page)
  return kept
}

/** Creates a repair link in its dialog. */
async function link(page: Page): Promise<string> {
  await page.getByRole('button', { name: /^Actions for/ }).click()
  await page.getByRole('menuitem', { name: /^Ask someone else/ }).click()
  return dialog(page).getByRole('textbox', { name: 'Link' }).inputValue()
}

/** Opens a link in another browser context, and records the requests that failed and the errors of the console. */
async function visit(url: string, options: Parameters<Browser['newContext']>[0] = {}) {
  const { page: guest, close } = await openKept(browser, options)
  const complaints: string[] = []
  guest.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  guest.on('pageerror', (error) => complaints.push(String(error)))
  guest.on(
    'response',
    (answer) => answer.status() >= 400 && complaints.push(`${answer.status()} ${answer.url()}`),
  )
  await guest.goto(url)
  return { guest, complaints, close }
}

describe('a repair link', () => {
  it('shows one form on a card, without a token and without a refused request, and ends there', async () => {
    await using home = await Home.open()
    const { page, close: leave } = await broken(home)
    const { device } = await home.services(page)
    const url = await link(page)
    const { guest, complaints, close } = await visit(url)
    const title = guest.getByRole('heading', { level: 1, name: 'Reconnect Living room hub' })
    await title.waitFor()
    await guest.locator('#latchkey_apiToken').fill('no-such-token')
    expect(guest.url()).not.toContain(url.split('/').at(-1))
    expect(await dialog(guest).count()).toBe(0)
    expect(await guest.title()).toBe('Reconnect Living room hub')
    await guest.getByText('You were asked to sign in to My Hub again.').waitFor()
    await guest.getByText(`Sent to ${device.host} and checked before it is saved.`).waitFor()
    await guest.getByText(/^This page reconnects only this connection\. The link works until .+\d/).waitFor()
    expect(await violations(guest)).toEqual([])
    await guest.setViewportSize({ width: 390, height: 844 })
    expect(await violations(guest)).toEqual([])
    await guest.getByRole('button', { name: 'Reconnect', exact: true }).click()
    await guest.getByRole('alert').getByText('My Hub rejected').waitFor()
    await guest.locator('#latchkey_apiToken').fill(device.token)
    await guest.getByRole('button', { name: 'Reconnect', exact: true }).click()
    await guest.getByText('Thank you. You can close this window.').waitFor()
    await guest.getByRole('heading', { level: 1, name: 'Living room hub is connected' }).waitFor()
    expect(await guest.getByText('asked').count()).toBe(0)
    expect(await violations(guest)).toEqual([])
    expect(complaints).toEqual([])
    await close()
    await dialog(page).getByText('This link was used. Living room hub is connected.').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: /^Actions for/ }).click()
    await page.getByRole('menuitem', { name: 'History' }).click()
    const lines = page.getByRole('region', { name: 'History' }).getByRole('listitem')
    await lines.filter({ hasText: /^Added.* · an administrator$/s }).waitFor()
    await lines.filter({ hasText: /^Sign-in required.*My Hub no longer accepts.* · Latchkey$/s }).waitFor()
    await lines.filter({ hasText: /^Reconnected.* · repair link$/s }).waitFor()
    const late = await visit(url, { locale: 'de-AT' })
    await late.guest.getByRole('heading', { level: 1, name: 'Dieser Link funktioniert nicht mehr' }).waitFor()
    expect(await violations(late.guest)).toEqual([])
    await late.close()
    await leave()
  })

  it('is copied also where the browser hides its clipboard, and can be turned off', async () => {
    await using home = await Home.open()
    const { page, close: leave } = await broken(home)
    await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }))
    const url = await link(page)
    await page.evaluate(() =>
      document.addEventListener('copy', () => {
        document.title = String(document.getSelection())
      }),
    )
    const box = await dialog(page).boundingBox()
    // In the middle of the window.
    expect(Math.round((box?.x ?? 0) + (box?.width ?? 0) / 2)).toBe(600)
    await dialog(page).getByRole('button', { name: 'Copy' }).click()
    await dialog(page).getByRole('button', { name: 'Copied' }).waitFor()
    expect(await page.title()).toBe(url)
    await dialog(page).getByRole('button', { name: 'Turn off all links' }).click()
    await dialog(page).getByText('No link for Living room hub works anymore.').waitFor()
    const { guest, close } = await visit(url)
    await guest.getByText('It may have been used or turned off. Ask for a new one.').waitFor()
    await close()
    await leave()
  })

  it('shows the step of a form with several pages', () => {
    const twoPages = defineIntegration({
      domain: 'two_pages',
      title: 'Two Pages',
      fields: z.object({ token: secret(), site: z.string() }),
      choices: { site: async () => ({ home: 'Home' }) },
      reauth: ['token', 'site'],
      connect: async ({ site }) => ({ client: {}, uniqueId: site, title: site }),
    })
    const key = new Uint8Array(32).fill(7)
    return openOver(
      browser,
      [twoPages],
      async (page, latchkey) => {
        let view: View = await latchkey.flows.start({ domain: 'two_pages', source: 'user' })
        for (const input of [{ token: 'a' }, { site: 'home' }])
          view = await latchkey.flows.submit(view.flowId, input, view)
        await latchkey.entries.requestReauth(view.entryId ?? '')
        const { guest, close } = await visit(await link(page))
        await guest.locator('.lk-place').getByText('Step 1 of 2').waitFor()
        // The page of a link has no event stream.
        await guest.route(/\/flows\//, (route) => route.abort())
        await guest.locator('#latchkey_token').fill('b')
        await guest.getByRole('button', { name: 'Next' }).click()
        const away = guest.getByText('Your input is still here. It may not have arrived.')
        await away.waitFor()
        await guest.unroute(/\/flows\//)
        await away.waitFor({ state: 'detached' })
        expect(await guest.locator('#latchkey_token').inputValue()).toBe('b')
        await guest.getByRole('button', { name: 'Next' }).click()
        await guest.locator('.lk-place').getByText('Step 2 of 2').waitFor()
        expect(await violations(guest)).toEqual([])
        await close()
      },
      {},
      { links: { key } },
    )
  })

  it('opens with what a program has added to its end, and explains a missing part', async () => {
    await using home = await Home.open()
    const { page, close: leave } = await broken(home)
    const url = await link(page)
    const { guest, complaints, close } = await visit(`${url})`)
    const title = guest.getByRole('heading', { level: 1, name: 'Reconnect Living room hub' })
    for (const end of ['', '/', '/).', '.', '%3E', '%', '%E2%80%8B', '?utm_source=mail', '">here</a>']) {
      await guest.goto(url + end)
      await title.waitFor()
      expect(new URL(guest.url()).pathname).toBe('/link/opened')
    }
    expect(complaints).toEqual([])
    const copy = guest.getByText('Copy the whole address from the message and open it again')
    for (const damaged of [
      url.slice(0, -1),
      url.slice(0, -50),
      `${url.slice(0, -9)}123456789`,
      `${url}/..`,
    ]) {
      await guest.goto(damaged)
      await copy.waitFor()
    }
    // The address of an open link in another window.
    await guest.evaluate(() => sessionStorage.clear())
    await guest.reload()
    await copy.waitFor()
    expect(await violations(guest)).toEqual([])
    await close()
    await leave()
  })

  it('shows the name and the picture of the host, also if it is damaged', () => {
    const icon =
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>'
    const key = new Uint8Array(32).fill(7)
    return openOver(
      browser,
      [myHub],
      async (page, latchkey: Latchkey) => {
        const address = new URL(page.url())
        expect(await (await page.request.get(`${address.origin}/page`)).json()).toEqual({
          name: 'Harbor Home',
          icon: expect.stringMatching(/^data:image\/svg\+xml,/),
        })
        expect(latchkey.integrations).toHaveLength(1)
        await page.goto(`${address.origin}/link/no-such-link`)
        await page.getByText('Harbor Home').first().waitFor()
        expect(await page.locator('header img').getAttribute('src')).toMatch(/^data:image\/svg\+xml,/)
        await page.getByRole('heading', { level: 1, name: 'This link is incomplete or changed' }).waitFor()
      },
      {},
      { page: { files: pageFiles(), name: 'Harbor Home', icon }, links: { key } },
    )
  })
})

/** Opens the page without its key. */
async function openWithoutKey(use: (page: Page, address: string) => Promise<void>): Promise<void> {
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
    openWithoutKey(async (page, address) => {
      await type(page, `  ${address} `)
      await opens(page)
      expect(page.url()).not.toContain('token')
    }))

  it('opens with the key, also with what a program has added to it', () =>
    openWithoutKey(async (page, address) => {
      const [before, after] = [address.slice(0, -9), address.slice(-9)]
      const key = address.split('token=')[1]
      const isKept = () =>
        page.waitForFunction((whole) => sessionStorage.getItem('latchkey-token') === whole, key)
      await type(page, `${key}.`)
      await opens(page)
      // A blank cuts it, so the window keeps the key that it has.
      await page.goto(`${before}%20${after}`)
      await page.waitForURL(({ hash }) => hash === '')
      await isKept()
      await page.evaluate(() => sessionStorage.clear())
      await page.goto(`${before}%C2%AD${after}%3E).`)
      await isKept()
      await opens(page)
      expect(page.url()).not.toContain('token')
    }))

  it.each([
    ['x', 'That’s neither an address of Latchkey nor a key.'],
    ['http://127.0.0.1:8080/', 'That’s neither an address of Latchkey nor a key.'],
    ['<script>alert(1)</script>', 'That’s neither an address of Latchkey nor a key.'],
    ['x'.repeat(43), 'Latchkey doesn’t accept this key.'],
  ])('shows an error at the field for %s', (text, error) =>
    openWithoutKey(async (page) => {
      await type(page, text)
      await page.getByText(error).waitFor()
      const field = page.getByRole('textbox', { name: 'Address or key' })
      expect(await field.getAttribute('aria-invalid')).toBe('true')
      expect(await field.inputValue()).toBe(text)
    }),
  )
})
