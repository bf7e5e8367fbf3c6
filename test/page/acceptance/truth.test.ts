import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Locator, Page } from 'playwright-core'
import { createLatchkey, memoryStore } from '../../../src/index.ts'
import { ScriptedService, SimulatedClock } from '../../../src/testing/index.ts'
import { eventually } from '../../client/wire-server.ts'
import { startBrowser } from '../open-page.ts'
import { wireTo } from '../wire.ts'
import {
  act,
  dialogOf,
  Example,
  openPage,
  panelOf,
  repair,
  rowsOf,
  serve,
  submit,
  toastsOf,
} from './stage.ts'

let browser: Browser
let example: Example
beforeAll(async () => {
  browser = await startBrowser()
  example = await Example.start()
})
afterEach(() => example.clear())
afterAll(async () => {
  await browser.close()
  await example[Symbol.asyncDispose]()
})

const open = () => openPage(browser, example.home.hub.url)
const row = (page: Page) => rowsOf(page).first()
const says = (page: Page, text: string | RegExp) => row(page).getByText(text).first().waitFor()

/** Returns the content of the file that a button downloads. */
async function saved(page: Page, button: Locator): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), button.click()])
  return readFileSync(await file.path(), 'utf8')
}

describe('the state of a connection', () => {
  it('stops being “Connected” after its device stops, shows when it was last seen, and returns by itself', async () => {
    await example.addDevice()
    await using opened = await open()
    const { page } = opened
    await says(page, 'Connected')
    await example.play('device-stop')
    await says(page, 'Not responding')
    const age = async () => {
      const text = await row(page)
        .getByText(/^Last seen/)
        .innerText()
      return Number(/(\d+)\s?s/.exec(text)?.[1])
    }
    await row(page)
      .getByText(/^Last seen \d+\s?s ago/)
      .waitFor()
    const before = await age()
    await page.waitForFunction(
      (old) =>
        Number(/Last seen (\d+)/.exec(document.querySelector('[data-entry]')?.textContent ?? '')?.[1] ?? 0) >
        old,
      before,
    )
    expect(await row(page).getByText('Connected', { exact: true }).count()).toBe(0)
    expect(await panelOf(page).count()).toBe(0)
    await example.play('device-start')
    await says(page, 'Connected')
  })

  it('counts down to the next attempt, which comes then, or at once with “Try now”', async () => {
    const service = new ScriptedService()
    service.accounts.set('good', 'account-1')
    const clock = new SimulatedClock()
    const store = memoryStore()
    await using served = await serve(
      await createLatchkey({ integrations: [service.integration], store, clock }),
    )
    const { flows, entries } = served.latchkey
    const form = await flows.start({ domain: 'scripted', source: 'user' })
    const values = { host: 'kitchen', token: 'good' }
    const { entryId } = await flows.submit(form.flowId, values, { revision: form.revision })
    service.script(...Array<'cannot_connect'>(2).fill('cannot_connect'))
    await entries.reload(entryId ?? '')
    await using opened = await openPage(browser, 'about:blank')
    const { page } = opened
    // The page has the time of the engine.
    const pass = async (time: number) => {
      clock.increment(time)
      await page.clock.setFixedTime(clock.now())
    }
    await pass(0)
    await page.goto(served.at())
    const next = row(page).getByText(/^Next try in \d+/)
    await next.waitFor()
    const due = Math.floor((await entries.get(entryId ?? '')).retryAt ?? 0)
    expect(Date.parse((await next.getAttribute('datetime')) ?? '')).toBe(due)
    const seconds = Number(/\d+/.exec(await next.innerText())?.[0])
    expect(Math.abs((due - clock.now()) / 1000 - seconds)).toBeLessThanOrEqual(1)
    await pass(2_000)
    await row(page)
      .getByText(new RegExp(`^Next try in ${seconds - 2}\\b`))
      .waitFor()
    await pass(due - clock.now() - 1)
    expect(service.connects).toHaveLength(2)
    await pass(2)
    await eventually(() => expect(service.connects).toHaveLength(3))
    await eventually(async () =>
      expect((await entries.get(entryId ?? '')).retryAt ?? 0).toBeGreaterThan(clock.now()),
    )
    await row(page).getByRole('button', { name: 'Try now: Scripted' }).click()
    await says(page, 'Connected')
    expect(service.connects).toHaveLength(4)
  })

  it('shows a revoked token in the panel, the row and the title within seconds, until the repair', async () => {
    await example.addDevice()
    await using opened = await open()
    const { page } = opened
    await says(page, 'Connected')
    expect(await page.title()).toBe('Connections · Latchkey')
    const { device } = await example.play('device-revoke')
    await panelOf(page).waitFor()
    await says(page, 'Sign-in required')
    await page.waitForFunction(() => document.title === '(1) Connections · Latchkey')
    await repair(page)
    await page.locator('#latchkey_apiToken').fill(device.token)
    await submit(page)
    await says(page, 'Connected')
    await page.waitForFunction(() => document.title === 'Connections · Latchkey')
    await panelOf(page).waitFor({ state: 'detached' })
  })
})

