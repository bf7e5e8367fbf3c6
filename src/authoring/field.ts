import * as z from 'zod'
import { addressKey, parseAddress } from './address.ts'

/** The schemes of each address field, by the transform that every copy of the field has. */
const schemesOf = new WeakMap<z.core.$ZodType, readonly string[]>()

/**
 * Defines a field for the address of a device or service: a host name or IP address, with or without a port, or a URL.
 * Addresses with a user name, a password or another scheme are invalid.
 *
 * `connect` receives the address in lower case, without a slash or dot at its end and without the default port of its
 * scheme. IPv6 addresses are in brackets, so `http://${host}` is a URL unless the address has a scheme.
 * @param options `schemes`: the schemes that a URL can have. Defaults to none, so URLs are invalid. An address without a
 *   scheme counts as one of the first scheme when Latchkey compares addresses.
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
  const { schemes = [] } = options
  const toAddress = z.transform((text: string, context) => {
    const parsed = parseAddress(text, { schemes })
    if (parsed.ok) return parsed.value
    context.addIssue({ code: 'custom', params: { code: parsed.code } })
    return z.NEVER
  })
  schemesOf.set(toAddress, schemes)
  return z.pipe(z.string(), toAddress)
}

/** Returns the schemes of a field that {@link address} created, also if it is wrapped; null for any other field. */
function addressSchemes(field: z.core.$ZodType): readonly string[] | null {
  const schemes = schemesOf.get(field)
  if (schemes !== undefined) return schemes
  const { def } = field._zod
  const parts: readonly unknown[] = [
    'innerType' in def && def.innerType,
    'out' in def && def.out,
    'in' in def && def.in,
  ]
  for (const part of parts) {
    const found = part instanceof z.core.$ZodType ? addressSchemes(part) : null
    if (found !== null) return found
  }
  return null
}

/** Whether {@link address} created the field, also if it is wrapped, for example by `optional()`. */
export const isAddressField = (field: z.core.$ZodType | undefined): boolean =>
  field !== undefined && addressSchemes(field) !== null

/** Returns a parsed value for comparison: the same text for all spellings of an address. */
export function comparableAddress(field: z.core.$ZodType, value: unknown): unknown {
  const schemes = typeof value === 'string' ? addressSchemes(field) : null
  return schemes === null ? value : addressKey(value as string, { schemes })
}
