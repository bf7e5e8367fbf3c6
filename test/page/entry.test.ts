import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import * as z from 'zod'
import {
  createLatchkey,
  defineIntegration,
  type Latchkey,
  memoryPlace,
  memoryStore,
  RateLimitedError,
} from '../../src/index.ts'
import { lockHub } from '../cli/lock-hub.ts'
import { roomsHub } from '../cli/rooms-hub.ts'
import { openKept } from './kept-page.ts'
import { addBy, openOver } from './open-over.ts'
import { done, Home, startBrowser } from './open-page.ts'
import { violations } from './violations.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

/** An integration with options. Its service can be switched off. */
function lampHub(service: { isOff: boolean } = { isOff: false }) {
  return defineIntegration({
    domain: 'lamp_hub',
    title: 'Lamp Hub',
    docs: 'https://lamps.example/docs',
    fields: z.object({ host: z.string() }),
    connect: async ({ host }) => {
      if (service.isOff) throw new RateLimitedError(600)
      return { client: {}, uniqueId: host, title: `Lamps at ${host}`, account: `owner@${host}` }
    },
    options: z.object({ interval: z.int().min(1).default(60).meta({ title: 'Interval' }) }),
  })
}

/** An integration whose options have two pages. */
const stripHub = defineIntegration({
  domain: 'strip_hub',
  title: 'Strip Hub',
  fields: z.object({ host: z.string() }),
  connect: async ({ host }) => ({ client: {}, uniqueId: host, title: `Strips at ${host}` }),
  options: z.object({ interval: z.int().default(60), label: z.string().optional() }),
  optionsPages: { timing: ['interval'], look: ['label'] },
})

async function add(latchkey: Latchkey, host = 'attic', domain = 'lamp_hub'): Promise<string> {
  const form = await latchkey.flows.start({ domain, source: 'user' })
  const end = await latchkey.flows.submit(form.flowId, { host }, { revision: form.revision })
  return end.entryId ?? ''
}

/** Opens the page of an entry by its row. */
async function show(page: Page, name = 'Lamps at attic'): Promise<void> {
  await page.getByRole('link', { name }).click()
  await page.getByRole('heading', { level: 1, name }).waitFor()
}

const history = (page: Page) => page.getByRole('region', { name: 'History' })
const rows = (page: Page) => history(page).getByRole('listitem')

