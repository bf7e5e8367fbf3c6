import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Locator } from 'playwright-core'
import * as z from 'zod'
import { defineIntegration, secret } from '../../src/index.ts'
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
    const seen: string[] = []
    const integration = defineIntegration({
      domain: 'keyed',
      title: 'Keyed',
      fields: z.object({
        key: secret().meta({ title: 'Private key', multiline: true }),
        pin: secret(z.string().regex(/^\d+$/)).meta({ title: 'PIN' }),
      }),
      connect: async ({ key }) => {
        seen.push(key.reveal())
        return { client: null, uniqueId: 'a' }
      },
    })
    return openOver(browser, [integration], async (page) => {
      await addBy(page, 'Keyed')
      const field = page.locator('textarea#latchkey_key')
      await field.waitFor()
      expect(await field.evaluate((element) => element === document.activeElement)).toBe(true)
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
      expect(seen).toEqual([key])
    })
  })
})
