import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { pageFiles } from '../../src/adapters/node/page-files.ts'
import { type Handler, latchkeyHandler, type Right } from '../../src/http/index.ts'
import { AddressRefusedError, createLatchkey, type Latchkey, memoryStore } from '../../src/index.ts'
import type { Network } from '../../src/ports/network.ts'
import { ScriptedService } from '../../src/testing/scripted-service.ts'
import { HandJobs } from '../engine/hand-jobs.ts'
import { addEntry } from '../engine/host.ts'
import { HookServer, verified } from '../engine/webhooks/hook-server.ts'
import { openKept } from './kept-page.ts'
import { listen } from './kept-port.ts'
import { idle, startBrowser } from './open-page.ts'
import { violations } from './violations.ts'

let browser: Browser
const open: (() => unknown)[] = []
beforeAll(async () => {
  browser = await startBrowser()
})
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})
afterAll(() => browser.close())

/** A network in which webhooks may have addresses of this machine, also without encryption. */
const network: Network = {
  fetch,
  plainHttp: true,
  lookup: (host, _options, callback) =>
    host === '127.0.0.1'
      ? callback(null, [{ address: host, family: 4 }])
      : callback(new AddressRefusedError(), ''),
}

interface World {
  readonly page: Page
  readonly server: HookServer
  readonly latchkey: Latchkey
  readonly service: ScriptedService
  readonly url: string
  /** Queues and sends the events. */
  deliver(): Promise<void>
}

/** The page of webhooks in a new browser context, for a caller with a right, and a server that receives webhooks. */
async function openWebhooks({
  right = 'manage',
  ...look
}: {
  right?: Right
  locale?: string
  colorScheme?: 'dark'
  viewport?: { width: number; height: number }
} = {}): Promise<World> {
  const server = await new HookServer().open()
  const service = new ScriptedService()
  const jobs = new HandJobs()
  const integrations = [service.integration]
  const latchkey = await createLatchkey({ integrations, store: memoryStore(), network, jobs })
  await latchkey.start()
  let handler: Handler | undefined
  const http = createServer(
    getRequestListener(async (request) => (await handler?.(request)) ?? new Response(null, { status: 503 })),
  )
  const publicUrl = `http://127.0.0.1:${await listen(http)}`
  handler = latchkeyHandler(latchkey, {
    page: pageFiles(),
    publicUrl,
    authorize: () => ({ scope: 'default', principal: 'ada', rights: [right] }),
  })
  const permissions = ['clipboard-read', 'clipboard-write']
  const { page, close } = await openKept(browser, { permissions, ...look })
  open.push(
    () => server.close(),
    () => latchkey.stop(),
    () => new Promise((resolve) => http.close(resolve)),
    () => http.closeAllConnections(),
    () => handler?.close(),
    close,
  )
  await page.goto(`${publicUrl}/?webhooks#token=${'any-token-'.repeat(3)}`)
  const deliver = async (): Promise<void> => {
    await jobs.turn('queue_webhooks')
    await jobs.turn('deliver_webhooks')
  }
  return { page, server, latchkey, service, url: server.url, deliver }
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true })

/** Adds a webhook on the page. Returns the secret that it shows. */
async function add({ page, url }: World): Promise<string> {
  await button(page, 'Add webhook').first().click()
  await page.getByLabel('Address').fill(url)
  await page.getByRole('dialog').getByRole('button', { name: 'Add webhook' }).click()
  const secret = await page.getByRole('textbox', { name: 'Signing secret' }).inputValue()
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  return secret
}

/** Lets the next request of a method reach the server, and loses its answer. */
async function loseAnswer(page: Page, method: 'POST' | 'DELETE'): Promise<void> {
  let isLost = false
  await page.route(/\/webhooks/, async (route) => {
    if (isLost || route.request().method() !== method) return route.continue()
    isLost = true
    await route.fetch()
    return route.abort()
  })
}

