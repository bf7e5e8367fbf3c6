import type { PageFiles } from './access.ts'
import { pageHeaders, reply } from './reply.ts'

/**
 * Returns a file of the page, or `null` if it does not exist. Opening a repair link only shows its page and has no side
 * effects, because mail scanners open links.
 */
export async function servePage(
  page: PageFiles,
  path: string,
  { basePath, isOpened }: { readonly basePath: string; readonly isOpened: boolean },
): Promise<Response | null> {
  // The page loads its files relative to its own address, so the address must end with a slash.
  if (path === '') return reply(null, 308, { location: `${basePath}/` })
  // The page explains a damaged link too.
  if (path.startsWith('/link/') || (path === '/link' && isOpened)) return serveLinkPage(page, path)
  const file = await page(path === '/' ? '/index.html' : path)
  if (file === undefined) return null
  const cache = file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache'
  return reply(file.body, 200, { ...pageHeaders, 'content-type': file.type, 'cache-control': cache })
}

async function serveLinkPage(page: PageFiles, path: string): Promise<Response | null> {
  const file = await page('/link.html')
  if (file === undefined) return null
  // Its files are relative to the address of a link. A program may have added a slash.
  const top = '../'.repeat(path.split('/').length - 2) || './'
  const body = new TextDecoder().decode(file.body).replace('<base href="../" />', `<base href="${top}" />`)
  return reply(body, 200, { ...pageHeaders, 'content-type': file.type, 'cache-control': 'no-cache' })
}

/** Returns the page for an unknown path, which a browser opens: the page shows its list. `null` if there is no page. */
export async function serveLostPage(page: PageFiles, basePath: string): Promise<Response | null> {
  const file = await page('/index.html')
  if (file === undefined) return null
  // Its files are relative to the start page.
  const body = new TextDecoder().decode(file.body).replace('<head>', `<head><base href="${basePath}/" />`)
  return reply(body, 404, { ...pageHeaders, 'content-type': file.type })
}
