/**
 * An error of a form. `until`: when the next attempt is allowed, in milliseconds since the epoch. Only for `rate_limited`.
 * `params`: the values of the placeholders of its text, never a secret. `ref`: the reference of its log line.
 */
export type FormErrorCode = {
  readonly code: string
  readonly until?: number
  readonly params?: { readonly [name: string]: string | number }
  readonly ref?: string
}

/** The errors of a form: by JSON Pointer of the field, or `base` for the form as a whole. */
export type FormErrors = Readonly<Record<string, FormErrorCode>>
