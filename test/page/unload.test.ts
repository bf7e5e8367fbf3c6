import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser } from 'playwright-core'
import * as z from 'zod'
import { defineIntegration } from '../../src/index.ts'
import { openOver } from './open-over.ts'
import { startBrowser } from './open-page.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

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
