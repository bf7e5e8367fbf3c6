/** What the page may do. Its styles are put in by script, so they need no file of their own. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** What every answer says: it is what it says that it is, and nobody keeps it. */
const common = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }

/** What a page says besides. */
export const pageHeaders = {
  'content-security-policy': POLICY,
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
}

/** In which language an answer is, where it has words, and that it could have been in another. */
export function languageHeaders(body: object): Record<string, string> {
  const { language, items, flow } = body as {
    language?: string
    items?: unknown
    flow?: { language: string }
  }
  const [first] = Array.isArray(items) ? (items as { language?: string }[]) : []
  const said = language ?? flow?.language ?? first?.language
  return said === undefined ? {} : { 'content-language': said, vary: 'accept-language' }
}

/** An answer. Its headers are said once, when it is made: adding to them later costs a server twice the time. */
export function reply(
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null,
  status: number,
  headers: Readonly<Record<string, string>>,
): Response {
  return new Response(body, { status, headers: { ...common, ...headers } })
}
