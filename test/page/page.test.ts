import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { eventually } from '../examples/eventually.ts'
import { PHONE } from './acceptance/stage.ts'
import { openKept } from './kept-page.ts'
import { done, Home, startBrowser } from './open-page.ts'
import { violations } from './violations.ts'
import { wireTo } from './wire.ts'

let browser: Browser

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

/** Opens the page in a new browser context and records its errors. */
async function open(home: Home, options: BrowserContextOptions = {}) {
  const { page, close } = await openKept(browser, { viewport: { width: 1100, height: 900 }, ...options })
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (4\d\d)/.test(message.text()))
      complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(home.hub.url)
  await page.getByRole('heading', { name: 'Simulated services' }).waitFor()
  return { page, complaints, close }
}

const dialog = (page: Page) => page.getByRole('dialog')
const submit = (page: Page, name: string) => dialog(page).getByRole('button', { name, exact: true }).click()
const reconnect = (page: Page) => submit(page, 'Reconnect')

describe('the page', () => {
  it('repairs an entry with a revoked token after a bad token and a wrong account', async () => {
    await using home = await Home.open()
    const { page, complaints, close } = await open(home)
    expect(page.url()).not.toContain('token')
    await home.linkDevice(page)
    await home.breakDevice(page)
    await page
      .getByRole('button', { name: /^Reconnect/ })
      .first()
      .click()
    const token = page.locator('#latchkey_apiToken')
    await token.fill('no-such-token')
    await reconnect(page)
    await dialog(page).getByText('My Hub rejected this API token.').waitFor()
    expect(await token.inputValue()).toBe('')
    expect(await dialog(page).locator('#latchkey_host').count()).toBe(0)
    const { device } = await home.services(page)
    await token.fill(device.neighborsToken)
    await reconnect(page)
    await dialog(page).getByText('This connection belongs to').waitFor()
    // With the result, its connection to the other account is closed.
    const flowId = (await page.locator('[data-flow]').getAttribute('data-flow')) ?? ''
    const { latchkey } = home.hub
    expect(await latchkey.flows.get(flowId)).toMatchObject({ replaceable: true })
    await page.keyboard.press('Escape')
    await eventually(async () => expect(await latchkey.flows.get(flowId)).not.toHaveProperty('replaceable'))
    await page
      .getByRole('button', { name: /^Reconnect/ })
      .first()
      .click()
    await token.fill(device.neighborsToken)
    await reconnect(page)
    await dialog(page).getByText('This connection belongs to').waitFor()
    await dialog(page).getByRole('button', { name: 'Try again' }).click()
    expect(await token.inputValue()).toBe('')
    await page.keyboard.press('Escape')
    await dialog(page).waitFor({ state: 'detached' })
    await page.getByRole('region', { name: '1 connection needs attention' }).waitFor()
    await page
      .getByRole('button', { name: /^Reconnect/ })
      .first()
      .click()
    await token.fill(device.token)
    await reconnect(page)
    await done(page, 'Living room hub is connected again.')
    await page.getByRole('region', { name: '1 connection needs attention' }).waitFor({ state: 'detached' })
    const [entry] = (await home.hub.latchkey.entries.list()).items
    expect(entry).toMatchObject({ state: 'loaded', reauth: null })
    // The chart lists and highlights the next transitions.
    await page.getByRole('listitem').filter({ hasText: 'refused → Checking' }).waitFor({ state: 'attached' })
    await page.locator('.statechart-box .edge.active').nth(1).waitFor({ state: 'attached' })
    expect(complaints).toEqual([])
    await close()
  })

  it.each<readonly [string, BrowserContextOptions]>([
    ['desk', {}],
    ['phone', PHONE],
  ])('has no axe violations in any view, %s', async (_, options) => {
    await using home = await Home.open()
    const { page, close } = await open(home, options)
    const found: Record<string, string[]> = {}
    const look = async (view: string) => {
      found[view] = await violations(page)
    }
    await look('an empty list')
    await page.getByRole('button', { name: 'Add connection' }).click()
    await page.getByRole('dialog').getByRole('option', { name: 'My Hub' }).waitFor()
    await look('the picker')
    await page.getByRole('dialog').getByRole('option', { name: 'My Hub' }).click()
    await page.locator('#latchkey_host').fill('no host')
    await look('a form')
    await submit(page, 'Add')
    await page.locator('#latchkey_apiToken').fill('x')
    await submit(page, 'Add')
    await dialog(page)
      .getByText('Enter a host name or IP address, such as 192.168.1.2:8080.')
      .first()
      .waitFor()
    await look('a form with errors')
    await page.keyboard.press('Escape')
    await look('the question whether the input is discarded')
    await page.keyboard.press('Escape')
    await page.locator('#latchkey_host').and(page.locator(':focus')).waitFor()
    await page.keyboard.press('Escape')
    await dialog(page).getByRole('button', { name: 'Discard' }).click()
    await dialog(page).waitFor({ state: 'detached' })
    await home.linkDevice(page)
    await look('an entry')
    await home.breakDevice(page)
    await look('needs attention')
    await page
      .getByRole('button', { name: /^Reconnect/ })
      .first()
      .click()
    await page.locator('#latchkey_apiToken').fill((await home.services(page)).device.neighborsToken)
    await look('a reauthentication')
    await reconnect(page)
    await dialog(page).getByText('This connection belongs to').waitFor()
    await look('its end')
    await page.keyboard.press('Escape')
    await dialog(page).waitFor({ state: 'detached' })
    const entry = async (item: RegExp) => {
      await page.getByRole('button', { name: /^Actions for/ }).click()
      await page.getByRole('menuitem', { name: item }).click()
    }
    for (const [item, view] of [
      [/^Rename/, 'renaming'],
      [/^Ask someone else/, 'a repair link'],
      [/^Remove/, 'removing'],
    ] as const) {
      await entry(item)
      await dialog(page).waitFor()
      await look(view)
      await page.keyboard.press('Escape')
      await dialog(page).waitFor({ state: 'detached' })
    }
    await page.getByRole('button', { name: /^Actions for/ }).click()
    await look('a menu')
    await page.getByRole('menuitem', { name: 'History' }).click()
    await page
      .getByRole('listitem')
      .filter({ hasText: /^Added/ })
      .waitFor()
    await look('history')
    const locked = await page.context().newPage()
    await locked.goto(home.hub.url.replace(/#.*/, ''))
    await locked.getByRole('heading').first().waitFor()
    found['without a key'] = await violations(locked)
    expect(Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0))).toEqual({})
    expect(Object.keys(found)).toHaveLength(15)
    await close()
  })

  it('can be used by keyboard only', async () => {
    await using home = await Home.open()
    const { page, close } = await open(home)
    const { device } = await home.services(page)
    // The hidden button casts no shadow into the corner of the page.
    const skip = page.getByRole('button', { name: 'Skip to content' })
    const shadow = () => skip.evaluate((hidden) => getComputedStyle(hidden).boxShadow)
    expect(await shadow()).toBe('none')
    await page.keyboard.press('Tab')
    expect(await shadow()).not.toBe('none')
    /** Presses Tab until an element with this name has the focus. */
    const tabTo = async (name: RegExp) => {
      for (let presses = 0; presses < 60; presses++) {
        const focused = await page.evaluate(() => {
          const { activeElement: at } = document
          return at === null ? '' : `${at.getAttribute('aria-label') ?? ''} ${at.textContent ?? ''}`.trim()
        })
        if (name.test(focused)) return
        await page.keyboard.press('Tab')
      }
      throw new Error(`Tab never came to ${name}.`)
    }
    await tabTo(/^Add connection$/)
    await page.keyboard.press('Enter')
    await page.getByRole('combobox').and(page.locator(':focus')).waitFor()
    await page.getByRole('dialog').getByRole('option', { name: 'My Hub' }).waitFor()
    await page.keyboard.type('my h')
    await page.keyboard.press('Enter')
    // The first field gets the focus automatically.
    await page.waitForFunction(() => document.activeElement?.id === 'latchkey_host')
    await page.keyboard.type(device.host)
    await page.keyboard.press('Tab')
    await page.keyboard.type(device.token)
    await page.keyboard.press('Enter')
    await done(page, 'is connected.')
    await tabTo(/^Revoke the token$/)
    await page.keyboard.press('Space')
    await page.getByRole('region', { name: '1 connection needs attention' }).waitFor()
    await page.evaluate(() => (document.activeElement as HTMLElement).blur())
    await tabTo(/^Reconnect/)
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.activeElement?.id === 'latchkey_apiToken')
    await page.keyboard.type((await home.services(page)).device.token)
    await page.keyboard.press('Enter')
    await done(page, 'Living room hub is connected again.')
    await close()
  })

  it('shows the same flow and its result in two tabs, and submits a double click once', async () => {
    await using home = await Home.open()
    const { page, close } = await open(home)
    await home.linkDevice(page)
    await home.breakDevice(page)
    const other = await page.context().newPage()
    await other.goto(home.hub.url)
    for (const tab of [page, other])
      await tab
        .getByRole('button', { name: /^Reconnect/ })
        .first()
        .click()
    const { device } = await home.services(page)
    const posts: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'POST' && /\/flows\/[\w-]+$/.test(request.url())) posts.push(request.url())
    })
    await page.locator('#latchkey_apiToken').fill(device.token)
    await dialog(page).getByRole('button', { name: 'Reconnect', exact: true }).dblclick()
    for (const tab of [page, other]) {
      await done(tab, 'Living room hub is connected again.')
    }
    expect(posts).toHaveLength(1)
    await close()
  })

  it('fits on a phone, is available in German and French, and supports password managers', async () => {
    await using home = await Home.open()
    const { page, close } = await open(home, { viewport: { width: 390, height: 800 } })
    await home.linkDevice(page)
    const widest = () => page.evaluate(() => document.documentElement.scrollWidth)
    expect(await widest()).toBeLessThanOrEqual(390)
    const chart = page.getByRole('region', { name: /^Statechart of/ })
    const hidden = () => chart.evaluate((box) => box.scrollWidth - box.clientWidth)
    expect(await hidden()).toBeGreaterThan(0)
    await page.getByRole('button', { name: 'Everything', exact: true }).click()
    const sizes = await chart
      .locator('text')
      .evaluateAll((texts) => texts.map((text) => Number.parseFloat(getComputedStyle(text).fontSize)))
    // The labels keep their size: the box scrolls, and the page does not.
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(12)
    expect(await hidden()).toBeGreaterThan(0)
    expect(await widest()).toBeLessThanOrEqual(390)
    await page.getByRole('button', { name: 'Add connection' }).click()
    await page.getByRole('dialog').getByRole('option', { name: 'MQTT' }).click()
    await dialog(page).locator('input[type=password]').waitFor()
    const attributes = await dialog(page)
      .locator('input')
      .evaluateAll((inputs) =>
        inputs.map((input) => [input.getAttribute('type'), input.getAttribute('autocomplete')]),
      )
    expect(attributes).toEqual(
      expect.arrayContaining([
        ['text', 'username'],
        ['password', 'current-password'],
      ]),
    )
    expect(await widest()).toBeLessThanOrEqual(390)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Language and appearance' }).click()
    await page.getByRole('menuitemradio', { name: 'Deutsch' }).click()
    await page.getByRole('heading', { name: 'Verbindungen' }).waitFor()
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('de')
    expect(await violations(page)).toEqual([])
    await page.reload()
    await page.getByRole('heading', { name: 'Verbindungen' }).waitFor()
    await page.getByRole('button', { name: 'Sprache und Darstellung' }).click()
    await page.getByRole('menuitemradio', { name: 'Français' }).click()
    await page.getByRole('heading', { name: 'Connexions' }).waitFor()
    await page.getByRole('button', { name: 'Ajouter une connexion' }).click()
    await page.getByRole('dialog').getByRole('option', { name: 'Compte MQTT' }).click()
    await dialog(page).getByLabel('Mot de passe', { exact: true }).waitFor()
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('fr')
    expect(await violations(page)).toEqual([])
    expect(await widest()).toBeLessThanOrEqual(390)
    await close()
  })

  it('does not offer to repair disabled entries', async () => {
    await using home = await Home.open()
    const { page, close } = await open(home)
    await home.linkDevice(page)
    await home.breakDevice(page)
    const choose = async (item: string) => {
      await page.getByRole('button', { name: /^Actions for/ }).click()
      await page.getByRole('menuitem', { name: item, exact: true }).click()
    }
    await choose('Disable')
    await page.getByRole('list', { name: 'Connections' }).getByText('Disabled', { exact: true }).waitFor()
    await page.getByRole('region', { name: '1 connection needs attention' }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: /^Reconnect/ }).waitFor({ state: 'detached' })
    await choose('Enable')
    await page.getByRole('region', { name: '1 connection needs attention' }).waitFor()
    await close()
  })

  it('explains a missing or expired token', async () => {
    await using home = await Home.open()
    const { page, close } = await openKept(browser, { locale: 'de-AT' })
    const { origin } = new URL(home.hub.url)
    await page.goto(`${origin}/`)
    await page.getByRole('heading', { name: 'Öffnen Sie Latchkey mit der vollständigen Adresse' }).waitFor()
    // A JWT, as a host with its own `authorize` may issue it.
    await page.goto(`${origin}/#token=${'x'.repeat(43)}.${'y'.repeat(20)}.z_-~+/==`)
    await page.getByRole('heading', { name: 'Diese Adresse ist abgelaufen' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.goto(home.hub.url)
    await page.getByText('Verbinden Sie Ihr erstes Konto oder Gerät').waitFor()
    expect(page.url()).toBe(`${origin}/`)
    // A mistyped path opens the list.
    expect((await page.goto(`${origin}/no/such/path`))?.status()).toBe(404)
    await page.getByText('Verbinden Sie Ihr erstes Konto oder Gerät').waitFor()
    expect(page.url()).toBe(`${origin}/`)
    await page.getByRole('button', { name: 'Verbindung hinzufügen' }).click()
    await dialog(page).getByRole('option', { name: 'My Hub' }).click()
    expect(await page.locator('#latchkey_host').getAttribute('placeholder')).toBe('192.168.1.2:8080')
    // The long German labels leave no button on its own line.
    const foot = dialog(page).locator('.lk-foot button')
    const tops = await foot.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top))
    expect([tops.length, new Set(tops).size]).toEqual([3, 1])
    await close()
  })

  it('shows that the connection is lost, and reconnects', async () => {
    await using home = await Home.open()
    const { port, hash } = new URL(home.hub.url)
    const wire = await wireTo(Number(port))
    const { page, close } = await openKept(browser)
    try {
      await page.goto(`http://127.0.0.1:${wire.port}/${hash}`)
      await page.getByRole('heading', { name: 'Simulated services' }).waitFor()
      await home.linkDevice(page)
      await page.getByRole('button', { name: /^Actions for/ }).click()
      await page.getByRole('menuitem', { name: 'Rename' }).click()
      await page.getByRole('textbox', { name: 'Name' }).waitFor()
      wire.break()
      await page.getByText('Latchkey isn’t responding.').waitFor()
      await submit(page, 'Save')
      const toast = page.getByRole('alert').filter({ hasText: 'Latchkey isn’t responding.' })
      await toast.waitFor()
      await page.keyboard.press('Escape')
      expect(await violations(page)).toEqual([])
      const [entry] = (await home.hub.latchkey.entries.list()).items
      await home.hub.latchkey.entries.update(entry?.entryId ?? '', { title: 'Renamed while offline' })
      wire.cut = false
      await page.getByText('Renamed while offline', { exact: true }).first().waitFor()
      await toast.waitFor({ state: 'detached' })
      await page.getByText('Latchkey isn’t responding.').waitFor({ state: 'detached' })
    } finally {
      await close()
      wire.stop()
    }
  })
})