describe('the page of a connection', () => {
  it('shows the next step of a broken connection, and repairs it', async () => {
    await using home = await Home.open()
    const { page, close } = await openKept(browser, { viewport: { width: 1200, height: 900 } })
    await page.goto(home.hub.url)
    await home.linkDevice(page)
    await home.breakDevice(page)
    await show(page, 'Living room hub')
    const note = page.getByRole('note')
    await note.getByText('no longer accepts the saved').waitFor()
    await note.getByRole('button', { name: 'Try saved sign-in again' }).click()
    await page.getByRole('alert').getByText('My Hub still rejects the saved sign-in').waitFor()
    await note.getByRole('button', { name: 'Ask someone else' }).click()
    await page.getByRole('dialog').getByText('This link reconnects only Living room hub.').waitFor()
    await page.keyboard.press('Escape')
    await note.getByRole('button', { name: 'Reconnect Living room hub' }).click()
    await page.locator('#latchkey_apiToken').fill((await home.services(page)).device.token)
    await page.keyboard.press('Enter')
    await done(page, /works|connected again/)
    await note.waitFor({ state: 'detached' })
    await rows(page).first().getByText('Reconnected').waitFor()
    // Without the code of its result.
    expect(await rows(page).first().innerText()).not.toContain('repaired')
    const details = page.getByRole('region', { name: 'Details' })
    await details.getByText((await home.services(page)).device.host).waitFor()
    await close()
  })

  it('names the part of its saved data that an update of the integration does not fit', async () => {
    const place = memoryPlace()
    const before = await createLatchkey({ integrations: [lampHub()], store: memoryStore(place) })
    const entryId = await add(before)
    await before.stop()
    const migrate = { 1: () => ({ options: { interval: 0 } }) }
    const updated = { ...lampHub(), version: 2, migrate }
    const use = async (page: Page, latchkey: Latchkey) => {
      await latchkey.entries.setup(entryId)
      const panel = page.getByRole('region', { name: /needs? attention/ })
      await panel.getByText('/options/interval').waitFor()
      await show(page)
      await page.getByRole('note').getByText('/options/interval').waitFor()
    }
    await openOver(browser, [updated], use, {}, {}, memoryStore(place))
  })

  it('shows the id of its account if another account has the same name', () => {
    const connect = async ({ host }: { readonly host: string }) => ({
      client: {},
      uniqueId: host,
      title: 'Lamps',
    })
    return openOver(browser, [{ ...lampHub(), connect }], async (page, latchkey) => {
      await add(latchkey)
      await show(page, 'Lamps')
      const details = page.getByRole('region', { name: 'Details' })
      await details.getByText('Lamp Hub').waitFor()
      expect(await details.getByText('attic', { exact: true }).count()).toBe(0)
      await add(latchkey, 'cellar')
      await details.getByText('attic', { exact: true }).waitFor()
    })
  })

  it('has tabs that the arrow keys and the address choose, without axe violations and sideways scroll', () =>
    openOver(browser, [lampHub()], async (page, latchkey) => {
      await add(latchkey)
      await show(page)
      const tab = (name: string) => page.getByRole('tab', { name, selected: true })
      await page.getByRole('tab', { name: 'Overview' }).focus()
      const found: Record<string, unknown> = {}
      for (const name of ['Overview', 'Options', 'History', 'Developer']) {
        await tab(name).waitFor()
        await page.getByRole('tabpanel').getByRole('heading').first().waitFor()
        found[name] = await violations(page)
        await page.setViewportSize({ width: 390, height: 844 })
        found[`${name} on a phone`] = await violations(page)
        await page.setViewportSize({ width: 320, height: 600 })
        found[`${name}, width`] = await page.evaluate(() => document.documentElement.scrollWidth)
        await page.setViewportSize({ width: 1200, height: 900 })
        await page.keyboard.press('ArrowRight')
      }
      const bad = Object.entries(found).filter(([, is]) => is !== 320 && String(is) !== '')
      expect(bad).toEqual([])
      await tab('Overview').waitFor()
      await page.keyboard.press('ArrowLeft')
      await tab('Developer').waitFor()
      expect(new URL(page.url()).searchParams.get('tab')).toBe('developer')
      await page.reload()
      await tab('Developer').waitFor()
      await page.goBack()
      await page.getByRole('heading', { level: 1, name: 'Connections' }).waitFor()
    }))

  it('shows the options as a form, whose flow begins with the first change and is there after a reload', () =>
    openOver(browser, [lampHub()], async (page, latchkey) => {
      const entryId = await add(latchkey)
      await page.getByRole('button', { name: /^Actions for/ }).click()
      await page.getByRole('menuitem', { name: 'Options' }).click()
      const interval = page.locator('#latchkey_interval')
      const open = async () => (await latchkey.flows.list()).items.length
      expect(await interval.inputValue()).toBe('60')
      expect(await open()).toBe(0)
      expect(await page.getByRole('dialog').count()).toBe(0)
      expect(await violations(page)).toEqual([])
      // The form with an error keeps the input, and the focus.
      await interval.fill('0')
      await page.getByRole('button', { name: 'Cancel' }).waitFor()
      expect(await open()).toBe(1)
      // The number stays as it was typed, also if the field loses the focus.
      await page.getByRole('button', { name: 'Save' }).click()
      await page.locator('#latchkey_interval-error').getByText('Enter 1 or more.').waitFor()
      await interval.fill('5')
      await page.keyboard.press('Enter')
      await done(page, 'Options saved.')
      await page.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' })
      expect(await interval.inputValue()).toBe('5')
      expect(await latchkey.entries.get(entryId)).toMatchObject({ options: { interval: 5 } })
      await interval.fill('7')
      await page.getByRole('button', { name: 'Cancel' }).click()
      await page.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' })
      expect(await interval.inputValue()).toBe('5')
      expect(await open()).toBe(0)
      await interval.fill('8')
      await page.getByRole('button', { name: 'Cancel' }).waitFor()
      await page.reload()
      await interval.fill('9')
      await page.keyboard.press('Enter')
      await done(page, 'Options saved.')
      expect(await latchkey.entries.get(entryId)).toMatchObject({ options: { interval: 9 } })
    }))

  it('numbers the pages of options that have several', () =>
    openOver(browser, [stripHub], async (page, latchkey) => {
      const entryId = await add(latchkey, 'attic', 'strip_hub')
      await page.getByRole('button', { name: /^Actions for/ }).click()
      await page.getByRole('menuitem', { name: 'Options' }).click()
      await page.getByRole('button', { name: 'Change options' }).click()
      const step = (text: string) => page.locator('.lk-sub').getByText(text).waitFor()
      await step('Step 1 of 2')
      await page.locator('#latchkey_interval').fill('5')
      await page.keyboard.press('Enter')
      await step('Step 2 of 2')
      await page.getByRole('status').getByText('Step 2 of 2').first().waitFor({ state: 'attached' })
      await page.locator('#latchkey_label').fill('Blue')
      await page.keyboard.press('Enter')
      await done(page, 'Options saved.')
      await page.getByRole('button', { name: 'Change options' }).waitFor()
      expect(await latchkey.entries.get(entryId)).toMatchObject({ options: { interval: 5, label: 'Blue' } })
    }))

  it('saves the options that are submitted while their flow opens', () =>
    openOver(browser, [lampHub()], async (page, latchkey) => {
      const entryId = await add(latchkey)
      await page.getByRole('button', { name: /^Actions for/ }).click()
      await page.getByRole('menuitem', { name: 'Options' }).click()
      let pass = () => {}
      const held = new Promise<void>((resolve) => {
        pass = resolve
      })
      await page.route(/\/flows$/, async (route) => {
        await held
        await route.continue()
      })
      await page.locator('#latchkey_interval').fill('5')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Save' }).and(page.locator('[data-loading]')).waitFor()
      pass()
      await done(page, 'Options saved.')
      expect(await latchkey.entries.get(entryId)).toMatchObject({ options: { interval: 5 } })
    }))

  it('shows the newest history first, hides forms that were only opened, and downloads everything', () =>
    openOver(browser, [lampHub()], async (page, latchkey) => {
      const entryId = await add(latchkey)
      await latchkey.entries.update(entryId, { title: 'Lamps' })
      const { flowId } = await latchkey.flows.start({ source: 'options', entryId })
      await latchkey.flows.cancel(flowId)
      await latchkey.entries.requestReauth(entryId)
      await page.getByRole('button', { name: /^Actions for/ }).click()
      await page.getByRole('menuitem', { name: 'History' }).click()
      await rows(page)
        .filter({ hasText: /^Added/ })
        .waitFor()
      const kinds = () =>
        rows(page).evaluateAll((all) => all.map((row) => row.querySelector('.event-what')?.textContent))
      expect(await kinds()).toEqual(['Sign-in required', 'Renamed', 'Added'])
      await history(page).getByRole('button', { name: 'Everything' }).click()
      await rows(page)
        .filter({ hasText: /^Options opened/ })
        .waitFor()
      const all = await kinds()
      expect(all.slice(-4)).toEqual(['Cancelled', 'Options opened', 'Renamed', 'Added'])
      const [saved] = await Promise.all([
        page.waitForEvent('download'),
        history(page).getByRole('button', { name: 'Download' }).click(),
      ])
      expect(saved.suggestedFilename()).toBe(`history-${entryId}.jsonl`)
      const lines = readFileSync(await saved.path(), 'utf8')
        .trimEnd()
        .split('\n')
      expect(lines).toHaveLength(all.length)
      expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ kind: 'entry_created', entryId })
      await latchkey.entries.update(entryId, { title: 'More lamps' })
      // New rows wait while the pointer is on the list.
      await page.mouse.move(0, 0)
      await rows(page)
        .first()
        .filter({ hasText: /^Renamed/ })
        .waitFor()
      const times = await history(page)
        .locator('time')
        .evaluateAll((some) => some.map((time) => time.getAttribute('datetime')))
      expect(times).toHaveLength(all.length + 1)
      expect(times).toEqual([...times].sort().reverse())
    }))

  it('shows older history in steps of 50, and the newest row first in each', () =>
    openOver(browser, [lampHub()], async (page, latchkey) => {
      const entryId = await add(latchkey)
      for (let count = 1; count <= 60; count++)
        await latchkey.entries.update(entryId, { title: `Lamps ${count}` })
      await page.goto(`${new URL(page.url()).origin}/?entry=${entryId}&tab=history`)
      await rows(page).nth(49).waitFor()
      expect(await rows(page).count()).toBe(50)
      expect(
        await rows(page)
          .filter({ hasText: /^Added/ })
          .count(),
      ).toBe(0)
      await history(page).getByRole('button', { name: 'Show older' }).click()
      await rows(page)
        .nth(60)
        .filter({ hasText: /^Added/ })
        .waitFor()
      expect(await rows(page).count()).toBe(61)
      await history(page).getByRole('button', { name: 'Show older' }).waitFor({ state: 'detached' })
    }))

  it('keeps the rows of the history when Latchkey does not answer, and tries again', () =>
    openOver(browser, [lampHub()], async (page, latchkey) => {
      const entryId = await add(latchkey)
      await show(page)
      await rows(page)
        .filter({ hasText: /^Added/ })
        .waitFor()
      await page.route('**/history?*', (route) => route.abort())
      await latchkey.entries.update(entryId, { title: 'Lamps' })
      await history(page).getByRole('alert').getByText('Latchkey isn’t responding.').waitFor()
      expect(await rows(page).count()).toBe(1)
      await page.unroute('**/history?*')
      await history(page).getByRole('button', { name: 'Try again' }).click()
      await rows(page)
        .filter({ hasText: /^Renamed/ })
        .waitFor()
      await history(page).getByRole('alert').waitFor({ state: 'detached' })
    }))

  it('counts down to the next attempt while the service cannot be reached, and connects at once', () => {
    const service = { isOff: false }
    return openOver(browser, [lampHub(service)], async (page, latchkey) => {
      const entryId = await add(latchkey)
      service.isOff = true
      await latchkey.entries.reload(entryId)
      await show(page)
      const note = page.getByRole('note')
      await note.getByText('Too many attempts.').waitFor()
      await note.getByText(/^Next try in \d+/).waitFor()
      service.isOff = false
      await note.getByRole('button', { name: 'Try now: Lamps at attic' }).click()
      await note.waitFor({ state: 'detached' })
      await page.getByText('Connected', { exact: true }).waitFor()
    })
  })

  it('opens the chosen form after another one was left with Escape', () =>
    openOver(browser, [lampHub()], async (page, latchkey) => {
      await add(latchkey)
      await show(page)
      await page.getByRole('button', { name: 'Edit settings' }).click()
      await page.getByRole('heading', { name: 'Edit Lamps at attic' }).waitFor()
      await page.locator('#latchkey_host').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await page.getByRole('button', { name: 'Switch account', exact: true }).click()
      await page.getByRole('heading', { name: 'Switch account for Lamps at attic' }).waitFor()
    }))

  it('keeps the history of a connection that is removed, and at its address', () =>
    openOver(browser, [lampHub()], async (page, latchkey) => {
      await add(latchkey)
      await show(page)
      await loseRemovals(page)
      await page.getByRole('button', { name: 'Remove', exact: true }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
      // The stream knows of the removal.
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      const gone = page.getByRole('heading', { level: 1, name: 'This connection was removed' })
      await gone.waitFor()
      await rows(page).first().getByText('Removed').waitFor()
      await page.reload()
      await gone.waitFor()
      await rows(page).first().getByText('Removed').waitFor()
      expect(await violations(page)).toEqual([])
      await page.goto(new URL('/?entry=no-such-entry', page.url()).href)
      await page.getByText('Nothing is known about it. The address may be wrong.').waitFor()
    }))
})

