import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import * as z from 'zod'
import { CannotConnectError, defineIntegration, FormError, secret } from '../../src/index.ts'
import { ScriptedService } from '../../src/testing/index.ts'
import { followUpHub } from '../cli/follow-up-hub.ts'
import { pagesHub } from '../cli/pages-hub.ts'
import { eventually } from '../examples/eventually.ts'
import { addBy, openOver } from './open-over.ts'
import { done, startBrowser } from './open-page.ts'
import { violations } from './violations.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

/** Opens the page with an integration that has menus and several pages. */
const open = (use: (page: Page) => Promise<void>): Promise<void> =>
  openOver(browser, [pagesHub], async (page) => {
    await addBy(page, 'Pages')
    await use(page)
  })

describe('the dialog of a flow that another user works on', () => {
  it('leaves it open when it closes, unless its user has opened it or has taken a step', async () => {
    const service = new ScriptedService()
    service.accounts.set('good', 'ada')
    await openOver(browser, [service.integration], async (page, { flows }) => {
      const setup = await flows.start({ source: 'user', domain: 'scripted' })
      const { entryId } = await flows.submit(setup.flowId, { host: 'hub', token: 'good' }, setup)
      if (entryId === null) throw new Error('The entry was not added.')
      const dialog = page.getByRole('dialog')
      const rejected = dialog.getByText('rejected this')
      const edit = async () => {
        await page.getByRole('button', { name: /^Actions for/ }).click()
        await page.getByRole('menuitem', { name: /^Edit settings/ }).click()
        await page.locator('#latchkey_token').waitFor()
      }
      const close = async () => {
        await dialog.getByRole('button', { name: 'Close' }).click()
        await dialog.waitFor({ state: 'detached' })
      }
      const cancelled = () => eventually(async () => expect((await flows.list()).items).toEqual([]))

      const opened = await flows.start({ source: 'reconfigure', entryId })
      await edit()
      await close()
      const others = await flows.submit(opened.flowId, { host: 'hub', token: 'bad' }, opened)
      await edit()
      await rejected.waitFor()
      await close()
      // If the page had cancelled the flow, a new one without an error would open.
      await edit()
      await rejected.waitFor()
      expect(await flows.get(opened.flowId)).toEqual(others)

      await page.locator('#latchkey_token').fill('worse')
      await page.keyboard.press('Enter')
      await eventually(async () => {
        expect((await flows.get(opened.flowId)).revision).toBeGreaterThan(others.revision)
      })
      await rejected.waitFor()
      await page.reload()
      await rejected.waitFor()
      const { origin, hash } = new URL(page.url())
      await page.goto(`${origin}/mistyped${hash}`)
      await rejected.waitFor()
      await close()
      await cancelled()
      await edit()
      await page.goBack()
      await dialog.waitFor({ state: 'detached' })
      await cancelled()
      await edit()
      await close()
      await cancelled()
    })
  })
})

describe('menus and pages', () => {
  it('lead by keyboard only from the sign-in methods over two pages and back to a new entry', () =>
    open(async (page) => {
      const dialog = page.getByRole('dialog')
      const focused = (name: string) => dialog.getByRole('button', { name }).and(page.locator(':focus'))
      await focused('User name and password').waitFor()
      expect(await violations(page)).toEqual([])
      await page.keyboard.press('Enter')
      await page.locator('#latchkey_username').and(page.locator(':focus')).waitFor()
      await page.keyboard.type('ada')
      await page.keyboard.press('Tab')
      await page.keyboard.type('good-password')
      await page.keyboard.press('Tab')
      await focused('Show Password').waitFor()
      await page.keyboard.press('Space')
      await page.locator('#latchkey_password[type=text]').waitFor()
      await page.keyboard.press('Shift+Tab')
      await page.keyboard.press('Enter')
      await focused('Home of ada').waitFor()
      expect(await violations(page)).toEqual([])
      await dialog.getByRole('button', { name: 'Back' }).click()
      await page.locator('#latchkey_username').waitFor()
      expect(await page.locator('#latchkey_username').inputValue()).toBe('ada')
      expect(await page.locator('#latchkey_password').inputValue()).toBe('')
      await page.locator('#latchkey_password').fill('good-password')
      await page.keyboard.press('Enter')
      await dialog.getByRole('button', { name: 'Work' }).click()
      await done(page, 'Site work is connected.')
    }))

  it('show errors, and lead back to the sign-in methods', () =>
    open(async (page) => {
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('button', { name: 'User name and password' }).click()
      await page.locator('#latchkey_username').fill('ada')
      await page.locator('#latchkey_password').fill('bad-password')
      await page.keyboard.press('Enter')
      await dialog.getByRole('button', { name: 'Work' }).click()
      await dialog.getByText('rejected this').waitFor()
      expect(await violations(page)).toEqual([])
      await dialog.getByRole('button', { name: 'Back' }).click()
      await page.locator('#latchkey_password').waitFor()
      await dialog.getByRole('button', { name: 'Back' }).click()
      await dialog.getByRole('button', { name: 'API token' }).click()
      await page.locator('#latchkey_token').waitFor()
    }))
})

