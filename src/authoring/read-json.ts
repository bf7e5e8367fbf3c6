import type * as z from 'zod'
import { CannotConnectError } from '../errors.ts'
import { assertOk } from './assert-ok.ts'
import { assertUnlimited } from './rate-limit.ts'
import { childrenOf } from './secret.ts'

/**
 * Returns the JSON of a response, as a schema validates it. Another device at an address, or a page of a network that
 * requires a sign-in, answers with something else: Latchkey then reports the service as unreachable.
 *
 * @throws the errors of {@link assertOk}, RateLimitedError for 403 if the body names a rate limit of Google or GitHub, and
 *   CannotConnectError if the body is not JSON or does not match the schema. Its
 *   message names the wrong member, and never quotes a value or a key that the schema does
 *   not name
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
  await assertUnlimited(response)
  const text = await assertOk(response).text()
  // Not the errors of the parsers as a cause: they quote the body, which may have a secret.
  const body = parsed(text)
  const read = schema.safeParse(body)
  if (read.success) return read.data
  const path = pathIn(body, schema, read.error.issues[0]?.path ?? [])
  const place = path === '' ? 'The answer' : `"${path}" in the answer`
  throw new CannotConnectError(`${place} of the service is not as expected.`)
}

/**
 * Returns the path of a member up to the first key that the schema does not name: the keys of a record are data of the
 * service, and can be secrets.
 */
function pathIn(body: unknown, schema: z.ZodType, path: readonly PropertyKey[]): string {
  const names = keysOf(schema)
  const shown: PropertyKey[] = []
  let value = body
  for (const part of path) {
    const isIndex = Array.isArray(value) && typeof part === 'number'
    if (!isIndex && !names.has(part)) break
    shown.push(part)
    value = Object(value)[part]
  }
  return shown.join('.')
}

/** Returns the keys of all object schemas in a schema. */
function keysOf(schema: z.ZodType): ReadonlySet<PropertyKey> {
  const keys = new Set<string>()
  const schemas = new Set<z.core.$ZodType>([schema])
  // The loop also visits the schemas that it adds.
  for (const each of schemas)
    for (const { key, schema: child } of childrenOf(each)) {
      schemas.add(child)
      if (key !== undefined) keys.add(key)
    }
  return keys
}

/** @throws CannotConnectError if a text is not JSON */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new CannotConnectError('The answer of the service is not JSON.')
  }
}
