// Measures the page with many connections against one with few, and prints the measurements as JSON: `node … 20 2000`.
import type { Browser } from 'playwright-core'
import { idle, startBrowser } from '../open-page.ts'
import { longTasks } from './observed.ts'
import { seed } from './seeded.ts'
import { openPage, rowsOf, serve } from './stage.ts'

const ROUNDS = 5
type Served = Awaited<ReturnType<typeof serve>>

/** Returns the time from the request of the page to its first row, in milliseconds. */
async function firstRow(browser: Browser, served: Served): Promise<number> {
  await using opened = await openPage(browser, 'about:blank')
  const begun = performance.now()
  await opened.page.goto(served.at())
  await rowsOf(opened.page).first().waitFor()
  return performance.now() - begun
}

const [few = 0, many = 0] = process.argv.slice(2).map(Number)
const browser = await startBrowser()
const small = await serve(await seed(few))
const large = await serve(await seed(many))
try {
  const firstRows: { few: number[]; many: number[] } = { few: [], many: [] }
  for (let round = 0; round < ROUNDS; round++) {
    firstRows.few.push(await firstRow(browser, small))
    firstRows.many.push(await firstRow(browser, large))
  }
  large.calls.length = 0
  await using opened = await openPage(browser, large.at())
  const { page } = opened
  await page.waitForFunction(
    (total) => document.querySelector('[data-entry]')?.getAttribute('aria-setsize') === String(total),
    many,
  )
  await idle(page)
  const requests = large.calls.length
  const rows = await rowsOf(page).count()
  const entryId = (await rowsOf(page).nth(2).getAttribute('data-entry')) ?? ''
  const { entries } = large.latchkey
  /** Measures the tasks of more than 50 ms that some work causes. */
  const tasksOf = async (work: (round: number) => Promise<unknown>): Promise<number[][]> => {
    const rounds: number[][] = []
    for (let round = 0; round < ROUNDS; round++) {
      const tasks = await longTasks(page)
      await work(round)
      await page.waitForTimeout(500)
      rounds.push(await tasks())
    }
    return rounds
  }
  const renames = await tasksOf((round) => entries.update(entryId, { title: `Renamed ${round}` }))
  const hundred = (await entries.list({ limit: 100 })).items
  const changes = await tasksOf((round) =>
    Promise.all(
      hundred.map((entry, at) => entries.update(entry.entryId, { title: `Changed ${at} ${round}` })),
    ),
  )
  const search = page.getByRole('searchbox', { name: 'Search' })
  const searches = await tasksOf(async (round) => {
    await search.fill('')
    await search.pressSequentially(`10.${round}.`)
  })
  const longest = (rounds: number[][]) => rounds.map((tasks) => Math.max(0, ...tasks))
  console.log(
    JSON.stringify({
      firstRows,
      requests,
      rows,
      renames: longest(renames),
      changes: changes.map((tasks) => tasks.reduce((sum, time) => sum + time, 0)),
      searches: longest(searches),
    }),
  )
} finally {
  await browser.close()
  await small[Symbol.asyncDispose]()
  await large[Symbol.asyncDispose]()
}
