import type { PageFiles } from './access.ts'
import { notFound } from './problem.ts'
import { pageHeaders, reply } from './reply.ts'

/** A file of the page. A repair link shows its page too, and moves nothing: mail scanners open links. */
export async function servePage(page: PageFiles, path: string): Promise<Response> {
  const isLink = /^\/link\/[\w.-]+$/.test(path)
  const file = await page(path === '' || path === '/' ? '/index.html' : isLink ? '/link.html' : path)
  if (file === undefined) throw notFound()
  const cache = file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache'
  return reply(file.body, 200, { ...pageHeaders, 'content-type': file.type, 'cache-control': cache })
}
