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
  return z.string().transform((text, context) => {
    const parsed = parseAddress(text, { schemes: options.schemes ?? [] })
    if (parsed.ok) return parsed.value
    context.addIssue({ code: 'custom', params: { code: parsed.code } })
    return z.NEVER
  })
}
