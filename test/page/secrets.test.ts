import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Locator } from 'playwright-core'
import * as z from 'zod'
import { defineIntegration, InvalidAuthError, secret } from '../../src/index.ts'
import { lockHub, seen } from '../cli/lock-hub.ts'
import { addBy, openOver } from './open-over.ts'
import { done, startBrowser } from './open-page.ts'
import { violations } from './violations.ts'

const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n  hkiG9w0BAQEFAASC\n\n-----END PRIVATE KEY-----\n'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

const isMasked = (field: Locator) =>
  field.evaluate((element) => getComputedStyle(element).getPropertyValue('-webkit-text-security') === 'disc')

describe('a secret of several lines', () => {
  it('is masked until the user shows it, and is stored as it was pasted', () => {
    const stored: string[] = []
    const integration = defineIntegration({
      domain: 'keyed',
      title: 'Keyed',
      fields: z.object({
        key: secret().meta({ title: 'Private key', multiline: true }),
        pin: secret(z.string().regex(/^\d+$/)).meta({ title: 'PIN', helpUrl: 'https://keyed.example/pin' }),
        kind: z
          .enum(['rsa', 'ed25519'])
          .optional()
          .meta({ title: 'Kind', description: 'As the key file names it' }),
      }),
      connect: async ({ key }) => {
        stored.push(key.reveal())
        return { client: null, uniqueId: 'a' }
      },
    })
    return openOver(browser, [integration], async (page) => {
      await addBy(page, 'Keyed')
      const field = page.locator('textarea#latchkey_key')
      await field.waitFor()
      expect(await field.evaluate((element) => element === document.activeElement)).toBe(true)
      const help = page.getByRole('link', { name: 'Learn more: PIN' })
      expect(await help.getAttribute('href')).toBe('https://keyed.example/pin')
      await page.getByText('As the key file names it').waitFor()
      await page.keyboard.insertText(key)
      expect(await isMasked(field)).toBe(true)
      expect(await violations(page)).toEqual([])
      await page.getByRole('button', { name: 'Show Private key' }).click()
      expect(await isMasked(field)).toBe(false)
      const pin = page.locator('#latchkey_pin')
      const attributes = ['type', 'autocomplete', 'inputmode']
      expect(await Promise.all(attributes.map((name) => pin.getAttribute(name)))).toEqual([
        'password',
        'current-password',
        'numeric',
      ])
      await pin.fill('1')
      await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click()
      await done(page, 'is connected.')
      expect(stored).toEqual([key])
    })
  })
})

describe('a stored optional secret', () => {
  it('stays if the user leaves it empty, and removed with its button', () =>
    openOver(browser, [lockHub], async (page, latchkey) => {
      const dialog = page.getByRole('dialog')
      await addBy(page, 'Lock Hub')
      expect(await dialog.getByRole('button', { name: 'Remove Safe word' }).count()).toBe(0)
      await page.locator('#latchkey_password').fill('first')
      await page.locator('#latchkey_safeWord').fill('plum')
      await page.keyboard.press('Enter')
      await done(page, 'is connected.')
      const [entry] = (await latchkey.entries.list()).items
      const reconnect = async () => {
        await latchkey.entries.requestReauth(entry?.entryId ?? '')
        await page
          .getByRole('button', { name: /^Reconnect/ })
          .first()
          .click()
      }
      await reconnect()
      await dialog.getByText('A value is saved. It stays if you leave this empty.').waitFor()
      expect(await violations(page)).toEqual([])
      await page.locator('#latchkey_password').fill('second')
      await page.keyboard.press('Enter')
      await done(page, 'is connected again.')
      expect(seen.at(-1)).toEqual({ password: 'second', safeWord: 'plum' })
      await reconnect()
      await page.locator('#latchkey_safeWord').fill('not this')
      await dialog.getByRole('button', { name: 'Remove Safe word' }).click()
      await dialog.getByText('The saved value will be removed.').waitFor()
      await dialog.getByRole('button', { name: 'Keep Safe word' }).click()
      await dialog.getByRole('button', { name: 'Remove Safe word' }).click()
      await page.locator('#latchkey_password').fill('third')
      await page.keyboard.press('Enter')
      await done(page, 'is connected again.')
      expect(seen.at(-1)).toEqual({ password: 'third', safeWord: undefined })
    }))
})

describe('a typed secret', () => {
  it('stays if the service refuses that of another window', () => {
    const integration = defineIntegration({
      domain: 'shared',
      title: 'Shared',
      fields: z.object({ pin: secret() }),
      connect: async () => {
        throw new InvalidAuthError()
      },
    })
    return openOver(browser, [integration], async (page, latchkey) => {
      await addBy(page, 'Shared')
      const pin = page.locator('#latchkey_pin')
      await pin.fill('typed')
      const [flow] = (await latchkey.flows.list()).items
      if (flow === undefined) throw new Error('There is no flow.')
      await latchkey.flows.submit(flow.flowId, { pin: 'of another window' }, flow)
      await page.getByText('Shared rejected this').waitFor()
      expect(await pin.inputValue()).toBe('typed')
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.waitForFunction(
        () => document.querySelector<HTMLInputElement>('#latchkey_pin')?.value === '',
      )
    })
  })
})
