import * as z from 'zod'
import { parseAddress } from './address.ts'

/**
 * Defines a field for the address of a device or service: a host name or IP address, with or without a port, or a URL.
 * Addresses with a user name, a password or another scheme are invalid.
 * @param options `schemes`: the schemes that a URL can have. Defaults to none, so URLs are invalid.
 *
 * @example
 * ```ts
 * import { address } from 'latchkey'
 * import * as z from 'zod'
 *
 * const fields = z.object({ host: address({ schemes: ['http', 'https'] }).meta({ title: 'Host' }) })
 * ```
 */
export function address(options: { readonly schemes?: readonly string[] } = {}): z.ZodType<string, string> {
  const field = z.string().transform((text, context) => {
    const parsed = parseAddress(text, { schemes: options.schemes ?? [] })
    if (parsed.ok) return parsed.value
    context.addIssue({ code: 'custom', params: { code: parsed.code } })
    return z.NEVER
  })
  addressOutputs.add(field.def.out)
  return field
}

/** The outputs of all address fields. A copy of a field has the same output. */
const addressOutputs = new WeakSet<z.core.$ZodType>()

/** Whether {@link address} created the field, also if it is wrapped, for example by `optional()`. */
export function isAddressField(field: z.core.$ZodType): boolean {
  const { def } = field._zod
  if ('out' in def && def.out instanceof z.core.$ZodType && addressOutputs.has(def.out)) return true
  return 'innerType' in def && def.innerType instanceof z.core.$ZodType && isAddressField(def.innerType)
}
