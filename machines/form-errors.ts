/** A code of the form's errors, and for `rate_limited` the time (ms since the epoch) from which a try may be made again. */
export type FormErrorCode = {
  readonly code: string
  readonly until?: number
}

/** The errors of a form: by JSON Pointer of the field, or `base` for the form as a whole. */
export type FormErrors = Readonly<Record<string, FormErrorCode>>
