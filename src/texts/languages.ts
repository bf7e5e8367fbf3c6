/** The language of the titles and labels in an integration's code, and the last fallback of all texts. */
export const SOURCE_LANGUAGE = 'en'

/** A requested language as a BCP 47 tag (`de-AT`), or several in order of preference. */
export type RequestedLanguages = string | readonly string[]

/** Returns a tag in its canonical spelling (`de-AT` for `de-at`), or null if it is not a tag. */
export function canonical(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null
  } catch {
    return null
  }
}

/** Returns a tag, followed by the tag without its last part, and so on (RFC 4647, 3.4): `de-AT`, `de`. */
export function widened(tag: string): string[] {
  const parts = tag.split('-')
  const all: string[] = []
  for (let length = parts.length; length > 0; length--) {
    // A part of one letter introduces the one after it: both are removed together.
    if (parts[length - 1]?.length === 1) continue
    all.push(parts.slice(0, length).join('-'))
  }
  return all
}

/** Finds the first requested language that is available, by the lookup of RFC 4647. Null if none is. */
export function lookup(requested: RequestedLanguages, available: ReadonlySet<string>): string | null {
  for (const tag of typeof requested === 'string' ? [requested] : requested) {
    const found = widened(canonical(tag) ?? '').find((language) => available.has(language))
    if (found !== undefined) return found
  }
  return null
}
