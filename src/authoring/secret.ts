import * as z from 'zod'
import { Opaque } from '../../machines/opaque.ts'

/** A secret that a person entered. Only `reveal()` shows it; JSON, `util.inspect` and template strings show `[secret]`. */
export class Secret extends Opaque<string> {
  constructor(text: string) {
    super(text, '[secret]')
  }
}

const toSecret = z.transform((text: string) => new Secret(text))

/** The type of a secret field: a string goes in, a {@link Secret} comes out. */
export type SecretField = z.ZodPipe<z.ZodType<string, string>, z.ZodTransform<Secret, string>>

/**
 * A field that holds a secret: it is sealed before it is stored, never prefilled and never shown.
 *
 * @param text what the secret has to look like, for example `z.string().length(6)`
 */
export function secret(text: z.ZodType<string, string> = z.string().min(1).max(16_384)): SecretField {
  return z.pipe(text, toSecret)
}

/** Whether a field was made by {@link secret}, also under `optional()` and its like. */
export function isSecretField(field: z.core.$ZodType): boolean {
  const { def } = field._zod
  if ('out' in def && def.out === toSecret) return true
  return 'innerType' in def && def.innerType instanceof z.core.$ZodType && isSecretField(def.innerType)
}