describe('the page of webhooks', () => {
  it('adds a webhook, shows its secret once with a button to copy it, and sends a test event', async () => {
    const world = await openWebhooks()
    const { page, server, url } = world
    await page.getByText('No webhooks yet').waitFor()
    expect(await violations(page)).toEqual([])
    await button(page, 'Add webhook').click()
    await page.getByLabel('Address').fill(url)
    await page.getByLabel('Sign-in expires soon').uncheck()
    expect(await violations(page)).toEqual([])
    await page.getByRole('dialog').getByRole('button', { name: 'Add webhook' }).click()
    const secret = await page.getByRole('textbox', { name: 'Signing secret' }).inputValue()
    expect(await violations(page)).toEqual([])
    await button(page, 'Copy').click()
    await button(page, 'Copied').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret)
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    const { items } = await world.latchkey.webhooks.list()
    expect(items[0]?.events).toEqual([
      'entry.added',
      'entry.removed',
      'entry.reauth_required',
      'entry.repaired',
    ])

    await button(page, `Send test event to ${url}`).click()
    await page.getByText('Test event: accepted (204).').waitFor()
    expect(server.types).toEqual(['webhook.test'])
    expect(server.received.every((one) => verified(one, secret))).toBe(true)
    server.script(500)
    await button(page, `Send test event to ${url}`).click()
    await page.getByText('Test event: the receiver answered 500.').waitFor()
    expect(await violations(page)).toEqual([])

    // No part of the page or of the browser has the secret any more.
    const known = await page.evaluate(() =>
      JSON.stringify([
        document.documentElement.outerHTML,
        [...document.querySelectorAll('input')].map(({ value }) => value),
        { ...localStorage },
        { ...sessionStorage },
        location.href,
        history.state,
      ]),
    )
    expect(known).toContain(url)
    expect(known).not.toContain(secret.slice('whsec_'.length))
    await page.reload()
    await page.getByText(url).waitFor()
    expect(await page.content()).not.toContain(secret.slice('whsec_'.length))
  })

  it('shows the status and the time of each attempt in the log, and no body', async () => {
    const world = await openWebhooks()
    const { page, server, latchkey, service } = world
    await add(world)
    server.script((response) => response.writeHead(503).end('the body of the answer'))
    await addEntry({ latchkey, service })
    await world.deliver()
    await button(page, 'Log').click()
    const log = page.getByRole('dialog')
    await log.getByText('Connection added').waitFor()
    await log.getByText('the receiver answered 503.').waitFor()
    await log.getByText(/^Next attempt at /).waitFor()
    expect(await log.textContent()).not.toMatch(/body of the answer|good/)
    expect(await violations(page)).toEqual([])
  })

  it('replaces the secret, and both are valid for a day', async () => {
    const world = await openWebhooks()
    const { page, server, url } = world
    const first = await add(world)
    await button(page, 'Replace secret').click()
    await page.getByText('Replace the signing secret?').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Replace secret' }).click()
    const second = await page.getByRole('textbox', { name: 'Signing secret' }).inputValue()
    await page.getByRole('dialog').getByText('The previous secret is also valid until').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(second).not.toBe(first)
    await page.getByText('The previous secret is also valid until').waitFor()
    await button(page, `Send test event to ${url}`).click()
    await page.getByText('Test event: accepted').waitFor()
    expect([first, second].map((secret) => server.received.every((one) => verified(one, secret)))).toEqual([
      true,
      true,
    ])
  })

  it('shows why a webhook was switched off, and turns it on', async () => {
    const world = await openWebhooks()
    const { page, server, latchkey, service } = world
    await add(world)
    server.script(410)
    await addEntry({ latchkey, service })
    await world.deliver()
    await page.getByText('The receiver answered that it no longer exists (410).').waitFor()
    expect(await violations(page)).toEqual([])
    // The list shows it too, and links to this page.
    await page.goto(page.url().replace('?webhooks', ''))
    await page.getByRole('region', { name: /needs? attention/ }).waitFor()
    await button(page, /^Show 127\.0\.0\.1/).click()
    await page.getByRole('heading', { name: 'Webhooks' }).waitFor()
    expect(new URL(page.url()).search).toBe('?webhooks')
    await page.route(/\/webhooks\/[^/]+$/, (route) => route.abort())
    await button(page, 'Turn on').click()
    const away = page.getByRole('alert').filter({ hasText: 'Latchkey isn’t responding.' })
    await away.waitFor()
    await page.unroute(/\/webhooks\/[^/]+$/)
    await page.getByRole('button', { name: /^Send test event/ }).click()
    await away.waitFor({ state: 'detached' })
    await page.getByText(/^Test event: /).waitFor()
    await page
      .getByRole('button', { name: /^Send test event/ })
      .and(page.locator(':focus'))
      .waitFor()
    await button(page, 'Turn on').click()
    await page.getByText('Active', { exact: true }).waitFor()
    // The pressed button was removed. Its opposite is ready for the keyboard.
    await button(page, 'Turn off').and(page.locator(':focus')).waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('This webhook was turned off by a user.').waitFor()
    await button(page, 'Turn on').and(page.locator(':focus')).waitFor()
    expect((await latchkey.webhooks.list()).items).toMatchObject([{ state: 'off', reason: 'turned_off' }])
  })

  it('offers to replace the secret of a webhook if the answer with the secret was lost', async () => {
    const { page, url, latchkey } = await openWebhooks()
    await loseAnswer(page, 'POST')
    await button(page, 'Add webhook').click()
    await page.getByLabel('Address').fill(url.toUpperCase())
    const submit = page.getByRole('dialog').getByRole('button', { name: 'Add webhook' })
    const { promise: isReadable, resolve: letRead } = Promise.withResolvers<void>()
    let isHeld = false
    await page.route(/\/webhooks$/, async (route) => {
      if (route.request().method() === 'POST') isHeld = true
      else if (isHeld) await isReadable
      return route.fallback()
    })
    await submit.click()
    await page.getByText('Your input is still here. It may not have arrived.').waitFor()
    // The user sends the form again before the page knows about the webhook.
    await submit.dblclick()
    letRead()
    await page.getByText('The webhook was added, but the answer with its secret was lost.').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).and(page.locator(':focus')).waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Replace secret' }).click()
    await page.getByRole('textbox', { name: 'Signing secret' }).waitFor()
    await page.getByRole('button', { name: 'Copy' }).and(page.locator(':focus')).waitFor()
    expect((await latchkey.webhooks.list()).items).toHaveLength(1)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await button(page, 'Replace secret').click()
    await page.getByText('The current one stays valid for a day').waitFor()
  })

  it('adds a webhook with an address that another window has added since, also if the list does not load', async () => {
    const { page, url, latchkey } = await openWebhooks()
    await button(page, 'Add webhook').click()
    await page.getByLabel('Address').fill(url)
    await latchkey.webhooks.add({ url })
    const submit = page.getByRole('dialog').getByRole('button', { name: 'Add webhook' })
    await page.route(/\/webhooks$/, (route) =>
      route.request().method() === 'GET' ? route.abort() : route.fallback(),
    )
    await submit.click()
    await page.getByRole('textbox', { name: 'Signing secret' }).waitFor()
    expect((await latchkey.webhooks.list()).items).toHaveLength(2)
  })

  it('edits the address and the events, and removes a webhook after a question', async () => {
    const world = await openWebhooks()
    const { page, url, latchkey } = world
    await add(world)
    await button(page, 'Edit').click()
    await page.getByLabel('Address').fill(`${url}/new`)
    await page.getByLabel('Connection removed').uncheck()
    await button(page, 'Save').click()
    await page.getByText(`${url}/new`).waitFor()
    expect((await latchkey.webhooks.list()).items[0]?.events).not.toContain('entry.removed')
    await button(page, 'Remove').click()
    await page.getByText('Remove this webhook?').waitFor()
    await button(page, 'Cancel').click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect((await latchkey.webhooks.list()).items).toHaveLength(1)
    await loseAnswer(page, 'DELETE')
    await button(page, 'Remove').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('alert').getByText('Latchkey isn’t responding.').waitFor()
    // The pressed button keeps the focus, and finds the webhook removed.
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('No webhooks yet').waitFor()
    expect((await latchkey.webhooks.list()).items).toEqual([])
  })

  it.each(['before', 'during', 'after'])(
    'removes a webhook although the server is killed %s the request',
    async (moment) => {
      const folder = mkdtempSync(join(tmpdir(), 'latchkey-webhooks-'))
      open.push(() => rmSync(folder, { recursive: true }))
      const serve = async (port: number, killedAt: string) => {
        const args = [join(folder, 'latchkey.db'), String(port), killedAt]
        const child = fork(join(import.meta.dirname, 'webhooks-child.ts'), args, { execArgv: [] })
        open.push(() => child.kill('SIGKILL'))
        const [at]: number[] = await once(child, 'message')
        return { port: at ?? 0, child, killed: once(child, 'exit') }
      }
      const first = await serve(0, moment)
      const { page, close } = await openKept(browser)
      open.push(close)
      await page.goto(`http://127.0.0.1:${first.port}/?webhooks#token=${'any-token-'.repeat(3)}`)
      await idle(page)
      const question = page.getByRole('dialog', { name: 'Remove this webhook?' })
      const remove = question.getByRole('button', { name: 'Remove' })
      await button(page, 'Remove').click()
      await question.waitFor()
      if (moment === 'before') first.child.kill('SIGKILL')
      await remove.click()
      await first.killed
      const away = page.getByRole('alert').getByText('Latchkey isn’t responding.')
      await away.waitFor()
      await serve(first.port, 'never')
      await away.waitFor({ state: 'detached' })
      // The question closes if the webhook was removed. Otherwise the pressed button still has the focus.
      if (moment !== 'after') await remove.and(page.locator(':focus')).press('Enter')
      await page.getByText('No webhooks yet').waitFor()
      await question.waitFor({ state: 'detached' })
      await page.getByRole('heading', { name: 'Webhooks' }).and(page.locator(':focus')).waitFor()
    },
  )

  it('names the problem of an address, and requires an event', async () => {
    const { page } = await openWebhooks()
    await button(page, 'Add webhook').click()
    const submit = page.getByRole('dialog').getByRole('button', { name: 'Add webhook' })
    await submit.click()
    await page.getByText('Enter an https address, such as https://example.org/hooks.').waitFor()
    await page.getByLabel('Address').fill('http://192.0.2.1/')
    await submit.click()
    await page.getByText('Latchkey can’t send to this address.').waitFor()
    for (const box of await page.getByRole('checkbox').all()) await box.uncheck()
    await submit.click()
    await page.getByText('Choose at least one event.').waitFor()
    expect(await violations(page)).toEqual([])
  })

  it('offers no more than ten webhooks', async () => {
    const world = await openWebhooks()
    for (let count = 0; count < 10; count++)
      await world.latchkey.webhooks.add({ url: `${world.url}/${count}` })
    await world.page.reload()
    await world.page.getByText('There are 10 webhooks already.').waitFor()
    await button(world.page, 'Add webhook').waitFor({ state: 'detached' })
  })

  it('is opened from the menu of the top bar, and left by its link', async () => {
    const { page } = await openWebhooks()
    await page.getByRole('link', { name: 'Connections' }).click()
    await page.getByRole('heading', { name: 'Connections' }).waitFor()
    expect(new URL(page.url()).search).toBe('')
    await button(page, 'Language and appearance').click()
    await page.getByRole('menuitem', { name: 'Webhooks' }).click()
    await page.getByText('No webhooks yet').waitFor()
    expect(new URL(page.url()).search).toBe('?webhooks')
    await page.goBack()
    await page.getByRole('heading', { name: 'Connections' }).waitFor()
  })

  it('needs the right to manage', async () => {
    const { page } = await openWebhooks({ right: 'repair' })
    await page.getByText('They require the right to manage connections.').waitFor()
    expect(await button(page, 'Add webhook').count()).toBe(0)
    expect(await violations(page)).toEqual([])
    const answered = page.waitForResponse(/\/webhooks$/)
    await button(page, 'Language and appearance').click()
    expect((await answered).status()).toBe(403)
    await page.getByRole('menuitemradio', { name: 'Deutsch' }).waitFor()
    expect(await page.getByRole('menuitem', { name: 'Webhooks' }).count()).toBe(0)
  })

  it('is readable in German, in the dark and on a phone', async () => {
    const viewport = { width: 360, height: 740 }
    const world = await openWebhooks({ locale: 'de-DE', colorScheme: 'dark', viewport })
    const { page, url, latchkey } = world
    await latchkey.webhooks.add({ url: `${url}/${'long'.repeat(30)}` })
    await page.reload()
    await page.getByText('Testereignis senden').waitFor()
    expect(await violations(page)).toEqual([])
    const isWide = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    expect(await isWide()).toBe(false)
  })
})
