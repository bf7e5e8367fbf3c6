/** The content security policy of the page. Scripts insert its styles, so inline styles are allowed. */
const CONTENT_SECURITY_POLICY = [
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

/** The headers of every response: no sniffing, no caching. */
const commonHeaders = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }

/** The headers of a page. */
export const pageHeaders = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
}

/** Returns the headers for the language of a response that contains texts. */
export function languageHeaders(body: object): Record<string, string> {
  const { language, items, flow } = body as {
    language?: string
    items?: unknown
    flow?: { language: string }
  }
  const [first] = Array.isArray(items) ? (items as { language?: string }[]) : []
  const used = language ?? flow?.language ?? first?.language
  return used === undefined ? {} : { 'content-language': used, vary: 'accept-language' }
}

/** Creates a response. All headers are passed at once, because adding some later takes a server twice as long. */
export function reply(
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null,
  status: number,
  headers: Readonly<Record<string, string>>,
): Response {
  return new Response(body, { status, headers: { ...commonHeaders, ...headers } })
}
