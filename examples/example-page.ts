import type { PageFiles } from '../src/http/index.ts'

/** Returns the page with the note that this server has simulated services at `/example`, which the page shows. */
export function examplePage(page: PageFiles): PageFiles {
  return async (path) => {
    const file = await page(path)
    if (file === undefined || path !== '/index.html') return file
    const html = new TextDecoder().decode(file.body)
    const body = html.replace('</head>', '<meta name="latchkey-example" content="services"></head>')
    return { ...file, body: new TextEncoder().encode(body) }
  }
}
