import * as z from 'zod'
import { parseAddress } from './address.ts'

/**
 * A field for the address of a device or a service: a bare name or IP, with or without a port, or a URL of one of
 * `schemes`. It refuses a user and password in it, and any other scheme.
 */
export function address(options: { readonly schemes?: readonly string[] } = {}): z.ZodType<string, string> {
  return z.string().transform((text, context) => {
    const parsed = parseAddress(text, { schemes: options.schemes ?? [] })
    if (parsed.ok) return parsed.value
    context.addIssue({ code: 'custom', params: { code: parsed.code } })
    return z.NEVER
  })
}