it('a connection whose saved data cannot be read is removed after a question', () => {
  const store = memoryStore()
  const use = async (page: Page, latchkey: Latchkey) => {
    const entryId = await add(latchkey)
    const record = await store.getEntry('default', entryId)
    const damaged = { ...structuredClone(record), title: 5, revision: 2 } as never
    await store.apply('default', [{ put: 'entry', record: damaged, ifRevision: 1 }])
    await page.reload()
    const panel = page.getByRole('region', { name: '1 connection needs attention' })
    await panel.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await done(page, `${entryId} removed`)
    await panel.waitFor({ state: 'detached' })
    expect(await latchkey.attention.list()).toEqual([])
  }
  return openOver(browser, [lampHub()], use, {}, {}, store)
})

/** Lets removals reach the server, and loses their answers. */
const loseRemovals = (page: Page) =>
  page.route('**/entries/**', async (route) => {
    if (route.request().method() !== 'DELETE') return route.fallback()
    await route.fetch()
    return route.abort()
  })

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
      await history(page).getByText('Hall', { exact: true }).waitFor()
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
      await loseRemovals(page)
      await dialog.getByRole('button', { name: 'Remove' }).click()
      await done(page, 'Loft removed')
      await list.waitFor({ state: 'detached' })
      const { items } = await latchkey.entries.list()
      expect(items).toMatchObject([{ title: 'Home', state: 'loaded', subentries: [] }])
    }))
})

