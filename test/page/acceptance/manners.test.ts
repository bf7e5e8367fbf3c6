import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { createLatchkey, memoryStore } from '../../../src/index.ts'
import { ScriptedService } from '../../../src/testing/index.ts'
import { household } from '../household.ts'
import { idle, startBrowser } from '../open-page.ts'
import { axeRun, violations } from '../violations.ts'
import { wireTo } from '../wire.ts'
import { announcements, changedSides } from './observed.ts'
import { act, dialogOf, openPage, panelOf, repair, rowsOf, serve, submit, toastsOf } from './stage.ts'

let browser: Browser
let home: Awaited<ReturnType<typeof serve>>
let scripted: Awaited<ReturnType<typeof serve>>
let entryId = ''
const service = new ScriptedService()
beforeAll(async () => {
  browser = await startBrowser()
  home = await serve(await household())
  scripted = await serveOne(service)
  entryId = (await scripted.latchkey.entries.list()).items[0]?.entryId ?? ''
})
afterAll(async () => {
  await browser.close()
  await home[Symbol.asyncDispose]()
  await scripted[Symbol.asyncDispose]()
})

/** Serves a connection of a service. */
async function serveOne(of: ScriptedService) {
  of.accounts.set('good', 'account-1')
  const latchkey = await createLatchkey({ integrations: [of.integration], store: memoryStore() })
  const { flows } = latchkey
  const form = await flows.start({ domain: 'scripted', source: 'user' })
  await flows.submit(form.flowId, { host: 'hub', token: 'good' }, { revision: form.revision })
  return serve(latchkey)
}
async function open(served = home, address = '') {
  const opened = await openPage(browser, served.at(address))
  await rowsOf(opened.page).first().waitFor()
  return opened
}
/** Makes the page learn of changes later. It runs in the browser. */
function delayEvents(delay: number) {
  const { fetch } = window
  window.fetch = async (...request) => {
    const response = await fetch(...request)
    if (!response.url.includes('/events') || response.body === null) return response
    const later = new TransformStream({
      transform: async (chunk, events) => {
        await new Promise((resolve) => setTimeout(resolve, delay))
        events.enqueue(chunk)
      },
    })
    return new Response(response.body.pipeThrough(later), response)
  }
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
    expect(await violations(page)).toEqual([])
    service.release()
    // It closes without a click, and a toast confirms it.
    await dialogOf(page).waitFor({ state: 'detached' })
    await toastsOf(page).getByText('Scripted is connected again.').waitFor()
  })

  it('can be cancelled while it checks, and changes nothing then', async () => {
    await using opened = await open(scripted)
    const { page } = opened
    const before = await scripted.latchkey.entries.get(entryId)
    await act(page, 'Edit settings')
    await page.locator('#latchkey_host').fill('elsewhere')
    await page.locator('#latchkey_token').fill('good')
    service.script({ held: { connect: 'account-1' } })
    await submit(page)
    await dialogOf(page).getByText('Checking Scripted…').first().waitFor()
    await dialogOf(page).getByRole('button', { name: 'Cancel' }).click()
    await dialogOf(page).waitFor({ state: 'detached' })
    service.release()
    expect((await scripted.latchkey.flows.list()).items).toEqual([])
    expect((await scripted.latchkey.entries.get(entryId)).revision).toBe(before.revision)
  })

  it('announces an error once, at most three steps and the result once', async () => {
    await using opened = await open(scripted)
    const { page } = opened
    await act(page, 'Sign in again')
    await page.locator('#latchkey_token').fill('mistyped')
    const said = await announcements(page)
    await submit(page)
    await dialogOf(page).getByText('Scripted rejected this').waitFor()
    await page.locator('#latchkey_token').fill('good')
    service.script({ held: { connect: 'account-1' } })
    await submit(page)
    await dialogOf(page).getByText('Checking Scripted…').first().waitFor()
    service.release()
    await toastsOf(page).getByText('Scripted is connected again.').waitFor()
    const texts = await said()
    const count = (text: RegExp) => texts.filter((one) => text.test(one)).length
    expect({
      texts,
      errors: count(/rejected/),
      steps: count(/Checking|Sav|Connect…/) <= 3,
      ends: count(/connected again/),
    }).toEqual({ texts, errors: 1, steps: true, ends: 1 })
  })

  it('announces a countdown at most twice', async () => {
    // The limit also holds for later flows.
    const limited = new ScriptedService()
    await using served = await serveOne(limited)
    await using opened = await openPage(browser, 'about:blank')
    const { page } = opened
    await page.clock.install()
    await page.goto(served.at())
    await act(page, 'Sign in again')
    await page.locator('#latchkey_token').fill('good')
    limited.script({ rateLimited: 60 })
    const said = await announcements(page)
    await submit(page)
    const button = dialogOf(page).locator('button[type=submit]')
    await button.getByText(/^Try again in \d+ s$/).waitFor()
    const first = await button.innerText()
    await page.clock.runFor(30_000)
    expect(await button.innerText()).not.toBe(first)
    expect((await said()).length).toBeLessThanOrEqual(2)
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

  it.each(['Edit settings', 'Sign in again', 'Rename', 'Remove'])(
    'returns the focus after “%s”',
    async (item) => {
      await using opened = await open()
      const { page } = opened
      const opener = page.getByRole('button', { name: /^Actions for/ }).first()
      await act(page, item)
      await dialogOf(page).locator(':focus').waitFor()
      await page.keyboard.press('Escape')
      await dialogOf(page).waitFor({ state: 'detached' })
      await opener.and(page.locator(':focus')).waitFor()
    },
  )

  it.each([0, 500])(
    'moves the focus to the row of its connection if its opener is removed (%s ms later)',
    async (delay) => {
      await scripted.latchkey.entries.requestReauth(entryId)
      await using opened = await openPage(browser, 'about:blank')
      const { page } = opened
      await page.addInitScript(delayEvents, delay)
      await page.goto(scripted.at(''))
      await repair(page)
      await page.locator('#latchkey_token').fill('good')
      await submit(page)
      await dialogOf(page).waitFor({ state: 'detached' })
      await rowsOf(page).getByRole('link').and(page.locator(':focus')).waitFor()
    },
  )
})

