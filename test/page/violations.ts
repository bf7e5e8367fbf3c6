import axe from 'axe-core'
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

/** Runs axe with the options. */
export async function axeRun(page: Page, options: axe.RunOptions): Promise<axe.AxeResults> {
  // Colors are final only after the fade-ins.
  await still(page)
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const given = { preload: false, elementRef: false, ...options }
  return (await page.evaluate(`axe.run(document, ${JSON.stringify(given)})`)) as axe.AxeResults
}

/** Runs all rules of axe, and those about colors again in the dark. Returns the violations in short. */
export async function violations(page: Page): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'light' })
  const light = await axeRun(page, { resultTypes: ['violations'] })
  await page.emulateMedia({ colorScheme: 'dark' })
  const dark = await axeRun(page, { resultTypes: ['violations'], runOnly: ['color-contrast'] })
  await page.emulateMedia({ colorScheme: 'light' })
  return [...light.violations, ...dark.violations].flatMap(({ id, nodes }) =>
    nodes.map(({ target }) => `${id}: ${target.join(' ')}`),
  )
}
