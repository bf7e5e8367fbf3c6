const MAX_TITLE = 200

/** Longer texts are cut before they are cleaned, so that the cost does not depend on a service. */
export const MAX_READ = 4_000

/** A flag of a region, such as England: only there tag characters are part of a character that users see. */
const flag = /\u{1F3F4}[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{3,7}\u{E007F}/u

/**
 * Characters that change or hide the text around them: control characters, separators of lines and paragraphs, bidi
 * embeddings, overrides and isolates, deprecated format characters, annotations, and tag characters outside of a flag.
 * Joiners, variation selectors and bidi marks are part of words and emoji.
 */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/u

const unsafeOrFlag = new RegExp(`${flag.source}|${unsafe.source}`, 'gu')

/** A character that users see. */
const visible = /[^\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u

/**
 * Whether a text can be shown as a title: visible, well-formed, without control characters, escape sequences and bidi
 * overrides.
 */
export function isTitle(text: unknown): text is string {
  return (
    typeof text === 'string' &&
    text.length <= MAX_TITLE &&
    text.isWellFormed() &&
    visible.test(text) &&
    text === withoutUnsafe(text)
  )
}

/**
 * Returns a title from the name that a service uses: without unsafe characters, and with at most 200 characters. Returns
 * the fallback if nothing visible remains.
 */
export function titleFrom<Fallback>(text: unknown, fallback: Fallback): string | Fallback {
  return textFrom(text, MAX_TITLE) ?? fallback
}

/** Returns a text of another program as one line without unsafe characters; null if nothing visible remains. */
export function textFrom(text: unknown, most: number): string | null {
  if (typeof text !== 'string') return null
  const spaced = text.slice(0, MAX_READ).replace(/[\t\n\v\f\r\u0085\p{Zl}\p{Zp}]+/gu, ' ')
  const line = cut(withoutUnsafe(spaced.toWellFormed()).trim(), most).trimEnd()
  return visible.test(line) ? line : null
}

const withoutUnsafe = (text: string): string =>
  text.replace(unsafeOrFlag, (found) => (flag.test(found) ? found : ''))

/** Cuts a text before the first character that exceeds the limit. An emoji of several code points is one character. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text
  let end = 0
  for (const { index, segment } of new Intl.Segmenter('en').segment(text)) {
    if (index + segment.length > most) break
    end = index + segment.length
  }
  // A single character can have any number of combining marks.
  return end === 0 ? text.slice(0, most).toWellFormed() : text.slice(0, end)
}
