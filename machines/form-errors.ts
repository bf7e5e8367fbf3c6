/** The values of the placeholders of a text, never a secret. `message`: the text of an error without a translation. */
export type TextParams = { readonly [name: string]: string | number }

/**
 * An error of a form. `until`: when the next attempt is allowed, in milliseconds since the epoch. Only for `rate_limited`.
 * `params`: the values of the placeholders of its text. `ref`: the reference of its log line. `advice`, `docs`: the
 * integration's help, if its texts have none. `keepSecrets`: false if the service has refused the secret of the field.
 */
export type FormErrorCode = {
  readonly code: string
  readonly until?: number
  readonly params?: TextParams
  readonly ref?: string
  readonly advice?: string
  readonly docs?: string
  readonly keepSecrets?: boolean
}

/** The errors of a form: by JSON Pointer of the field, or `base` for the form as a whole. */
export type FormErrors = Readonly<Record<string, FormErrorCode>>
