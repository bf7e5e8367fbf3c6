// Plays a reauthentication on the page, and saves a picture of each step in docs/pictures: `npm run screenshots`.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContextOptions } from 'playwright-core'
import { Home, startBrowser } from './open-page.ts'

const folder = join(import.meta.dirname, '../../docs/pictures')
mkdirSync(folder, { recursive: true })
const desk = { width: 1000, height: 760 }
const looks: Readonly<Record<string, BrowserContextOptions>> = {
  light: { viewport: desk, colorScheme: 'light' },
  dark: { viewport: desk, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 780 }, colorScheme: 'light', hasTouch: true, isMobile: true },
}
const browser = await startBrowser()
try {
  for (const [look, options] of Object.entries(looks)) {
    await using home = await Home.open()
    const context = await browser.newContext(options)
    const page = await context.newPage()
    await page.goto(home.hub.url)
    await page.getByRole('heading', { name: 'Simulated services' }).waitFor()
    const dialog = page.getByRole('dialog')
    const token = page.locator('#latchkey_apiToken')
    const keep = async (name: string) => {
      await page.screenshot({ path: join(folder, `${name}-${look}.png`), animations: 'disabled' })
    }
    await home.linkDevice(page)
    await keep('1-connected')
    await home.breakDevice(page)
    await keep('2-needs-attention')
    const { device } = await home.services(page)
    const repair = () =>
      page
        .getByRole('button', { name: /^Reconnect/ })
        .first()
        .click()
    const enter = async (text: string, answer: string) => {
      await token.fill(text)
      await dialog.getByRole('button', { name: 'Save' }).click()
      await page.getByText(answer).first().waitFor()
    }
    await repair()
    await token.waitFor()
    await keep('3-reauth')
    await enter('mistyped', 'My Hub rejected this API token.')
    await keep('4-refused')
    await enter(device.neighborsToken, 'This connection belongs to')
    await keep('5-wrong-account')
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await dialog.waitFor({ state: 'detached' })
    await repair()
    await enter(device.token, 'My Hub is connected again.')
    await dialog.waitFor({ state: 'detached' })
    await keep('6-repaired')
    await page.getByRole('heading', { name: 'Live statechart' }).scrollIntoViewIfNeeded()
    await page.screenshot({ path: join(folder, `7-statechart-${look}.png`), fullPage: true })
    await page.getByRole('button', { name: 'Announce it' }).click()
    await page.getByRole('button', { name: 'Add Hub in the attic' }).waitFor()
    await page.getByRole('button', { name: 'Move to new address' }).click()
    await page.getByText(/^127\S+ → 127/).waitFor()
    await page.locator('button:disabled').first().waitFor({ state: 'detached' })
    await page.evaluate(() => scrollTo(0, 0))
    await keep('8-discovered')
    await context.close()
  }
} finally {
  await browser.close()
}
