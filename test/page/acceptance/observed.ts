import type { Browser, Locator, Page } from 'playwright-core'

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

/** Records what the live regions of the page say. The returned function ends this, and returns the texts. */
export async function announcements(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const said: string[] = []
    const last = new Map<Element, string>()
    const look = () => {
      for (const region of document.querySelectorAll('[role=status], [role=alert], [aria-live=polite]')) {
        const text = region.textContent?.trim() ?? ''
        if (text !== (last.get(region) ?? '') && text !== '') said.push(text)
        last.set(region, text)
      }
    }
    look()
    said.length = 0
    const observer = new MutationObserver(look)
    observer.observe(document.body, { subtree: true, childList: true, characterData: true })
    Object.assign(window, {
      endSaid: () => {
        observer.disconnect()
        return said
      },
    })
  })
  return () => page.evaluate(() => (window as unknown as { endSaid: () => string[] }).endSaid())
}

/** The colors of the pixels of a picture, four numbers for each. */
interface Pixels {
  readonly data: Uint8ClampedArray
  readonly width: number
  readonly height: number
}

/** Decodes a screenshot. */
export async function pixelsOf(browser: Browser, picture: Buffer): Promise<Pixels> {
  const page = await browser.newPage()
  try {
    const { data, width, height } = await page.evaluate(async (base64) => {
      const image = new Image()
      image.src = `data:image/png;base64,${base64}`
      await image.decode()
      const context = new OffscreenCanvas(image.width, image.height).getContext('2d')
      context?.drawImage(image, 0, 0)
      // One text is faster than an array of numbers.
      let bytes = ''
      for (const byte of context?.getImageData(0, 0, image.width, image.height).data ?? [])
        bytes += String.fromCharCode(byte)
      return { data: btoa(bytes), width: image.width, height: image.height }
    }, picture.toString('base64'))
    return { data: new Uint8ClampedArray(Buffer.from(data, 'base64')), width, height }
  } finally {
    await page.close()
  }
}

/** The width of what a picture shows around an element. */
const AROUND = 8

/**
 * Compares two pictures of an element: before and after some work. Returns the number of sides on which at least one line of
 * pixels outside of the element has changed.
 */
export async function changedSides(
  browser: Browser,
  element: Locator,
  work: () => Promise<unknown>,
): Promise<number> {
  const box = await element.boundingBox()
  if (box === null) throw new Error('The element is not shown.')
  const clip = {
    x: Math.round(box.x) - AROUND,
    y: Math.round(box.y) - AROUND,
    width: Math.round(box.width) + 2 * AROUND,
    height: Math.round(box.height) + 2 * AROUND,
  }
  const before = await pixelsOf(browser, await element.page().screenshot({ clip }))
  await work()
  const after = await pixelsOf(browser, await element.page().screenshot({ clip }))
  const { width, height } = before
  const differs = (x: number, y: number) =>
    [0, 1, 2].some((part) => {
      const at = 4 * (y * width + x) + part
      return Math.abs((before.data[at] ?? 0) - (after.data[at] ?? 0)) > 32
    })
  // In the middle of each side, from the edge of the picture to the edge of the element.
  const [middle, center] = [width >> 1, height >> 1]
  const steps = [...Array(AROUND).keys()]
  return [
    steps.some((step) => differs(middle, step)),
    steps.some((step) => differs(middle, height - 1 - step)),
    steps.some((step) => differs(step, center)),
    steps.some((step) => differs(width - 1 - step, center)),
  ].filter(Boolean).length
}
