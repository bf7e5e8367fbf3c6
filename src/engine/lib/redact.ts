import type { LoggedError } from '../../ports/log.ts'

const STRUCK = '[secret]'

const MAX_CAUSES = 5

/** A line of a secret that is shorter tells too little to be struck wherever it stands. */
const MIN_LINE = 8

/**
 * A thrown value as it may be logged: name, code, message, stack and cause, each struck of the secrets in hand, in
 * plain, JSON-escaped, percent and base64 form. Libraries quote their input, so the value itself is never logged.
 */
export function loggedError(error: unknown, secrets: readonly string[] = []): LoggedError {
  return struck(error, striker(secrets), 0)
}

function struck(error: unknown, strike: (text: string) => string, depth: number): LoggedError {
  if (!isError(error)) return { name: 'Thrown', message: `a ${typeof error} was thrown` }
  const code: unknown = 'code' in error ? error.code : undefined
  return {
    name: strike(String(error.name)),
    message: strike(String(error.message)),
    ...(typeof code === 'string' && { code: strike(code) }),
    ...(typeof error.stack === 'string' && { stack: strike(error.stack) }),
    ...(error.cause !== undefined && depth < MAX_CAUSES && { cause: struck(error.cause, strike, depth + 1) }),
  }
}

function striker(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.filter((secret) => secret !== '').flatMap(formsOf)
  // The longest first: a form may hold a shorter one.
  forms.sort((a, b) => b.length - a.length)
  return (text) => forms.reduce((struck, form) => struck.replaceAll(form, STRUCK), text)
}

/** A secret and its lines, which are quoted one by one: plain, escaped, and either in percent or base64. */
function formsOf(secret: string): string[] {
  const lines = secret.split(/[\r\n]+/).filter((line) => line.length >= MIN_LINE)
  const escaped = [...new Set([secret, ...lines].flatMap((text) => [text, ...escapedOf(text)]))]
  const again = escaped.flatMap((text) => [text, ...escapedOf(text), ...percentOf(text), ...base64Of(text)])
  return [...new Set(again)].filter((form) => form !== '')
}

/** As in JSON, in JSON of ASCII alone, and in the quotes of `util.inspect`. */
function escapedOf(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1)
  const unquoted = json.replaceAll('\\"', '"')
  return [
    json,
    json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    unquoted,
    unquoted.replaceAll("'", "\\'"),
  ]
}

/** As part of a URI, a form body, a URL's query or its password; no two of them escape the same characters. */
function percentOf(text: string): string[] {
  const wellFormed = text.toWellFormed()
  const component = encodeURIComponent(wellFormed)
  const url = new URL('http://user@host')
  url.password = wellFormed
  url.search = wellFormed
  const forms = [
    component,
    component.replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`),
    component.replaceAll('%20', '+'),
    new URLSearchParams([['', wellFormed]]).toString().slice(1),
    encodeURI(wellFormed),
    url.password,
    url.search.slice(1),
  ]
  return forms.flatMap((form) => [form, form.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase())])
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
