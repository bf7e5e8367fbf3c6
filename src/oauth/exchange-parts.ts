import * as z from 'zod'
import { Secret, secret } from '../authoring/secret.ts'
import type { LatchkeyError } from '../errors.ts'
import { ownClientError, refreshErrorOf } from './oauth-error.ts'
import type { ProviderReach, SignInFields } from './provider.ts'
import type { TokenAnswer } from './token-answer.ts'

const token = {
  accessToken: secret(),
  /** Expiration time of the access token (ms since the epoch). Absent if the service did not specify it. */
  expiresAt: z.number().optional(),
}

/** The stored fields: the key that the user entered, and the token. */
type Stored<Fields extends z.ZodObject> = z.ZodObject<Fields['shape'] & typeof token>

/** A new token, before it is encrypted. */
export type ExchangedToken = { readonly accessToken: string; readonly expiresAt?: number }

/** The network of a call of `exchange` and `refresh`. */
type Context = Pick<ProviderReach, 'fetch' | 'signal'>

/**
 * The parts of an integration whose token comes from a key that the user enters. Spread them into `defineIntegration`.
 * The key is stored, since each new token needs it. A reauthentication asks for the secrets of the key.
 */
export interface ExchangeParts<Fields extends z.ZodObject> {
  readonly fields: Fields
  readonly stored: Stored<Fields>
  exchange(values: z.output<Fields>, context: Context): Promise<z.input<Stored<Fields>>>
  refresh(stored: z.output<Stored<Fields>>, context: Context): Promise<ExchangedToken>
  expiresAt(stored: z.output<Stored<Fields>>): number | null
}

/** Returns the parts of an integration, given a function that requests a token with the values of the fields. */
export function exchangeParts<Fields extends z.ZodObject>(
  fields: Fields,
  request: (values: SignInFields, context: Context) => Promise<ExchangedToken>,
): ExchangeParts<Fields> {
  const stored = z.object({ ...fields.shape, ...token })
  return {
    fields,
    stored: stored as z.ZodObject as Stored<Fields>,
    async exchange(values, { fetch, signal }) {
      const granted = await request(values, { fetch, signal })
      return { ...revealed(values), ...granted } as z.input<Stored<Fields>>
    },
    refresh: (values, { fetch, signal }) => request(values, { fetch, signal }),
    expiresAt: (values) => (values as { readonly expiresAt?: number }).expiresAt ?? null,
  }
}

/** Returns values with unencrypted secrets. */
const revealed = (values: SignInFields): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]),
  )

/** Converts an error of a token request. The user has entered the client, so a refused client is a wrong key. */
export const keyErrorOf = (error: unknown, answer: TokenAnswer | null): LatchkeyError =>
  ownClientError(refreshErrorOf(error, answer))
