import type { PageFiles } from './access.ts'
import { pageHeaders, reply } from './reply.ts'

/**
 * A file of the page; null where there is none. A repair link shows its page too, and moves nothing: mail scanners open
 * links.
 */
export async function servePage(page: PageFiles, path: string, basePath: string): Promise<Response | null> {
  // What the page loads lies below its address.
  if (path === '') return reply(null, 308, { location: `${basePath}/` })
  const isLink = /^\/link\/[\w.-]+$/.test(path)
  const file = await page(path === '/' ? '/index.html' : isLink ? '/link.html' : path)
  if (file === undefined) return null
  const cache = file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache'
  return reply(file.body, 200, { ...pageHeaders, 'content-type': file.type, 'cache-control': cache })
}
