// Draws the screens of the page in docs/pictures: `npm run screenshots`. With `--beside FOLDER`, draws each next to the picture
// with its name in that folder instead, in `--out FOLDER`.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { startOidcHub } from '../../examples/oidc/hub.ts'
import { createLatchkey, memoryStore } from '../../src/index.ts'
import { seed } from './acceptance/seeded.ts'
import {
  DESK,
  dialogOf,
  Example,
  openPage,
  PHONE,
  panelOf,
  repair,
  rowsOf,
  serve,
  submit,
} from './acceptance/stage.ts'
import { household } from './household.ts'
import { startBrowser } from './open-page.ts'

const { values } = parseArgs({
  options: {
    beside: { type: 'string' },
    out: { type: 'string', default: join(tmpdir(), 'latchkey-pictures') },
    only: { type: 'string', default: '' },
  },
})
const docs = join(import.meta.dirname, '../../docs/pictures')
const folder = values.beside === undefined ? docs : values.out
mkdirSync(folder, { recursive: true })

const looks: Readonly<Record<string, BrowserContextOptions>> = {
  light: { viewport: DESK, colorScheme: 'light' },
  dark: { viewport: DESK, colorScheme: 'dark' },
  phone: { ...PHONE, colorScheme: 'light' },
}
/** The screens of docs/pictures. The others are drawn only next to the design. */
const DOCUMENTED = ['list', 'add', 'tour', 'reauth', 'wrong-account', 'entry', 'link', 'device']

const browser = await startBrowser()

/** Saves a picture, or draws it next to the one with its name. */
async function keep(page: Page, screen: string, look: string): Promise<void> {
  if (!`${screen}-${look}`.startsWith(values.only)) return
  if (values.beside === undefined && !DOCUMENTED.includes(screen)) return
  const path = join(folder, `${screen}-${look}.png`)
  await page.mouse.move(0, 0)
  await page.screenshot({ path, animations: 'disabled' })
  if (values.beside === undefined) return
  const names =
    look === 'phone' ? ['phone', 'phone-more'] : look === 'dark' ? [`${screen}-dark`, 'dark'] : [screen]
  const files = [path, ...names.map((name) => join(values.beside ?? '', `${name}.png`)).filter(existsSync)]
  const images = files.map((file) => `<img src="data:image/png;base64,${readFileSync(file, 'base64')}">`)
  const both = await browser.newPage({ viewport: { width: 1900, height: 1000 } })
  await both.setContent(
    `<style>body{margin:8px;display:flex;gap:8px;align-items:start;background:#888}img{min-width:0;max-width:50%}</style>${images.slice(0, 2).join('')}`,
  )
  await both.screenshot({ path: join(folder, `${screen}-${look}-beside.png`) })
  await both.close()
  rmSync(path)
}

for (const [look, options] of Object.entries(looks)) {
  {
    await using served = await serve(await household())
    await using opened = await openPage(browser, served.at(), options)
    const { page } = opened
    await panelOf(page, 3).waitFor()
    await rowsOf(page).first().waitFor()
    await keep(page, 'list', look)
    await page.getByRole('button', { name: 'Add connection' }).first().click()
    await dialogOf(page).getByRole('option').first().waitFor()
    await keep(page, 'add', look)
    await using guest = await openPage(browser, served.at().replace(/#.*/, ''), options)
    await guest.page.getByRole('textbox', { name: 'Address or key' }).waitFor()
    await keep(guest.page, 'locked', look)
    await using waiting = await openPage(browser, 'about:blank', options)
    await waiting.page.route(/\/(events|entries)/, () => {})
    await waiting.page.goto(served.at())
    await waiting.page.getByRole('heading', { name: 'Connections' }).waitFor()
    await keep(waiting.page, 'loading', look)
  }
  {
    const served = await serve(await household())
    await using opened = await openPage(browser, served.at(), options)
    await rowsOf(opened.page).first().waitFor()
    await served[Symbol.asyncDispose]()
    await opened.page.getByText('isn’t responding').first().waitFor()
    await keep(opened.page, 'offline', look)
  }
  {
    await using served = await serve(await createLatchkey({ integrations: [], store: memoryStore() }))
    await using opened = await openPage(browser, served.at(), options)
    await opened.page.getByText('Connect your first account or device').waitFor()
    await keep(opened.page, 'empty', look)
  }
  {
    await using served = await serve(await seed(2_000))
    await using opened = await openPage(browser, served.at('?state=attention'), options)
    await rowsOf(opened.page).first().waitFor()
    await keep(opened.page, 'scale', look)
  }
  {
    await using example = await Example.start()
    await using opened = await openPage(browser, example.home.hub.url, options)
    const { page } = opened
    await page.getByRole('heading', { name: 'See a reauthentication in 30 seconds' }).waitFor()
    const entryId = await example.addDevice()
    await rowsOf(page).first().waitFor()
    await example.play('device-revoke')
    await panelOf(page).waitFor()
    await page.getByRole('heading', { name: 'Simulated services' }).first().waitFor()
    await keep(page, 'tour', look)
    await repair(page)
    await page.locator('#latchkey_apiToken').fill('mistyped')
    await submit(page)
    await page.getByText('My Hub rejected this API token.').first().waitFor()
    await keep(page, 'reauth', look)
    await page.locator('#latchkey_apiToken').fill((await example.services()).device.neighborsToken)
    await submit(page)
    await page.getByText('This connection belongs to').waitFor()
    await keep(page, 'wrong-account', look)
    await page.keyboard.press('Escape')
    await page.goto(`${new URL(page.url()).origin}/?entry=${entryId}`)
    await page.getByRole('heading', { level: 1, name: 'Living room hub' }).waitFor()
    await page.getByRole('heading', { name: 'History' }).waitFor()
    await page.locator('time').first().waitFor()
    await keep(page, 'entry', look)
    await page.getByRole('tab', { name: 'Developer' }).click()
    await page.getByRole('heading', { name: 'What can happen next' }).waitFor()
    await keep(page, 'developer', look)
    await using guest = await openPage(browser, await example.link(entryId), options)
    await guest.page.locator('#latchkey_apiToken').waitFor()
    await keep(guest.page, 'link', look)
    await guest.page.locator('#latchkey_apiToken').fill((await example.services()).device.token)
    await guest.page.locator('button[type=submit]').click()
    await guest.page.locator('#latchkey_apiToken').waitFor({ state: 'detached' })
    await keep(guest.page, 'link-done', look)
    await page.goto(new URL(page.url()).origin)
    await page.getByRole('button', { name: 'Add connection' }).first().click()
    await dialogOf(page).getByRole('option', { name: 'My Hub' }).click()
    await dialogOf(page).locator('#latchkey_host').fill('127.0.0.1:1')
    await dialogOf(page).locator('#latchkey_apiToken').fill('token-4a1733')
    await submit(page)
    await dialogOf(page).getByText('Can’t reach').first().waitFor()
    await keep(page, 'states', look)
  }
  {
    const hub = await startOidcHub({ port: 0 })
    {
      await using opened = await openPage(browser, hub.url, options)
      const { page } = opened
      await page.getByRole('button', { name: 'Add connection' }).first().click()
      await dialogOf(page).getByRole('option', { name: 'Example account' }).click()
      await dialogOf(page).getByRole('button', { name: 'With a code' }).waitFor()
      await keep(page, 'choices', look)
      await dialogOf(page).getByRole('button', { name: 'With a code' }).click()
      await dialogOf(page).getByTestId('user-code').waitFor()
      await page.waitForTimeout(500)
      await keep(page, 'device', look)
    }
    await hub.stop()
  }
}
await browser.close()
