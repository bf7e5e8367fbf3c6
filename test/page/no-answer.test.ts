import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { act, dialogOf, Example, openPage, repair, rowsOf, submit, toastsOf } from './acceptance/stage.ts'
import { startBrowser } from './open-page.ts'

let browser: Browser
let example: Example
beforeAll(async () => {
  browser = await startBrowser()
  example = await Example.start()
})
afterAll(async () => {
  await browser.close()
  await example[Symbol.asyncDispose]()
})

const UNKNOWN = 'Latchkey hasn’t answered. The change may or may not be saved.'
const MAYBE = 'It may not have arrived.'
/** The deadline of a change, in milliseconds. */
const CHANGE = 120_000

/** Lets the page wait only briefly for the answer to a change. It runs in the browser. */
function hurry(change: number) {
  const { timeout } = AbortSignal
  AbortSignal.timeout = (ms) => timeout.call(AbortSignal, ms === change ? 300 : ms)
}

/** Opens the page with a connection, in front of a server that never answers a change. */
async function openSilent() {
  await example.clear()
  const entryId = await example.addDevice()
  const opened = await openPage(browser, 'about:blank')
  const { page } = opened
  await page.addInitScript(hurry, CHANGE)
  await page.goto(example.home.hub.url)
  await rowsOf(page).first().waitFor()
  const silence = () =>
    page.route(/\/(flows|entries|webhooks)\b/, (route) =>
      route.request().method() === 'GET' ? route.continue() : undefined,
    )
  const answer = () => page.unrouteAll({ behavior: 'ignoreErrors' })
  return { ...opened, entryId, silence, answer }
}

const rename = async (page: Page): Promise<void> => {
  await dialogOf(page).getByLabel('Name').fill('Hall hub')
  await dialogOf(page).getByRole('button', { name: 'Save' }).click()
}
const toast = (page: Page, text: string) => toastsOf(page).filter({ hasText: text }).first().waitFor()

describe('a server that never answers a change', () => {
  it('leaves the picker usable', async () => {
    await using silent = await openSilent()
    const { page } = silent
    await silent.silence()
    await page.getByRole('button', { name: 'Add connection' }).click()
    await dialogOf(page).getByRole('option', { name: 'MQTT' }).click()
    await dialogOf(page).getByRole('alert').filter({ hasText: UNKNOWN }).waitFor()
    await silent.answer()
    await dialogOf(page).getByRole('option', { name: 'MQTT' }).click()
    await dialogOf(page).locator('input[type=password]').waitFor()
    expect((await example.latchkey.flows.list()).items).toHaveLength(1)
  })

  it('keeps the input of a form, which can be sent again or closed', async () => {
    await using silent = await openSilent()
    const { page } = silent
    await example.play('device-revoke')
    await repair(page)
    const { device } = await example.services()
    await page.locator('#latchkey_apiToken').fill(device.token)
    await silent.silence()
    await submit(page)
    await dialogOf(page).getByRole('alert').filter({ hasText: MAYBE }).waitFor()
    expect(await page.locator('#latchkey_apiToken').inputValue()).toBe(device.token)
    await dialogOf(page).getByRole('button', { name: 'Close', exact: true }).click()
    await dialogOf(page).waitFor({ state: 'detached' })
    await silent.answer()
    await repair(page)
    await page.locator('#latchkey_apiToken').fill(device.token)
    await submit(page)
    await toast(page, 'Living room hub is connected again.')
  })

  it('ends Cancel, which can be repeated', async () => {
    await using silent = await openSilent()
    const { page } = silent
    await act(page, 'Edit settings')
    await dialogOf(page).locator('input').first().waitFor()
    await silent.silence()
    const cancel = dialogOf(page).getByRole('button', { name: 'Cancel' })
    await cancel.click()
    await dialogOf(page).getByRole('alert').filter({ hasText: 'Latchkey' }).waitFor()
    await silent.answer()
    await cancel.click()
    await dialogOf(page).waitFor({ state: 'detached' })
  })

  it('reports a rename, a removal and a disabled connection as unknown, and lets the user repeat them', async () => {
    await using silent = await openSilent()
    const { page } = silent
    await silent.silence()
    await act(page, 'Rename')
    await rename(page)
    await toast(page, UNKNOWN)
    await silent.answer()
    await rename(page)
    await toast(page, 'Renamed to Hall hub')
    await silent.silence()
    await act(page, 'Disable')
    await toast(page, UNKNOWN)
    await silent.answer()
    await act(page, 'Disable')
    await toast(page, 'Hall hub disabled')
    await silent.silence()
    await act(page, 'Remove')
    await dialogOf(page).getByRole('button', { name: 'Remove' }).click()
    await toast(page, UNKNOWN)
    await silent.answer()
    await dialogOf(page).getByRole('button', { name: 'Remove' }).click()
    await toast(page, 'Hall hub removed')
  })

  it('does not keep the dialog of a repair link open', async () => {
    await using silent = await openSilent()
    const { page } = silent
    await example.play('device-revoke')
    await page
      .getByRole('button', { name: /^Reconnect/ })
      .first()
      .waitFor()
    await silent.silence()
    await act(page, 'Ask someone else')
    await toast(page, UNKNOWN)
    await dialogOf(page).getByRole('button', { name: 'Close', exact: true }).last().click()
    await silent.answer()
    await act(page, 'Ask someone else')
    await dialogOf(page).getByRole('textbox').waitFor()
  })
})
