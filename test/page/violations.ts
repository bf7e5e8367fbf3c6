import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** What axe finds wrong, in short. */
export async function violations(page: Page): Promise<string[]> {
  // What is faded in has its colours only then; what turns until it is gone never ends.
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