/** A hub whose first connection does not close. */
const stuckHub = () => {
  let connections = 0
  return defineIntegration({
    domain: 'stuck_hub',
    title: 'Stuck Hub',
    fields: z.object({ host: z.string() }),
    async connect() {
      connections++
      const isStuck = connections === 1
      const dispose = async () => {
        if (isStuck) throw new Error('It does not close.')
      }
      return { client: {}, uniqueId: 'hub', dispose }
    },
  })
}

describe('an entry that could not be unloaded', () => {
  it('is released from its menu, and connects again', () =>
    openOver(browser, [stuckHub()], async (page, latchkey) => {
      const form = await latchkey.flows.start({ domain: 'stuck_hub', source: 'user' })
      const end = await latchkey.flows.submit(form.flowId, { host: 'h' }, { revision: form.revision })
      const entryId = end.entryId ?? ''
      await page.getByText('Stuck Hub').first().waitFor()
      const menu = () => page.getByRole('button', { name: 'Actions for Stuck Hub' }).click()
      const release = page.getByRole('menuitem', { name: 'Release connection' })
      await menu()
      await page.getByRole('menuitem', { name: 'Rename' }).waitFor()
      expect(await release.count()).toBe(0)
      await page.keyboard.press('Escape')
      await latchkey.entries.unload(entryId)
      await page.getByText('Couldn’t disconnect').waitFor()
      await menu()
      await release.click()
      await page.getByText('Not connected').waitFor()
      await menu()
      await page.getByRole('menuitem', { name: 'Reconnect now' }).click()
      await page.getByText('Connected', { exact: true }).waitFor()
      expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    }))
})

describe('a requested sign-in', () => {
  it('shows its reason, and ends with the button "Not needed"', () =>
    openOver(browser, [lockHub], async (page, latchkey) => {
      await addBy(page, 'Lock Hub')
      await page.locator('#latchkey_password').fill('first')
      await page.keyboard.press('Enter')
      await done(page, 'is connected.')
      const [entry] = (await latchkey.entries.list()).items
      const entryId = entry?.entryId ?? ''
      await latchkey.entries.requestReauth(entryId, { reason: 'Your plan has changed.' })
      const banner = page.getByRole('region', { name: '1 connection needs attention' })
      await banner.getByText('Your plan has changed.').waitFor()
      expect(await violations(page)).toEqual([])
      await banner.getByRole('button', { name: /^Not needed/ }).click()
      await banner.waitFor({ state: 'detached' })
      expect(await latchkey.attention.list()).toEqual([])
      expect((await latchkey.flows.list()).items).toEqual([])
      expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    }))
})
