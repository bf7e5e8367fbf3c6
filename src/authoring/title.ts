const MAX_TITLE = 200

/**
 * Whether a text can be shown as a title: not empty, well-formed, without control characters, escape sequences and bidi
 * overrides.
 */
export function isTitle(text: unknown): text is string {
  return (
    typeof text === 'string' &&
    text.length <= MAX_TITLE &&
    text.trim() !== '' &&
    text === clean(text) &&
    text.isWellFormed()
  )
}

/** Returns a title from the name that a service uses, without unsafe characters, or the fallback if nothing remains. */
export function titleFrom(text: unknown, fallback: string): string {
  const cleaned = typeof text === 'string' ? clean(text).trim().slice(0, MAX_TITLE).toWellFormed() : ''
  return cleaned === '' ? fallback : cleaned
}

// Cc: control. Cf: format, including bidi overrides and isolates. Zl, Zp: line and paragraph separators.
const clean = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
