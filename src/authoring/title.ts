const MAX_TITLE = 200

/** Whether a text can be shown as a title: not empty, no control characters, escape sequences, bidi overrides or halves of a character. */
export function isTitle(text: unknown): text is string {
  return (
    typeof text === 'string' &&
    text.length <= MAX_TITLE &&
    text.trim() !== '' &&
    text === clean(text) &&
    text.isWellFormed()
  )
}

/** A service's name for an account, made fit to show; the fallback where nothing is left of it. */
export function titleFrom(text: unknown, fallback: string): string {
  const cleaned = typeof text === 'string' ? clean(text).trim().slice(0, MAX_TITLE).toWellFormed() : ''
  return cleaned === '' ? fallback : cleaned
}

// Cc: control. Cf: format, which holds the bidi overrides and isolates. Zl, Zp: line and paragraph separators.
const clean = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