describe('the dialog', () => {
  it('does not report a healthy connection as refused if the user signs in again', async () => {
    await example.addDevice()
    await using opened = await open()
    const { page } = opened
    await act(page, 'Sign in again')
    await page.locator('#latchkey_apiToken').waitFor()
    const text = await page.locator('body').innerText()
    expect(text).toContain('Sign in to Living room hub again.')
    expect(text).not.toMatch(/stopped working|no longer accepts|rejected/)
  })

  it('names both accounts after a sign-in to another one, and returns to the form with one click', async () => {
    const entryId = await example.addDevice()
    const before = await example.latchkey.entries.get(entryId)
    await using opened = await open()
    const { page } = opened
    await act(page, 'Sign in again')
    await page.locator('#latchkey_apiToken').fill((await example.services()).device.neighborsToken)
    await submit(page)
    const dialog = dialogOf(page)
    await dialog.getByText('This connection belongs to').waitFor()
    await dialog.getByText('Living room hub', { exact: true }).waitFor()
    await dialog.getByText('Hub of the neighbors', { exact: true }).waitFor()
    await dialog.getByRole('button', { name: 'Switch to this account…' }).waitFor()
    await dialog.getByRole('button', { name: 'Try again' }).click()
    await page.locator('#latchkey_apiToken').waitFor()
    const after = await example.latchkey.entries.get(entryId)
    for (const key of ['title', 'uniqueId', 'options', 'state'] as const)
      expect(after[key]).toEqual(before[key])
  })

  it('switches to the other account with two clicks, without another sign-in', async () => {
    const entryId = await example.addDevice()
    await using opened = await open()
    const { page } = opened
    await act(page, 'Sign in again')
    await page.locator('#latchkey_apiToken').fill((await example.services()).device.neighborsToken)
    await submit(page)
    const dialog = dialogOf(page)
    await dialog.getByRole('button', { name: 'Switch to this account…' }).click()
    await dialog.getByText('its name becomes Hub of the neighbors').waitFor()
    expect((await example.latchkey.entries.get(entryId)).uniqueId).toBe('hub-1')
    await dialog.getByRole('button', { name: 'Switch to Hub of the neighbors' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(await example.latchkey.entries.get(entryId)).toMatchObject({
      title: 'Hub of the neighbors',
      uniqueId: 'hub-2',
      state: 'loaded',
    })
  })

  it('offers no switch to an account that another connection has, and leads to that one', async () => {
    const neighbors = await example.addDevice((await example.services()).device.neighborsToken)
    const entryId = await example.addDevice()
    await using opened = await open()
    const { page } = opened
    await page.goto(`${new URL(page.url()).origin}/?entry=${entryId}`)
    await page.getByRole('heading', { level: 1, name: 'Living room hub' }).waitFor()
    const form = await example.latchkey.flows.start({ source: 'reauth', entryId })
    await page.goto(`${new URL(page.url()).origin}/#flow=${form.flowId}`)
    await page.locator('#latchkey_apiToken').fill((await example.services()).device.neighborsToken)
    await submit(page)
    const dialog = dialogOf(page)
    await dialog.getByText('Hub of the neighbors is already connected').waitFor()
    expect(await dialog.getByRole('button', { name: 'Switch to this account…' }).count()).toBe(0)
    await dialog.getByRole('button', { name: 'Show Hub of the neighbors' }).click()
    await page.getByRole('heading', { level: 1, name: 'Hub of the neighbors' }).waitFor()
    expect(new URL(page.url()).searchParams.get('entry')).toBe(neighbors)
  })

  it('names a connection that exists, and leads to it', async () => {
    await example.addDevice()
    await using opened = await open()
    const { page } = opened
    const { device } = await example.services()
    await page.getByRole('button', { name: 'Add connection' }).click()
    await page.getByRole('option', { name: 'My Hub' }).first().click()
    await page.locator('#latchkey_host').fill(device.host)
    await page.locator('#latchkey_apiToken').fill(device.token)
    await submit(page)
    await dialogOf(page).getByText('Living room hub is already connected.').waitFor()
    await dialogOf(page).getByRole('button', { name: 'Show Living room hub' }).click()
    await page.getByRole('heading', { level: 1, name: 'Living room hub' }).waitFor()
    await dialogOf(page).waitFor({ state: 'detached' })
  })

  it('names the service that rejected a sign-in, never the connection', async () => {
    await example.addMqtt()
    await using opened = await open()
    const { page } = opened
    await act(page, 'Sign in again')
    await page.locator('#latchkey_password').fill('mistyped')
    await submit(page)
    const alert = dialogOf(page).getByRole('alert')
    await alert.waitFor()
    expect(await alert.innerText()).toMatch(/^(The broker|MQTT account) rejected/)
    expect(await page.locator('body').innerText()).not.toContain('alice rejected')
  })

  it('forgets an error at the first key, and a secret only if the service rejected it', async () => {
    await using opened = await open()
    const { page } = opened
    await page.getByRole('button', { name: 'Add connection' }).first().click()
    await page.getByRole('option', { name: 'My Hub' }).first().click()
    const [host, token] = [page.locator('#latchkey_host'), page.locator('#latchkey_apiToken')]
    await host.fill('garbage host')
    await token.fill('typed')
    await submit(page)
    const error = dialogOf(page).getByText('Enter a host name or IP address').first()
    await error.waitFor()
    expect(await token.inputValue()).toBe('typed')
    await host.fill('127.0.0.1:1')
    await error.waitFor({ state: 'detached' })
    await submit(page)
    const away = dialogOf(page).getByText('Can’t reach 127.0.0.1:1.').first()
    await away.waitFor()
    // The field shows the refused address, which the next input does not go to.
    expect(await dialogOf(page).locator('.lk-sub').innerText()).not.toContain('127.0.0.1:1')
    expect(await token.inputValue()).toBe('typed')
    await host.fill((await example.services()).device.host)
    await away.waitFor({ state: 'detached' })
    await submit(page)
    await dialogOf(page).getByText('My Hub rejected this API token.').waitFor()
    expect(await token.inputValue()).toBe('')
    expect(await host.inputValue()).toBe((await example.services()).device.host)
  })

  it('keeps a secret if the service does not answer in time', async () => {
    const service = new ScriptedService()
    service.accounts.set('good', 'account-1')
    const clock = new SimulatedClock()
    const store = memoryStore()
    await using served = await serve(
      await createLatchkey({ integrations: [service.integration], store, clock }),
    )
    await using opened = await openPage(browser, served.at())
    const { page } = opened
    await page.getByText('Connect your first account or device').waitFor()
    await page.getByRole('button', { name: 'Add connection' }).click()
    await page.getByRole('option', { name: 'Scripted' }).first().click()
    await page.locator('#latchkey_host').fill('hub')
    const token = page.locator('#latchkey_token')
    await token.fill('good')
    service.script({ hangs: true })
    await submit(page)
    await eventually(() => expect(service.connects).toHaveLength(1))
    clock.increment(30_000)
    await dialogOf(page).getByText('Scripted took too long to answer.').waitFor()
    expect(await token.inputValue()).toBe('good')
    await submit(page)
    await says(page, 'Connected')
  })

  it('keeps the input while Latchkey is away, and sends the same values when it is back', async () => {
    const { port, hash } = new URL(example.home.hub.url)
    const wire = await wireTo(Number(port))
    try {
      await using opened = await openPage(browser, `http://127.0.0.1:${wire.port}/${hash}`)
      const { page } = opened
      const { device } = await example.services()
      await page.getByRole('button', { name: 'Add connection' }).first().click()
      await page.getByRole('option', { name: 'My Hub' }).first().click()
      await page.locator('#latchkey_host').fill(device.host)
      await page.locator('#latchkey_apiToken').fill(device.token)
      wire.break()
      await submit(page)
      await dialogOf(page).getByText('Your input is still here. It may not have arrived.').waitFor()
      expect(await page.locator('#latchkey_apiToken').inputValue()).toBe(device.token)
      expect(await example.latchkey.entries.list()).toMatchObject({ items: [] })
      wire.cut = false
      await dialogOf(page).getByText('It may not have arrived.').waitFor({ state: 'detached' })
      expect(await page.locator('#latchkey_apiToken').inputValue()).toBe(device.token)
      await submit(page)
      await says(page, 'Connected')
      await dialogOf(page).waitFor({ state: 'detached' })
    } finally {
      wire.stop()
    }
  })

  it('closes without an error if the user decides against another account, and returns the focus', async () => {
    await example.addDevice()
    await using opened = await open()
    const { page } = opened
    await act(page, 'Switch account')
    await page.locator('#latchkey_apiToken').fill((await example.services()).device.neighborsToken)
    await submit(page)
    await dialogOf(page).getByRole('button', { name: 'Switch to Hub of the neighbors' }).waitFor()
    await dialogOf(page).getByRole('button', { name: 'Cancel' }).click()
    await dialogOf(page).waitFor({ state: 'detached' })
    expect(await page.getByRole('alert').count()).toBe(0)
    await page
      .getByRole('button', { name: 'Actions for Living room hub' })
      .and(page.locator(':focus'))
      .waitFor()
  })

  it('is the only place with “Use new address”, and shows both addresses', async () => {
    await example.addDevice()
    await using opened = await open()
    const { page } = opened
    const before = (await example.services()).device.host
    const after = (await example.play('device-move')).device.host
    await page.getByText(`${before} → ${after}`).waitFor()
    expect(await page.getByRole('button', { name: /Use new address/ }).count()).toBe(0)
    await page
      .getByRole('button', { name: /^Review the new address/ })
      .first()
      .click()
    await dialogOf(page).getByRole('button', { name: 'Use new address' }).waitFor()
    // The line of “Fill in for me” has an address too.
    await dialogOf(page).getByText(before, { exact: true }).waitFor()
    await dialogOf(page).getByText(after, { exact: true }).first().waitFor()
    const { device } = await example.services()
    await page.locator('#latchkey_apiToken').fill(device.token)
    await dialogOf(page).getByRole('button', { name: 'Use new address' }).click()
    await dialogOf(page).waitFor({ state: 'detached' })
    // The history has the change, and no secret.
    await act(page, 'History')
    const history = page.getByRole('region', { name: 'History' })
    await history.getByText(`${before} → ${after}`).first().waitFor()
    const lines = await saved(page, history.getByRole('button', { name: 'Download' }))
    expect(lines).toContain(after)
    expect(lines).not.toContain(device.token)
  })
})

describe('the diagnostics', () => {
  it('are JSON without the secrets that the user has entered', async () => {
    await example.addDevice()
    await using opened = await open()
    const { page } = opened
    const old = (await example.services()).device.token
    const { device } = await example.play('device-revoke')
    await panelOf(page).waitFor()
    await repair(page)
    await page.locator('#latchkey_apiToken').fill('mistyped-token')
    await submit(page)
    await dialogOf(page).getByText('My Hub rejected this API token.').waitFor()
    await page.locator('#latchkey_apiToken').fill(device.token)
    await submit(page)
    await says(page, 'Connected')
    await row(page).getByRole('link').click()
    const text = await saved(page, page.getByRole('button', { name: 'Download diagnostics' }))
    expect(JSON.parse(text)).toMatchObject({ entry: { title: 'Living room hub', address: device.host } })
    for (const secret of [old, 'mistyped-token', device.token, device.neighborsToken])
      expect(text).not.toContain(secret)
  })
})

describe('an action', () => {
  it('answers with exactly one toast, and ignoring can be undone', async () => {
    await example.addDevice()
    await using opened = await open()
    const { page } = opened
    const one = async (text: string) => {
      await toastsOf(page).getByText(text).waitFor()
      expect(await toastsOf(page).count()).toBe(1)
    }
    await act(page, 'Reconnect now')
    await one('Living room hub is connected')
    await page.keyboard.press('Escape')
    await toastsOf(page).waitFor({ state: 'detached' })
    await example.play('attic-announce')
    await page.getByRole('button', { name: 'Ignore Hub in the attic' }).click()
    await one('Hub in the attic is ignored')
    await toastsOf(page).getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('button', { name: 'Add Hub in the attic' }).waitFor()
    await page.keyboard.press('Escape')
    await toastsOf(page).waitFor({ state: 'detached' })
    await act(page, 'Remove')
    await dialogOf(page).getByRole('button', { name: 'Remove' }).click()
    await one('Living room hub removed')
  })
})
