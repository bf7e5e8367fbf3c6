import type { Challenged } from '../../authoring/integration.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { Compiled } from '../integrations/compiled.ts'

/** A challenge that an integration asks, and what it wants to find again with the answer. */
export interface ChallengeRequested {
  readonly type: 'challenged'
  readonly challenge: string
  readonly state: Json
  /** Why it is asked once more. */
  readonly error?: string
}

/** The answer to a challenge, as it was submitted. */
export interface SubmittedAnswer {
  readonly name: string
  readonly values: JsonObject
  readonly state: Json
}

const MAX_STATE = 16_384

/** Reads a challenge that `who` asked. */
export function readChallenge(
  compiled: Compiled,
  { challenge, state = null, error }: Challenged<string>,
  who: 'connect' | 'exchange',
): ChallengeRequested {
  if (!compiled.challenges.has(challenge))
    throw new Error(`${who} asked for a challenge that is not declared.`)
  const json = JSON.stringify(state)
  if (json === undefined || json.length > MAX_STATE)
    throw new Error('The state of a challenge is JSON of 16 kB at most.')
  if (error !== undefined && !/^[a-z][a-z_]{0,39}$/.test(error))
    throw new Error('The error of a challenge is a code: lower-case letters and underscores.')
  const why = error === undefined ? {} : { error }
  return { type: 'challenged', challenge, state: JSON.parse(json) as Json, ...why }
}

/** The answer as the integration is handed it, or nothing where none was asked; null where it does not fit. */
export function challengeContext(
  { integration }: Compiled,
  challenge: SubmittedAnswer | undefined,
): { challenge?: { name: string; values: object; state: Json } } | null {
  if (challenge === undefined) return {}
  const values = integration.challenges?.[challenge.name]?.safeParse(challenge.values)
  if (values?.success !== true) return null
  return { challenge: { name: challenge.name, values: values.data, state: challenge.state } }
}