describe('the page', () => {
  it('says after a second that Latchkey is away, marks impossible actions, and tries again', async () => {
    const { port, hash } = new URL(home.at())
    const wire = await wireTo(Number(port))
    try {
      await using opened = await openPage(browser, 'about:blank')
      const { page } = opened
      await page.clock.install()
      const lastChunk = page.waitForResponse(/webhooks-item/)
      await page.goto(`http://127.0.0.1:${wire.port}/${hash}`)
      await rowsOf(page).first().waitFor()
      await lastChunk
      const bar = page.getByText('Latchkey isn’t responding.').first()
      // Less than the timeout of the stream.
      await page.clock.pauseAt(Date.now() + 10_000)
      const lose = async () => {
        const lost = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/events'))
        wire.break()
        await lost
      }
      // A short gap: the page reconnects within half a second.
      await lose()
      wire.cut = false
      const back = page.waitForResponse((answer) => answer.url().endsWith('/events'))
      await page.clock.runFor(550)
      await back
      const [{ entryId: renamed = '', title = '' } = {}] = (await home.latchkey.entries.list()).items
      await home.latchkey.entries.update(renamed, { title: `${title}.` })
      await rowsOf(page).getByText(`${title}.`, { exact: true }).waitFor()
      await home.latchkey.entries.update(renamed, { title })
      await page.clock.runFor(5_000)
      expect(await bar.count()).toBe(0)
      await lose()
      await page.clock.runFor(900)
      expect(await bar.count()).toBe(0)
      await page.clock.runFor(200)
      await bar.waitFor()
      const add = page.getByRole('button', { name: 'Add connection' }).first()
      expect(await add.getAttribute('aria-disabled')).toBe('true')
      const again = page.getByRole('button', { name: 'Try now', exact: true }).first()
      await again.waitFor()
      wire.cut = false
      // The clock stands still, so that the page does not reconnect by itself.
      await again.click()
      await bar.waitFor({ state: 'detached' })
      await page.locator('[data-add]:not([aria-disabled])').waitFor()
    } finally {
      wire.stop()
    }
  })

  it('says why Add opens nothing while Latchkey is away', async () => {
    const served = await serve(await household())
    await using opened = await openPage(browser, served.at())
    const { page } = opened
    await rowsOf(page).first().waitFor()
    // Until the parts that are loaded later are there.
    await idle(page)
    await served[Symbol.asyncDispose]()
    const add = page.locator('[data-add][aria-disabled]').first()
    await add.waitFor()
    // The browser passes on the click to a button that is only marked as disabled.
    await add.dispatchEvent('click')
    await toastsOf(page).getByText('isn’t responding').waitFor()
    expect(await dialogOf(page).count()).toBe(0)
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
    // The toasts come last.
    await act(page, 'Disable')
    await toastsOf(page).waitFor()
    const next: string[] = []
    for (let press = 0; press < 4 && next.at(-1) !== 'Undo'; press++) {
      await page.keyboard.press('Tab')
      next.push(await focused(page))
    }
    expect(next.at(-1)).toBe('Undo')
    await page.keyboard.press('Enter')
    await toastsOf(page)
      .getByText(/enabled$/)
      .waitFor()
  })

  it('can rename, download the history and remove by keyboard only, and never loses the focus', async () => {
    const { flows } = scripted.latchkey
    service.accounts.set('second', 'account-2')
    const form = await flows.start({ domain: 'scripted', source: 'user' })
    await flows.submit(form.flowId, { host: 'attic', token: 'second' }, { revision: form.revision })
    await using opened = await openPage(browser, scripted.at())
    const { page } = opened
    await rowsOf(page).nth(1).waitFor()
    const lost: string[] = []
    const press = async (...keys: string[]) => {
      for (const key of keys) {
        await page.keyboard.press(key)
        if ((await focused(page)) === '') lost.push(key)
      }
    }
    /** Presses a key until an element with this name has the focus. */
    const reach = async (name: RegExp, key = 'Tab') => {
      for (let times = 0; times < 40; times++) {
        if (name.test(await focused(page))) return
        await page.keyboard.press(key)
      }
      throw new Error(`${key} did not reach ${name}.`)
    }
    const menu = async (item: RegExp) => {
      await press('.')
      await page.getByRole('menu').locator(':focus').waitFor()
      await reach(item, 'ArrowDown')
      await page.keyboard.press('Enter')
    }
    await reach(/^Scripted$/)
    await menu(/^Rename$/)
    await dialogOf(page).getByRole('textbox').and(page.locator(':focus')).waitFor()
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('Attic')
    await page.keyboard.press('Enter')
    await dialogOf(page).waitFor({ state: 'detached' })
    const actions = page.getByRole('button', { name: 'Actions for Attic' })
    await actions.and(page.locator(':focus')).waitFor()
    await menu(/^History$/)
    await page.getByRole('button', { name: 'Download', exact: true }).waitFor()
    await reach(/^Download$/)
    const [saved] = await Promise.all([page.waitForEvent('download'), press('Enter')])
    expect(saved.suggestedFilename()).toMatch(/^history-.+\.jsonl$/)
    await reach(/^Actions for Attic$/, 'Shift+Tab')
    await press('Enter')
    await page.getByRole('menu').locator(':focus').waitFor()
    await reach(/^Remove$/, 'ArrowDown')
    await page.keyboard.press('Enter')
    await dialogOf(page).locator(':focus').waitFor()
    await reach(/^Remove$/)
    await page.keyboard.press('Enter')
    await dialogOf(page).waitFor({ state: 'detached' })
    await page.getByRole('heading', { level: 1, name: 'This connection was removed' }).waitFor()
    await page.locator('h1:focus').waitFor()
    expect(lost).toEqual([])
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

  it('has no text whose contrast axe cannot measure', async () => {
    await using opened = await open()
    const { page } = opened
    await idle(page)
    const unsure = async () => {
      const found: string[] = []
      // A toast hides the text below it.
      await toastsOf(page).first().waitFor({ state: 'detached' })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        const incomplete = await axeRun(page, 'incomplete', ['color-contrast'])
        // axe ignores a single character and signs, such as an arrow.
        const isText = ({ any }: axe.NodeResult) =>
          any.every(({ data }) => !['shortTextContent', 'nonBmp'].includes(data?.messageKey))
        for (const { nodes } of incomplete)
          found.push(
            ...nodes
              .filter(isText)
              .map((n) => JSON.stringify([n.target, n.html.slice(0, 300), n.any.map((a) => a.data)])),
          )
      }
      return found
    }
    expect(await unsure()).toEqual([])
    await rowsOf(page).first().getByRole('link').click()
    await page.getByRole('region', { name: 'History' }).getByRole('listitem').first().waitFor()
    expect(await unsure()).toEqual([])
  })

  it.each<readonly [string, BrowserContextOptions, string]>([
    ['forced colors', { forcedColors: 'active' }, ''],
    ['gray', {}, 'grayscale(1)'],
    ['gray in the dark', { colorScheme: 'dark' }, 'grayscale(1)'],
  ])('names each state in a text, and shows a ring around the focus: %s', async (_, options, filter) => {
    await using opened = await openPage(browser, home.at(), options)
    const { page } = opened
    await rowsOf(page).first().waitFor()
    await page.evaluate((value) => {
      document.documentElement.style.filter = value
    }, filter)
    for (const text of await rowsOf(page).allInnerTexts())
      expect(text).toMatch(/Connected|Sign-in required|Retrying|Connecting…/)
    const add = page.getByRole('button', { name: 'Add connection' }).first()
    const sides = await changedSides(browser, add, async () => {
      for (let press = 0; press < 5 && !(await focused(page)).includes('Add connection'); press++)
        await page.keyboard.press('Tab')
    })
    expect(sides).toBe(4)
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
