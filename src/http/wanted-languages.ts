import type { RequestedLanguages } from '../texts/languages.ts'

/** Headers that were read: most requests bring the same few. */
const read = new Map<string, readonly string[]>()
const KEPT = 100
/** No person reads more languages than this; what comes after them is not looked at. */
const MOST = 20

/** The languages of an Accept-Language header (RFC 9110, 12.5.4), the best first. */
export function wantedLanguages(header: string | null | undefined): RequestedLanguages {
  if (header === null || header === undefined) return []
  const known = read.get(header)
  if (known !== undefined) return known
  const ranges = header
    .slice(0, 1_000)
    .split(',', MOST)
    .map((range) => {
      const [tag = '', ...parameters] = range.split(';').map((part) => part.trim())
      const weight = parameters.find((parameter) => /^q=/i.test(parameter))
      return { tag, weight: weight === undefined ? 1 : Number(weight.slice(2)) }
    })
  const wanted = ranges.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight)
  const tags = wanted.map(({ tag }) => tag)
  if (read.size >= KEPT) read.clear()
  read.set(header, tags)
  return tags
}
