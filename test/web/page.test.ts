import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Page } from 'playwright-core'
import type { Hub } from '../../examples/home-hub/hub.ts'
import { accepted, Stage, violations } from './browser.ts'
import { wireTo } from './wire.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

const password = (page: Page) => page.locator('input[type=password]')

async function link(page: Page, hub: Hub): Promise<void> {
  const { mqtt } = await accepted(hub)
  await page.getByRole('button', { name: 'Add' }).click()
  await page.getByRole('menuitem', { name: 'MQTT account' }).click()
  await page.getByLabel('Address').fill(mqtt.address)
  await page.getByLabel('User name').fill('alice')
  await password(page).fill(mqtt.accounts[0]?.password ?? '')
  await page.keyboard.press('Enter')
  await page.getByText('alice is linked.').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
}

const fits = (page: Page) =>
  page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')

describe('the page', () => {
  it('links an account, shows that it broke, and mends it; axe finds nothing wrong on the way', async () => {
    const hub = await stage.hub()
    const page = await stage.window()
    const complaints: string[] = []
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(hub.url)
    await page.getByText('Nothing is linked yet.').waitFor()
    expect(page.url()).toBe(`${new URL(hub.url).origin}/`)
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Add' }).click()
    await page.getByRole('menuitem').first().waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')

    await link(page, hub)
    await page.getByText('Running', { exact: true }).waitFor()
    await page.locator('[data-id="state-loaded.running"].active').waitFor()
    expect(await violations(page)).toEqual([])

    await page.getByRole('button', { name: 'Change alice’s password' }).click()
    const banner = page.getByRole('region', { name: 'One entry needs you' })
    await banner.getByRole('button', { name: 'Repair alice' }).click()
    await password(page).waitFor()
    expect(await violations(page)).toEqual([])
    await password(page).fill('mistyped')
    await page.keyboard.press('Enter')
    await page.getByText('The service refused these credentials.').waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByLabel('User name').fill('bob')
    await password(page).fill('latchkey')
    await page.keyboard.press('Enter')
    await page.getByText('These credentials belong to another account.').waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })

    await page.getByRole('button', { name: 'Actions for alice' }).click()
    expect(await violations(page)).toEqual([])
    await page.getByRole('menuitem', { name: 'Reauthenticate' }).click()
    await password(page).fill((await accepted(hub)).mqtt.accounts[0]?.password ?? '')
    await page.keyboard.press('Enter')
    await page.getByText('The new credentials work and have been saved.').waitFor()
    await page.keyboard.press('Enter')
    await banner.waitFor({ state: 'detached' })
    await page.getByText('Running', { exact: true }).waitFor()
    expect(complaints).toEqual([])
  }, 120_000)

  it('is used by keyboard alone', async () => {
    const hub = await stage.hub()
    const page = await stage.window()
    const { mqtt } = await accepted(hub)
    const press = (...keys: string[]) =>
      keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve())
    const focusOn = async (name: string) => {
      for (let tries = 0; tries < 30; tries++) {
        const focused = await page.evaluate(
          "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent",
        )
        if (focused === name) return expect(await isSeen(page)).toBe(true)
        await press('Tab')
      }
      throw new Error(`${name} cannot be reached.`)
    }
    await page.goto(hub.url)
    await page.getByText('Nothing is linked yet.').waitFor()
    await focusOn('Add')
    await press('Enter')
    await page.getByRole('menuitem', { name: 'MQTT account' }).and(page.locator(':focus')).waitFor()
    await press('Enter')
    await page.getByLabel('Address').and(page.locator(':focus')).waitFor()
    await page.keyboard.type(mqtt.address)
    await press('Tab')
    await page.keyboard.type('alice')
    await press('Tab')
    await page.keyboard.type('latchkey')
    await press('Enter')
    await page.getByText('alice is linked.').waitFor()
    await press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })

    await focusOn('Actions for alice')
    await press('Enter')
    await page.getByRole('menuitem', { name: 'Reauthenticate' }).and(page.locator(':focus')).waitFor()
    await press('ArrowDown', 'ArrowDown')
    await page.getByRole('menuitem', { name: 'Rename' }).and(page.locator(':focus')).waitFor()
    await press('Enter')
    await page.getByLabel('New name').and(page.locator(':focus')).waitFor()
    await press('Control+a')
    await page.keyboard.type('Thermometer')
    await press('Enter')
    await page.getByText('Thermometer', { exact: true }).waitFor()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await focusOn('Actions for Thermometer')
    await press('Enter')
    await page.getByRole('menuitem', { name: 'Reauthenticate' }).and(page.locator(':focus')).waitFor()
    await press('ArrowUp')
    await page.getByRole('menuitem', { name: 'Remove' }).and(page.locator(':focus')).waitFor()
    await press('Enter')
    await page.getByRole('button', { name: 'Cancel' }).and(page.locator(':focus')).waitFor()
    await press('Tab', 'Enter')
    await page.getByText('Nothing is linked yet.').waitFor()
  }, 120_000)

  it('speaks German, fits a phone, and remembers both language and appearance', async () => {
    const hub = await stage.hub()
    const page = await stage.window({ width: 390 })
    await page.goto(hub.url)
    await link(page, hub)
    expect(await fits(page)).toBe(true)
    await page.getByLabel('Language').selectOption('de')
    await page.getByRole('heading', { name: 'Verknüpfte Konten' }).waitFor()
    await page.getByLabel('Darstellung').selectOption('dark')
    await page.reload()
    await page.getByText('Läuft', { exact: true }).waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('de')
    expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark')
    expect(await fits(page)).toBe(true)
    await page.getByRole('button', { name: 'Aktionen für alice' }).click()
    await page.getByRole('menuitem', { name: 'Neu anmelden' }).click()
    await page.getByText('Neu anmelden: alice').waitFor()
    expect(await fits(page)).toBe(true)
  }, 120_000)

  it('says so where it has no key, or one that is not valid any more', async () => {
    const hub = await stage.hub()
    const { origin } = new URL(hub.url)
    const page = await stage.window({ language: 'de-AT' })
    await page.goto(`${origin}/`)
    await page.getByRole('heading', { name: 'Diese Seite braucht ihren Schlüssel' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.goto(`${origin}/#token=${'x'.repeat(43)}`)
    await page.getByRole('heading', { name: 'Dieser Schlüssel gilt nicht mehr' }).waitFor()
    await page.goto(hub.url)
    await page.getByText('Noch ist nichts verknüpft.').waitFor()
    expect(page.url()).toBe(`${origin}/`)
  }, 120_000)

  it('says that the connection is lost, and heals', async () => {
    const hub = await stage.hub()
    const { port, hash } = new URL(hub.url)
    const wire = await wireTo(Number(port))
    try {
      const page = await stage.window()
      await page.goto(`http://127.0.0.1:${wire.port}/${hash}`)
      await link(page, hub)
      wire.break()
      await page.getByText('Connection lost, trying again …').waitFor()
      expect(await violations(page)).toEqual([])
      const [entry] = (await hub.latchkey.entries.list()).items
      await hub.latchkey.entries.update(entry?.entryId ?? '', { title: 'Renamed meanwhile' })
      wire.cut = false
      await page.getByText('Renamed meanwhile', { exact: true }).waitFor()
      await page.getByText('Connection lost').waitFor({ state: 'detached' })
    } finally {
      wire.stop()
    }
  }, 120_000)
})

/** Whether somebody sees where the focus is. */
const isSeen = (page: Page) =>
  page.evaluate(`(() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement)
    return outlineStyle !== 'none' && outlineWidth !== '0px'
  })()`)
