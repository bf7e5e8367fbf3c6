import type { Page } from 'playwright-core'

/** Records the tasks of the page that take more than 50 ms. The returned function ends this, and returns their durations. */
export async function longTasks(page: Page): Promise<() => Promise<number[]>> {
  await page.evaluate(() => {
    const tasks: number[] = []
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration)
    })
    // The types of Node do not know this one of browsers.
    observer.observe({ entryTypes: ['longtask' as 'function'] })
    Object.assign(window, {
      endTasks: () => {
        for (const { duration } of observer.takeRecords()) tasks.push(duration)
        observer.disconnect()
        return tasks
      },
    })
  })
  return () =>
    page.evaluate(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      return (window as unknown as { endTasks: () => number[] }).endTasks()
    })
}

/** Records which rows change, except for their ages. The returned function ends this, and returns their ids. */
export async function renderedRows(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const seen = new Set<string>()
    const observer = new MutationObserver((changes) => {
      for (const { target } of changes) {
        const at = target instanceof Element ? target : target.parentElement
        const row = at?.closest('[data-entry]')
        if (row != null && at?.closest('time') == null) seen.add(row.getAttribute('data-entry') ?? '')
      }
    })
    observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true })
    Object.assign(window, {
      endRows: () => {
        observer.disconnect()
        return [...seen]
      },
    })
  })
  return () => page.evaluate(() => (window as unknown as { endRows: () => string[] }).endRows())
}
