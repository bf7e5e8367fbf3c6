/** Returns the mistake in a link that a page shows, as the end of a sentence; null if it is a URL with `https:`. */
export function httpsProblem(url: unknown): string | null {
  const parsed = typeof url === 'string' ? URL.parse(url) : null
  if (parsed?.protocol !== 'https:') return `is ${JSON.stringify(url)}. Use a URL that starts with https:.`
  const hasUser = parsed.username !== '' || parsed.password !== ''
  return hasUser ? 'contains a user name or a password. Remove it.' : null
}
