/** An error of a form. `until`: when the next attempt is allowed, in milliseconds since the epoch. Only for `rate_limited`. */
export type FormErrorCode = {
  readonly code: string
  readonly until?: number
}

/** The errors of a form: by JSON Pointer of the field, or `base` for the form as a whole. */
export type FormErrors = Readonly<Record<string, FormErrorCode>>
