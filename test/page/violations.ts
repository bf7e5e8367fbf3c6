import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type axe from 'axe-core'
import type { Page } from 'playwright-core'

/** Waits until everything that moves for a moment has stopped. Endless animations are excluded. */
export const still = (page: Page): Promise<unknown> =>
  page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity)
        .map(({ finished }) => finished.catch(() => {})),
    ),
  )

const source = readFileSync(join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8')

/** Runs axe: all rules, or only some. Returns the results of a kind. */
export async function axeRun(
  page: Page,
  kind: 'violations' | 'incomplete',
  runOnly?: readonly string[],
): Promise<axe.Result[]> {
  // Colors are final only after the fade-ins.
  await still(page)
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source)
  const options = JSON.stringify({ preload: false, elementRef: false, resultTypes: [kind], runOnly })
  // The other kinds, as values, would take as long as the run.
  const run = `axe.run(document, ${options}).then(({ ${kind} }) => JSON.stringify(${kind}))`
  return JSON.parse(await page.evaluate<string>(run))
}

/** Runs all rules of axe, and those about colors again in the dark. Returns the violations in short. */
export async function violations(page: Page): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'light' })
  const light = await axeRun(page, 'violations')
  await page.emulateMedia({ colorScheme: 'dark' })
  const dark = await axeRun(page, 'violations', ['color-contrast'])
  await page.emulateMedia({ colorScheme: 'light' })
  return [...light, ...dark].flatMap(({ id, nodes }) =>
    nodes.map(({ target }) => `${id}: ${target.join(' ')}`),
  )
}
