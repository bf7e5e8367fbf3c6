import type { RequestedLanguages } from '../texts/languages.ts'

/** A cache of parsed headers, because most requests send one of a few. */
const parsed = new Map<string, readonly string[]>()
const MAX_CACHED = 100
/** Maximum number of languages that are read from a header. */
const MAX_LANGUAGES = 20

/** Returns the languages of an Accept-Language header (RFC 9110, 12.5.4), in order of preference. */
export function requestedLanguages(header: string | null | undefined): RequestedLanguages {
  if (header === null || header === undefined) return []
  const known = parsed.get(header)
  if (known !== undefined) return known
  const ranges = header
    .slice(0, 1_000)
    .split(',', MAX_LANGUAGES)
    .map((range) => {
      const [tag = '', ...parameters] = range.split(';').map((part) => part.trim())
      const weight = parameters.find((parameter) => /^q=/i.test(parameter))
      return { tag, weight: weight === undefined ? 1 : Number(weight.slice(2)) }
    })
  const accepted = ranges.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight)
  const tags = accepted.map(({ tag }) => tag)
  if (parsed.size >= MAX_CACHED) parsed.clear()
  parsed.set(header, tags)
  return tags
}
