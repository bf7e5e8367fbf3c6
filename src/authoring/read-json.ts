import type * as z from 'zod'
import { CannotConnectError } from '../errors.ts'
import { assertOk } from './assert-ok.ts'

/**
 * Returns the JSON of a response, as a schema validates it. Another device at an address, or a page of a network that
 * requires a sign-in, answers with something else: Latchkey then reports the service as unreachable.
 *
 * @throws the errors of {@link assertOk}, and CannotConnectError if the body is not JSON or does not match the schema. Its
 *   message names the wrong member, and never quotes a value
 *
 * @example
 * ```ts
 * import { readJson } from 'latchkey'
 * import * as z from 'zod'
 *
 * const Account = z.object({ id: z.string(), name: z.string() })
 *
 * export async function accountOf(fetch: typeof globalThis.fetch, token: string) {
 *   const headers = { authorization: `Bearer ${token}` }
 *   return readJson(await fetch('https://api.example/me', { headers }), Account)
 * }
 * ```
 */
export async function readJson<Schema extends z.ZodType>(
  response: Response,
  schema: Schema,
): Promise<z.output<Schema>> {
  const text = await assertOk(response).text()
  // Not the errors of the parsers as a cause: they quote the body, which may have a secret.
  const read = schema.safeParse(parsed(text))
  if (read.success) return read.data
  const path = read.error.issues[0]?.path.join('.')
  const place = path ? `"${path}" in the answer` : 'The answer'
  throw new CannotConnectError(`${place} of the service is not as expected.`)
}

/** @throws CannotConnectError if a text is not JSON */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new CannotConnectError('The answer of the service is not JSON.')
  }
}
