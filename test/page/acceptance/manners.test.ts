import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { createLatchkey, memoryStore } from '../../../src/index.ts'
import { ScriptedService } from '../../../src/testing/index.ts'
import { household } from '../household.ts'
import { startBrowser } from '../open-page.ts'
import { wireTo } from '../wire.ts'
import { act, dialogOf, openPage, panelOf, rowsOf, serve, submit, toastsOf } from './stage.ts'

let browser: Browser
let home: Awaited<ReturnType<typeof serve>>
let scripted: Awaited<ReturnType<typeof serve>>
let entryId = ''
const service = new ScriptedService()
beforeAll(async () => {
  browser = await startBrowser()
  home = await serve(await household())
  service.accounts.set('good', 'account-1')
  scripted = await serve(await createLatchkey({ integrations: [service.integration], store: memoryStore() }))
  const { flows } = scripted.latchkey
  const form = await flows.start({ domain: 'scripted', source: 'user' })
  const end = await flows.submit(form.flowId, { host: 'hub', token: 'good' }, { revision: form.revision })
  entryId = end.entryId ?? ''
})
afterAll(async () => {
  await browser.close()
  await home[Symbol.asyncDispose]()
  await scripted[Symbol.asyncDispose]()
})

async function open(served = home, address = '') {
  const opened = await openPage(browser, served.at(address))
  await rowsOf(opened.page).first().waitFor()
  return opened
}
/** The name of the element with the focus. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const { activeElement: at } = document
    return at === null || at === document.body
      ? ''
      : (at.getAttribute('aria-label') ?? at.textContent ?? '').trim()
  })

describe('a dialog', () => {
  it('names its steps in order while it works, can be cancelled, and does not animate if motion is reduced', async () => {
    await using opened = await open(scripted)
    const { page } = opened
    await scripted.latchkey.flows.start({ source: 'reauth', entryId })
    await act(page, 'Sign in again')
    await page.locator('#latchkey_token').fill('good')
    service.script({ held: { connect: 'account-1' } })
    await submit(page)
    const steps = dialogOf(page).getByRole('list').getByRole('listitem')
    await steps.getByText('Checking Scripted…').waitFor()
    expect((await steps.allInnerTexts()).map((text) => text.trim().split('\n')[0])).toEqual([
      'Checking Scripted…',
      'Save',
      'Connect',
    ])
    await dialogOf(page).getByRole('button', { name: 'Cancel' }).waitFor()
    const moving = await page.evaluate(
      () =>
        document
          .getAnimations()
          .filter(
            (one) => one.playState === 'running' && Number(one.effect?.getComputedTiming().duration) > 0,
          ).length,
    )
    expect(moving).toBe(0)
    service.release()
    // It closes without a click, and a toast confirms it.
    await dialogOf(page).waitFor({ state: 'detached', timeout: 5_000 })
    await toastsOf(page).getByText('Scripted is connected again.').waitFor()
  })

  it('closes with the back button, as the picker and the page of a connection do, one at a time', async () => {
    await using opened = await open()
    const { page } = opened
    await rowsOf(page).nth(1).getByRole('link').click()
    const heading = page.getByRole('heading', { name: 'Details' })
    await heading.waitFor()
    await page.getByRole('button', { name: 'Edit settings' }).click()
    await page.locator('#latchkey_host').waitFor()
    await page.goBack()
    await dialogOf(page).waitFor({ state: 'detached' })
    await heading.waitFor()
    await page.goBack()
    await page.getByRole('heading', { level: 1, name: 'Connections' }).waitFor()
    await page.getByRole('button', { name: 'Add connection' }).click()
    await dialogOf(page).getByRole('option').first().waitFor()
    await page.goBack()
    await dialogOf(page).waitFor({ state: 'detached' })
    await page.getByRole('heading', { level: 1, name: 'Connections' }).waitFor()
  })

  it.each(['Edit settings', 'Sign in again'])('returns the focus after “%s”', async (item) => {
    await using opened = await open()
    const { page } = opened
    const opener = page.getByRole('button', { name: /^Actions for/ }).first()
    await act(page, item)
    await dialogOf(page).getByRole('button').first().waitFor()
    await page.waitForTimeout(200)
    await page.keyboard.press('Escape')
    await dialogOf(page).waitFor({ state: 'detached' })
    await opener.and(page.locator(':focus')).waitFor()
  })
})

describe('the page', () => {
  it('says after a second that Latchkey is away, marks impossible actions, and tries again', async () => {
    const { port, hash } = new URL(home.at())
    const wire = await wireTo(Number(port))
    try {
      await using opened = await openPage(browser, `http://127.0.0.1:${wire.port}/${hash}`)
      const { page } = opened
      await rowsOf(page).first().waitFor()
      const bar = page.getByText('Latchkey isn’t responding.').first()
      // A short gap.
      wire.break()
      await page.waitForTimeout(300)
      wire.cut = false
      expect(await bar.count()).toBe(0)
      await page.waitForTimeout(2_500)
      expect(await bar.count()).toBe(0)
      wire.break()
      await bar.waitFor()
      const add = page.getByRole('button', { name: 'Add connection' }).first()
      expect(await add.getAttribute('aria-disabled')).toBe('true')
      const again = page.getByRole('button', { name: 'Try now', exact: true }).first()
      await again.waitFor()
      wire.cut = false
      // The page may return by itself before the click.
      await page.evaluate(() => document.querySelector<HTMLElement>('.away-try')?.click())
      await bar.waitFor({ state: 'detached' })
      await page.locator('[data-add]:not([aria-disabled])').waitFor()
    } finally {
      wire.stop()
    }
  })

  it('is reached with the Tab key from the top: menu, Add, panel, discoveries, search, filters, grouping, list', async () => {
    await using opened = await open()
    const { page } = opened
    await panelOf(page, 3).waitFor()
    const reached: string[] = []
    for (let press = 0; press < 20; press++) {
      await page.keyboard.press('Tab')
      const name = await page.evaluate(() => {
        const { activeElement: at } = document
        if (at?.closest('[data-entry]') != null) return 'row'
        if (at?.getAttribute('type') === 'search') return 'search'
        if (at?.getAttribute('type') === 'radio' || at?.getAttribute('role') === 'radio') return 'filter'
        if (at?.getAttribute('role') === 'combobox' || at?.tagName === 'SELECT') return 'grouping'
        return (at?.getAttribute('aria-label') ?? at?.textContent ?? '').trim()
      })
      reached.push(name)
      if (name === 'row') break
    }
    const order = [
      'Skip to content',
      'Language and appearance',
      'Add connection',
      /^Show all/,
      /^Review/,
      /^Reconnect/,
      /^Ignore/,
      /^Add /,
      'search',
      'filter',
      'grouping',
      'row',
    ]
    const places = order.map((name) =>
      reached.findIndex((one) =>
        typeof name === 'string' ? one === name : name.test(one) && one !== 'Add connection',
      ),
    )
    expect(reached.filter((name) => name === 'filter')).toHaveLength(1)
    expect({ reached, places }).toEqual({ reached, places: [...places].sort((one, other) => one - other) })
    expect(places).not.toContain(-1)
  })

  it('ignores single keys in a field and in a dialog', async () => {
    await using opened = await open()
    const { page } = opened
    const search = page.getByRole('searchbox')
    await search.fill('')
    await page.keyboard.type('a?x/')
    expect(await search.inputValue()).toBe('a?x/')
    expect(await dialogOf(page).count()).toBe(0)
    await search.fill('')
    await act(page, 'Rename')
    await dialogOf(page).getByRole('button', { name: 'Cancel' }).focus()
    await page.keyboard.type('a?/')
    expect(await dialogOf(page).count()).toBe(1)
  })

  it.each(['light', 'dark'] as const)(
    'has no text whose contrast axe cannot measure, %s',
    async (colorScheme) => {
      await using opened = await openPage(browser, home.at(), { colorScheme })
      const { page } = opened
      await rowsOf(page).first().waitFor()
      await page.waitForTimeout(300)
      const unsure = async () => {
        await page.evaluate(axe.source)
        const { incomplete } = (await page.evaluate(
          'axe.run(document, { runOnly: ["color-contrast"] })',
        )) as axe.AxeResults
        return incomplete.flatMap(({ nodes }) => nodes.map(({ target }) => target.join(' ')))
      }
      expect(await unsure()).toEqual([])
      await rowsOf(page).first().getByRole('link').click()
      await page.getByRole('heading', { name: 'Details' }).waitFor()
      expect(await unsure()).toEqual([])
    },
  )

  it('names each state in a text, and shows the focus, without its colors', async () => {
    await using opened = await openPage(browser, home.at(), { forcedColors: 'active' })
    const { page } = opened
    await rowsOf(page).first().waitFor()
    for (const text of await rowsOf(page).allInnerTexts())
      expect(text).toMatch(/Connected|Sign-in required|Retrying|Connecting…/)
    const add = page.getByRole('button', { name: 'Add connection' }).first()
    const box = await add.boundingBox()
    const clip = {
      x: (box?.x ?? 8) - 8,
      y: (box?.y ?? 8) - 8,
      width: (box?.width ?? 0) + 16,
      height: (box?.height ?? 0) + 16,
    }
    const before = await page.screenshot({ clip })
    for (let press = 0; press < 5 && !(await focused(page)).includes('Add connection'); press++)
      await page.keyboard.press('Tab')
    expect((await page.screenshot({ clip })).equals(before)).toBe(false)
  })

  it('has a machine-readable time for each age, and the language of its texts', async () => {
    await using opened = await open()
    const { page } = opened
    await rowsOf(page).first().getByRole('link').click()
    await page.getByRole('heading', { name: 'Details' }).waitFor()
    await page.locator('time').first().waitFor()
    const times = await page
      .locator('time')
      .evaluateAll((all) => all.map((time) => Date.parse(time.getAttribute('datetime') ?? '')))
    expect(times.every((time) => time > 0)).toBe(true)
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en')
  })
})
