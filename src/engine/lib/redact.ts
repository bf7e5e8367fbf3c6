import type { LoggedError } from '../../ports/log.ts'

const REDACTED = '[secret]'

const MAX_CAUSES = 5

/** Shorter lines of a secret are not redacted: they would match unrelated text. */
const MIN_LINE = 8

/**
 * Converts a thrown value for the log: name, code, message, stack and cause. Libraries quote their input, so the
 * given secrets are redacted in plain, JSON-escaped, percent-encoded and base64 form. The thrown value itself must
 * not be logged.
 */
export function loggedError(error: unknown, secrets: readonly string[] = []): LoggedError {
  return converted(error, redactor(secrets), 0)
}

/** Returns the text of a property; undefined if it is not text or cannot be read. */
function textOf(error: Error, property: 'name' | 'message' | 'code' | 'stack'): string | undefined {
  try {
    const value: unknown = Reflect.get(error, property)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** Returns the cause of an error; undefined if it cannot be read. */
function causeOf(error: Error): unknown {
  try {
    return error.cause
  } catch {
    return undefined
  }
}

function converted(error: unknown, redact: (text: string) => string, depth: number): LoggedError {
  if (!isError(error)) return { name: 'Thrown', message: `a ${typeof error} was thrown` }
  const code = textOf(error, 'code')
  const stack = textOf(error, 'stack')
  const cause = causeOf(error)
  return {
    name: redact(textOf(error, 'name') ?? 'Error'),
    message: redact(textOf(error, 'message') ?? ''),
    ...(code !== undefined && { code: redact(code) }),
    ...(stack !== undefined && { stack: redact(stack) }),
    ...(cause !== undefined && depth < MAX_CAUSES && { cause: converted(cause, redact, depth + 1) }),
  }
}

function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.filter((secret) => secret !== '').flatMap(formsOf)
  // The longest first, because a form can contain a shorter one.
  forms.sort((a, b) => b.length - a.length)
  return (text) => forms.reduce((rest, form) => rest.replaceAll(form, REDACTED), text)
}

/**
 * Returns all encodings of a secret and of its lines: plain, escaped, and each of these in percent or base64
 * encoding.
 */
function formsOf(secret: string): string[] {
  const lines = secret.split(/[\r\n]+/).filter((line) => line.length >= MIN_LINE)
  const escaped = [...new Set([secret, ...lines].flatMap((text) => [text, ...escapedOf(text)]))]
  const encoded = escaped.flatMap((text) => [text, ...escapedOf(text), ...percentOf(text), ...base64Of(text)])
  return [...new Set(encoded)].filter((form) => form !== '')
}

/** Returns a text escaped as in JSON, in ASCII-only JSON, and in the quotes of `util.inspect`. */
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

/** Returns a text in the percent encodings of URIs, form bodies and URLs. Each of them escapes different characters. */
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

/**
 * Returns the base64 of a text within a longer text, for the three alignments, without the characters that depend on
 * its surroundings.
 */
function base64Of(text: string): string[] {
  const bytes = new TextEncoder().encode(text)
  return [0, 1, 2].flatMap((offset) => {
    // Spreading a long secret into `fromCharCode` would exceed the maximum number of arguments.
    const binary = '\0'.repeat(offset) + Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
    const encoded = btoa(binary).replace(/=+$/, '')
    const first = Math.ceil((offset * 8) / 6)
    const shared = (binary.length * 8) % 6 === 0 ? 0 : 1
    const inner = encoded.slice(first, encoded.length - shared)
    return inner.length < 4 ? [] : [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

/** Whether a value is an error, possibly of another realm, such as a frame, a worker or a test runner. */
function isError(thrown: unknown): thrown is Error {
  try {
    return thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]'
  } catch {
    return false
  }
}
