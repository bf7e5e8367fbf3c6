import type { LoggedError } from '../ports/log.ts'

const STRUCK = '[secret]'
const MAX_CAUSES = 5

/**
 * A thrown value as it may be logged: name, code, message, stack and cause, each struck of the secrets in hand, in
 * plain, JSON-escaped, percent and base64 form. Libraries quote their input, so the value itself is never logged.
 */
export function loggedError(error: unknown, secrets: readonly string[] = [], depth = 0): LoggedError {
  const strike = striker(secrets)
  if (!isError(error)) return { name: 'Thrown', message: `a ${typeof error} was thrown` }
  const code: unknown = 'code' in error ? error.code : undefined
  return {
    name: strike(String(error.name)),
    message: strike(String(error.message)),
    ...(typeof code === 'string' && { code: strike(code) }),
    ...(typeof error.stack === 'string' && { stack: strike(error.stack) }),
    ...(error.cause !== undefined &&
      depth < MAX_CAUSES && { cause: loggedError(error.cause, secrets, depth + 1) }),
  }
}

function striker(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.filter((secret) => secret !== '').flatMap(formsOf)
  // The longest first: a form may hold a shorter one.
  forms.sort((a, b) => b.length - a.length)
  return (text) => forms.reduce((struck, form) => struck.replaceAll(form, STRUCK), text)
}

function formsOf(secret: string): string[] {
  const percent = percentOf(secret)
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    percent,
    percent.replaceAll('%20', '+'),
    percent.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()),
    ...base64Of(secret),
  ]
  return [...new Set(forms)].filter((form) => form !== '')
}

function percentOf(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

/** Base64 of a text wherever it begins within a longer one: three alignments, without the characters it shares. */
function base64Of(text: string): string[] {
  const bytes = new TextEncoder().encode(text)
  return [0, 1, 2].flatMap((offset) => {
    // Not by spreading the bytes: a long secret has more of them than a call takes arguments.
    const binary = '\0'.repeat(offset) + Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
    const whole = btoa(binary).replace(/=+$/, '')
    const first = Math.ceil((offset * 8) / 6)
    const shared = (binary.length * 8) % 6 === 0 ? 0 : 1
    const inner = whole.slice(first, whole.length - shared)
    return inner.length < 4 ? [] : [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

/** Also an error of another realm: a frame's, a worker's, a test runner's. */
const isError = (thrown: unknown): thrown is Error =>
  thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]'
