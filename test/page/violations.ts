import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** Runs axe. Returns its violations in short. */
export async function violations(page: Page): Promise<string[]> {
  // Colors are final only after the fade-ins. Endless animations are excluded.
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity)
        .map(({ finished }) => finished.catch(() => {})),
    ),
  )
  await page.evaluate(axe.source)
  const found = (await page.evaluate('axe.run(document)')) as axe.AxeResults
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
}