describe('choices of a service', () => {
  it('are loaded after another try, chosen by keyboard, and a refused value is explained at its field', async () => {
    let isAway = true
    const garage = defineIntegration({
      domain: 'garage',
      title: 'Garage',
      fields: z.object({ bay: z.string().meta({ title: 'Bay' }), pin: secret().meta({ title: 'PIN' }) }),
      pages: { bay: ['bay'], pin: ['pin'] },
      choices: {
        bay: async () => {
          if (isAway) throw new CannotConnectError()
          return [
            { value: '10', label: 'By the door', description: 'Ten meters' },
            { value: '2', label: 'In the yard' },
          ]
        },
      },
      texts: {
        en: { error: { wrong_pin: 'Bay {bay} has another PIN.' } },
        de: {
          data: { bay: 'Stellplatz', pin: 'PIN' },
          error: { wrong_pin: 'Stellplatz {bay} hat eine andere PIN.' },
        },
      },
      connect: async ({ bay, pin }) => {
        if (pin.reveal() !== 'right')
          throw new FormError('wrong_pin', { field: 'pin', placeholders: { bay } })
        return { client: bay, uniqueId: bay, title: `Bay ${bay}` }
      },
    })
    const use = async (page: Page): Promise<void> => {
      await page.getByRole('button', { name: 'Verbindung hinzufügen' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('option', { name: 'Garage' }).click()
      await dialog.getByRole('alert').getByText('Die Liste kann nicht geladen werden.').waitFor()
      expect(await dialog.locator('.lk-row').count()).toBe(0)
      expect(await violations(page)).toEqual([])
      isAway = false
      await page.route(/\/flows\//, (route) => route.abort())
      await dialog.getByRole('button', { name: 'Erneut versuchen' }).click()
      // Nothing was typed that could be lost.
      await dialog.getByText('Latchkey antwortet nicht.', { exact: true }).waitFor()
      await page.unroute(/\/flows\//)
      await dialog.getByRole('button', { name: 'Erneut versuchen' }).click()
      // The order of the service, with the focus on the first row.
      await dialog.getByRole('button', { name: 'By the door' }).and(page.locator(':focus')).waitFor()
      expect(await dialog.locator('.lk-row').allInnerTexts()).toEqual([
        expect.stringContaining('Ten meters'),
        expect.stringContaining('In the yard'),
      ])
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await page.locator('#latchkey_pin').and(page.locator(':focus')).waitFor()
      await page.keyboard.type('wrong')
      await page.keyboard.press('Enter')
      await page.locator('#latchkey_pin-error').getByText('Stellplatz 2 hat eine andere PIN.').waitFor()
      expect(await page.locator('#latchkey_pin').inputValue()).toBe('')
      expect(await violations(page)).toEqual([])
      await page.locator('#latchkey_pin').fill('right')
      await page.keyboard.press('Enter')
      await done(page, 'Bay 2 ist verbunden.')
    }
    await openOver(browser, [garage], use, { locale: 'de-DE' })
  })
})

/** An integration with a follow-up flow that adds an account of another integration. */
const first = defineIntegration({
  ...followUpHub,
  domain: 'first_hub',
  title: 'First Hub',
  next: () => ({ source: 'user', domain: 'follow_up_hub' }),
})

describe('a follow-up flow on the page', () => {
  it('opens by keyboard, flow after flow, below the result of the one before', () =>
    openOver(browser, [followUpHub, first], async (page, latchkey) => {
      await addBy(page, 'First Hub')
      const dialog = page.getByRole('dialog')
      const name = page.locator('#latchkey_name').and(page.locator(':focus'))
      for (const given of ['ada', 'zoe']) {
        await name.waitFor()
        await page.keyboard.type(given)
        await page.keyboard.press('Enter')
        await dialog.getByText(`${given} is connected.`).first().waitFor()
      }
      await dialog.getByText('Options for zoe').waitFor()
      await page.locator('#latchkey_interval').fill('5')
      await page.keyboard.press('Enter')
      await done(page, 'Options saved.')
      const { items } = await latchkey.entries.list()
      expect(items.find(({ title }) => title === 'zoe')?.options).toEqual({ interval: 5 })
    }))

  it('has the focus also if the flow before it changed nothing', () =>
    openOver(browser, [{ ...followUpHub, next: () => ({ source: 'options' }) }], async (page) => {
      await addBy(page, 'Follow-up Hub')
      const dialog = page.getByRole('dialog')
      await page.locator('#latchkey_name').fill('zoe')
      await page.keyboard.press('Enter')
      await dialog.getByText('zoe is connected.').first().waitFor()
      for (let time = 0; time < 2; time++) {
        await page.locator('#latchkey_interval').and(page.locator(':focus')).waitFor()
        const shown = await page.locator('[data-flow]').getAttribute('data-flow')
        await dialog.getByRole('button', { name: 'Save' }).click()
        // Unchanged options are not saved.
        await page.locator(`[data-flow]:not([data-flow="${shown}"])`).waitFor()
      }
    }))

  it('is cancelled with the dialog if it is a setup', () =>
    openOver(browser, [followUpHub, first], async (page, latchkey) => {
      await addBy(page, 'First Hub')
      const dialog = page.getByRole('dialog')
      await page.locator('#latchkey_name').fill('ada')
      await page.keyboard.press('Enter')
      await dialog.getByRole('button', { name: 'Not now' }).waitFor()
      expect((await latchkey.flows.list()).items).toHaveLength(1)
      await dialog.getByRole('button', { name: 'Close' }).click()
      await dialog.waitFor({ state: 'detached' })
      await eventually(async () => expect((await latchkey.flows.list()).items).toEqual([]))
      // The next dialog starts with its own first step.
      await addBy(page, 'Follow-up Hub')
      await page.locator('#latchkey_name').waitFor()
      await dialog.getByRole('button', { name: 'Cancel' }).waitFor()
    }))
})
