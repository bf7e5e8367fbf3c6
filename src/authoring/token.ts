import * as z from 'zod'
import { type SecretField, secret } from './secret.ts'

/** Blanks, and the invisible characters that web pages and files put around a copied text. Half an emoji is not one. */
const INVISIBLE = /(?!\p{Cs})[\s\p{Z}\p{C}]/u

/** The characters of a token in an HTTP header (RFC 6750, RFC 7235): visible ASCII. */
const VISIBLE = /^[\x21-\x7e]*$/

/**
 * Defines a field for a secret that is pasted, such as an API token or key. Blanks, a byte order mark and zero-width
 * characters around it are removed. Any other character than visible ASCII shows an error at the field, because no
 * service accepts it: a line break in the token, typographic quotes, or the dots of a shortened text.
 * @param text validates the token without the characters around it. Defaults to any text.
 *
 * @example
 * ```ts
 * import { token } from 'latchkey'
 * import * as z from 'zod'
 *
 * const fields = z.object({
 *   apiToken: token().meta({ title: 'API token' }),
 *   accessKey: token(z.string().startsWith('AKIA')),
 * })
 * ```
 */
export function token(text: z.ZodType<string, string> = z.string()): SecretField {
  const visible = z
    .string()
    .overwrite(withoutInvisible)
    .min(1)
    .max(16_384)
    .superRefine((value, context) => {
      if (!VISIBLE.test(value)) context.addIssue({ code: 'custom', params: { code: 'invalid_characters' } })
    })
  return secret(visible.pipe(text))
}

/** Returns a text without the invisible characters around it. */
function withoutInvisible(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && INVISIBLE.test(text.charAt(start))) start++
  while (end > start && INVISIBLE.test(text.charAt(end - 1))) end--
  return text.slice(start, end)
}
