import type { FormErrorCode, TextParams } from '../../../machines/form-errors.ts'
import { httpsProblem } from '../../authoring/https-url.ts'
import { MAX_READ, textFrom, titleFrom } from '../../authoring/title.ts'
import { AbortFlowError, FormError, SetupError, WrongAccountError } from '../../errors.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { hasField, isOwnCode } from '../integrations/own-codes.ts'
import { Redactor } from '../lib/redactor.ts'

/** The explanation of a failure by the integration, cleaned and without secrets. */
export interface Explained extends Pick<FormErrorCode, 'code' | 'params' | 'advice' | 'docs'> {
  /** `shown`: the form shows it. `aborts`: it ends the flow. `account`: another account has answered. */
  readonly type: 'shown' | 'aborts' | 'account'
  /** The field of a form of the integration. Absent for the form as a whole. */
  readonly field?: string
  /** The name of the account that has answered. */
  readonly account?: string
  /** Whether the service counts as having refused the login. */
  readonly refuses: boolean
}

/** The explanation of a failed setup: the code of the integration's error, and the placeholders of its text. */
export type SetupExplanation = Pick<Explained, 'code' | 'params'>

/** Returns the part of an explanation that an entry stores; empty without a text. */
export function explanationOf(explained: Explained | undefined): { readonly explained?: SetupExplanation } {
  if (explained === undefined) return {}
  const { code, params } = explained
  return { explained: { code, ...(params !== undefined && { params }) } }
}

/** The maximum length of a text of an integration in characters. */
const MAX_TEXT = 300

const MAX_PLACEHOLDERS = 20

/** A shorter secret can be a word of a code, such as `password` in `wrong_password`. */
const LONG_SECRET = 16

const PLACEHOLDER = /^[A-Za-z][A-Za-z0-9_]{0,39}$/

/** Called with a mistake in an error of the integration. */
type Warn = (mistake: string) => void

/** Returns the explanation of an error; null if the integration has not thrown one. */
export function explainedBy(
  error: unknown,
  { compiled, secrets }: { readonly compiled: Compiled; readonly secrets: readonly string[] },
  warn: Warn,
): Explained | null {
  const shown = new ShownTexts(secrets)
  if (error instanceof SetupError) {
    const params = shown.params({}, error.explanation)
    return error.explanation === null
      ? null
      : { type: 'shown', code: 'setup_error', refuses: false, ...params }
  }
  if (error instanceof WrongAccountError) {
    const account = shown.text(error.account)
    return { type: 'account', code: 'wrong_account', refuses: true, ...(account !== null && { account }) }
  }
  if (error instanceof AbortFlowError) {
    const params = shown.params(error.placeholders, error.explanation)
    return { type: 'aborts', code: codeOf(error, shown, warn), refuses: true, ...params }
  }
  if (!(error instanceof FormError)) return null
  const advice = shown.text(error.advice)
  return {
    type: 'shown',
    code: codeOf(error, shown, warn),
    refuses: true,
    ...fieldOf(error, compiled, warn),
    ...shown.params(error.placeholders, error.explanation),
    ...(advice !== null && { advice }),
    ...docsOf(error, shown, warn),
  }
}

/** Returns an explanation without the texts of the integration. */
export function withoutTexts(explained: Explained | null): Explained | null {
  if (explained === null) return null
  const { type, code, field, refuses } = explained
  return { type, code, refuses, ...(field !== undefined && { field }) }
}

/** Returns the code of an error; `unknown` if it is invalid, one of Latchkey's, or contains a secret. */
function codeOf({ code, name }: FormError | AbortFlowError, shown: ShownTexts, warn: Warn): string {
  if (isOwnCode(code) && !shown.names(code)) return code
  warn(
    `${name}: the code is one of Latchkey's, or invalid. Use up to 40 lower-case letters, digits and underscores.`,
  )
  return 'unknown'
}

function fieldOf({ field }: FormError, compiled: Compiled, warn: Warn): { readonly field?: string } {
  if (field === null) return {}
  if (typeof field === 'string' && hasField(compiled, field)) return { field }
  warn('FormError: the integration has no field with this name. The error is shown above the form.')
  return {}
}

function docsOf({ docs }: FormError, shown: ShownTexts, warn: Warn): { readonly docs?: string } {
  if (docs === null) return {}
  if (httpsProblem(docs) === null && !shown.quotes(docs)) return { docs }
  warn('FormError: docs is not a URL that starts with https:, or contains a secret. It is not shown.')
  return {}
}

/** The length of a part of a secret in a title. Titles and secrets can have words in common, such as that of a room. */
const PART_IN_TITLE = 20

function textWithout(redactor: Redactor, text: unknown): string | null {
  if (typeof text !== 'string' || redactor.hasShortWord(text)) return null
  return textFrom(redactor.redact(text), MAX_TEXT)
}

const quotes = (redactor: Redactor, text: string): boolean =>
  redactor.hasShortWord(text) || redactor.redact(text) !== text

/** Makes texts of an integration safe to show: without secrets, in one line, and cut. */
export class ShownTexts {
  readonly #redactor: Redactor
  readonly #long: Redactor
  readonly #titles: Redactor

  constructor(secrets: readonly string[]) {
    this.#redactor = new Redactor(secrets)
    this.#titles = new Redactor(secrets, PART_IN_TITLE)
    this.#long = new Redactor(secrets.filter(({ length }) => length >= LONG_SECRET))
  }

  /** Returns a text; null if nothing may be shown, or if it contains a secret that is too short to be redacted. */
  text(text: unknown): string | null {
    return textWithout(this.#redactor, text)
  }

  /** Returns a title that the integration gives; the fallback if it may not be shown. */
  title<Fallback>(title: unknown, fallback: Fallback): string | Fallback {
    const start = typeof title === 'string' ? title.slice(0, MAX_READ) : title
    return titleFrom(textWithout(this.#titles, start), fallback)
  }

  /** Whether a text can contain a secret. For texts that cannot be shown in part. */
  quotes(text: string): boolean {
    return quotes(this.#redactor, text)
  }

  /** Whether an address can contain a secret: it can have words of one, as a title. */
  addressQuotes(address: string): boolean {
    return quotes(this.#titles, address)
  }

  /** Whether a name, such as a code, contains a long secret. A short one can be a word of the name by chance. */
  names(name: string): boolean {
    return this.#long.redact(name) !== name
  }

  /** Returns the values of the placeholders, and the message as one of them. */
  params(placeholders: unknown, message: string | null): { readonly params?: TextParams } {
    const given = Object.entries(Object(placeholders)).filter(
      ([name]) => PLACEHOLDER.test(name) && !this.names(name),
    )
    const all = [...given.slice(0, MAX_PLACEHOLDERS), ['message', message] as const]
    const params = all.flatMap(([name, value]) => {
      const text = this.text(value)
      return text === null ? [] : [[name, text] as const]
    })
    return params.length === 0 ? {} : { params: Object.fromEntries(params) }
  }
}
