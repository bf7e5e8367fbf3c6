/** A language that somebody wants, as a BCP 47 tag (`de-AT`), or several, the best first. */
export type Wanted = string | readonly string[]

/** A tag as it is written (`de-at` is `de-AT`); null for what is none. */
export function canonical(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null
  } catch {
    return null
  }
}

/** A tag, and what is left of it as its last parts are taken away one by one (RFC 4647, 3.4): `de-AT`, `de`. */
export function widened(tag: string): string[] {
  const parts = tag.split('-')
  const all: string[] = []
  for (let length = parts.length; length > 0; length--) {
    // A part of one letter announces the one after it: both go together.
    if (parts[length - 1]?.length === 1) continue
    all.push(parts.slice(0, length).join('-'))
  }
  return all
}

/** The first language of several that there is, by the lookup of RFC 4647; null where there is none. */
export function lookup(wanted: Wanted, available: ReadonlySet<string>): string | null {
  for (const tag of typeof wanted === 'string' ? [wanted] : wanted) {
    const found = widened(canonical(tag) ?? '').find((language) => available.has(language))
    if (found !== undefined) return found
  }
  return null
}
