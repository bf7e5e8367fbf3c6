import * as z from 'zod'
import { Opaque } from '../../machines/opaque.ts'

/**
 * A secret that a user entered. Only `reveal()` returns it. JSON, `util.inspect` and template strings show `[secret]`.
 */
export class Secret extends Opaque<string> {
  constructor(text: string) {
    super(text, '[secret]')
  }
}

const toSecret = z.transform((text: string) => new Secret(text))

/** The type of a secret field: its input is a string, its output a {@link Secret}. */
export type SecretField = z.ZodPipe<z.ZodType<string, string>, z.ZodTransform<Secret, string>>

/**
 * Defines a field for a secret, such as a password or token. Stored encrypted, and never included in a view.
 * @param text validates the secret. Defaults to 1 to 16,384 characters.
 *
 * @example
 * ```ts
 * import { secret } from 'latchkey'
 * import * as z from 'zod'
 *
 * const fields = z.object({
 *   apiToken: secret().meta({ title: 'API token' }),
 *   pin: secret(z.string().regex(/^\d{6}$/)),
 * })
 * ```
 */
export function secret(text: z.ZodType<string, string> = z.string().min(1).max(16_384)): SecretField {
  return z.pipe(text, toSecret)
}

/** Whether {@link secret} created the field, also if it is wrapped, for example by `optional()`. */
export function isSecretField(field: z.core.$ZodType): boolean {
  const { def } = field._zod
  if ('out' in def && def.out === toSecret) return true
  return 'innerType' in def && def.innerType instanceof z.core.$ZodType && isSecretField(def.innerType)
}
