import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { openContext } from './open-page.ts'

/** A page, and a function that leaves it to the next test. */
export interface KeptPage {
  readonly page: Page
  close(): Promise<void>
}

/** The pages that tests have left, by the options of their contexts. */
const pages = new WeakMap<Browser, Map<string, Page[]>>()
const VIEWPORT = { width: 1280, height: 720 }
const EVENTS = ['console', 'pageerror', 'request', 'requestfailed', 'response', 'framenavigated'] as const

/**
 * Opens an empty page, which an earlier test may have left. It loads the page of Latchkey in half of the time, and has nothing
 * stored.
 */
export async function openKept(browser: Browser, options: BrowserContextOptions = {}): Promise<KeptPage> {
  const { viewport = VIEWPORT, colorScheme = 'light', forcedColors = 'none', ...others } = options
  const key = JSON.stringify(others)
  const byOptions = pages.get(browser) ?? new Map<string, Page[]>()
  pages.set(browser, byOptions)
  const free = byOptions.get(key) ?? []
  byOptions.set(key, free)
  const page = free.pop() ?? (await (await openContext(browser, others)).newPage())
  await page.setViewportSize(viewport ?? VIEWPORT)
  await page.emulateMedia({ colorScheme, forcedColors, reducedMotion: 'reduce' })
  const origins = new Set<string>()
  page.on('framenavigated', (frame) => {
    const { origin } = new URL(frame.url())
    if (origin !== 'null') origins.add(origin)
  })
  const close = async () => {
    if (await isEmptied(page, origins)) free.push(page)
    else await page.context().close()
  }
  return { page, close }
}

/** Opens an empty page in a separate context. */
export async function openOwn(browser: Browser, options: BrowserContextOptions = {}): Promise<KeptPage> {
  const context = await openContext(browser, options)
  return { page: await context.newPage(), close: () => context.close() }
}

/** Removes what a test has left in a page. Returns whether another test can use it. */
async function isEmptied(page: Page, origins: Iterable<string>): Promise<boolean> {
  const context = page.context()
  for (const event of EVENTS) page.removeAllListeners(event)
  for (const other of context.pages()) if (other !== page) await other.close()
  try {
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await context.clearCookies()
    for (const origin of origins) {
      // An address without a script, so that nothing is stored anymore.
      await page.goto(`${origin}/health/live`)
      await page.evaluate(() => {
        localStorage.clear()
        sessionStorage.clear()
      })
    }
    return true
  } catch {
    return false
  }
}
