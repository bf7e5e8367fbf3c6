import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { AxeResults } from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { ExampleState } from '../../examples/home-hub/example-controls.ts'
import { type Hub, startHub } from '../../examples/home-hub/hub.ts'
import { pageFiles } from '../../src/adapters/page-files.ts'

const root = resolve(import.meta.dirname, '../..')
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** A page freshly built, and npm's Chromium, in a folder of their own. */
export class Stage {
  readonly #folder: string
  readonly #browser: Browser
  readonly #hubs: Hub[] = []

  private constructor(folder: string, browser: Browser) {
    this.#folder = folder
    this.#browser = browser
  }

  static async open(): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-web-'))
    const built = spawnSync('vite', ['build', 'web', '--outDir', join(folder, 'page')], {
      ...{ cwd: root, encoding: 'utf8' },
      env: { ...process.env, NODE_ENV: 'production', PATH: `${root}/node_modules/.bin:${process.env.PATH}` },
    })
    if (built.status !== 0) throw new Error(built.stderr)
    const executablePath = await chromiumIn(folder)
    const quiet = ['background-networking', 'component-update', 'sync'].map((name) => `--disable-${name}`)
    const args = ['--no-sandbox', ...quiet, '--no-first-run', '--headless=new']
    return new Stage(folder, await chromium.launch({ executablePath, args }))
  }

  /** The home hub, with nothing linked. */
  async hub(): Promise<Hub> {
    const database = join(mkdtempSync(join(this.#folder, 'hub-')), 'hub.db')
    const hub = await startHub({ database, port: 0, page: pageFiles(join(this.#folder, 'page')) })
    this.#hubs.push(hub)
    return hub
  }

  /** Another window, which knows nothing of the others. The policy holds; axe comes in from outside of it. */
  async window(options: { readonly width?: number; readonly language?: string } = {}): Promise<Page> {
    const { width = 1000, language = 'en-GB' } = options
    const context = await this.#browser.newContext({ viewport: { width, height: 800 }, locale: language })
    await context.addInitScript({ path: axe })
    const page = await context.newPage()
    page.setDefaultTimeout(20_000)
    return page
  }

  async close(): Promise<void> {
    await this.#browser.close()
    for (const hub of this.#hubs) await hub.stop()
    rmSync(this.#folder, { recursive: true })
  }
}

/** Unpacks Chromium. In a process of its own: where to is asked of the environment, and a stale copy would be taken. */
async function chromiumIn(folder: string): Promise<string> {
  const script = "console.log(await (await import('@sparticuz/chromium')).default.executablePath())"
  const env = { ...process.env, TMPDIR: folder }
  return execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    env,
    encoding: 'utf8',
  }).trim()
}

/** What axe finds wrong, in light and in dark. */
export async function violations(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // Until what fades has faded: half a colour has half a contrast.
    await page.evaluate(
      'Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => {})))',
    )
    await page.waitForTimeout(200)
    const results = (await page.evaluate('axe.run()')) as AxeResults
    found.push(
      ...results.violations.map(
        ({ id, nodes }) => `${colorScheme} ${id}: ${nodes.map(({ html }) => html).join(' ')}`,
      ),
    )
  }
  return found
}

/** What the services of the example accept now. */
export async function accepted(hub: Hub): Promise<ExampleState> {
  const { origin, hash } = new URL(hub.url)
  const authorization = `Bearer ${hash.replace('#token=', '')}`
  const response = await fetch(`${origin}/example/state`, { headers: { authorization } })
  return response.json() as Promise<ExampleState>
}
