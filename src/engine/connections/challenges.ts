import type { Challenged } from '../../authoring/integration.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { Compiled } from '../integrations/compiled.ts'

/** A challenge that an integration requires, with the state that it needs to check the answer. */
export interface ChallengeRequested {
  readonly type: 'challenged'
  readonly challenge: string
  readonly state: Json
  /** Error code to show on the form, for example if the previous answer has expired. */
  readonly error?: string
}

/** The submitted answer to a challenge. */
export interface SubmittedAnswer {
  readonly name: string
  readonly values: JsonObject
  readonly state: Json
}

const MAX_STATE_CHARACTERS = 16_384

/**
 * Validates a challenge that `connect` or `exchange` returned. @throws Error if the integration violates the contract
 */
export function readChallenge(
  compiled: Compiled,
  { challenge, state = null, error }: Challenged<string>,
  returnedBy: 'connect' | 'exchange',
): ChallengeRequested {
  if (!compiled.challenges.has(challenge))
    throw new Error(`${returnedBy} returned a challenge that is not one of the integration's challenges.`)
  const json = JSON.stringify(state)
  if (json === undefined || json.length > MAX_STATE_CHARACTERS)
    throw new Error(`The state of the challenge is not JSON, or exceeds ${MAX_STATE_CHARACTERS} characters.`)
  if (error !== undefined && !/^[a-z][a-z_]{0,39}$/.test(error))
    throw new Error(
      'The error of the challenge is not a code. Use up to 40 lower-case letters and underscores.',
    )
  return {
    type: 'challenged',
    challenge,
    state: JSON.parse(json) as Json,
    ...(error !== undefined && { error }),
  }
}

/**
 * Returns the part of the integration's context that holds the answer, `{}` without an answer, or null if the answer
 * is invalid.
 */
export function challengeContext(
  { integration }: Compiled,
  challenge: SubmittedAnswer | undefined,
): { challenge?: { name: string; values: object; state: Json } } | null {
  if (challenge === undefined) return {}
  const values = integration.challenges?.[challenge.name]?.safeParse(challenge.values)
  if (values?.success !== true) return null
  return { challenge: { name: challenge.name, values: values.data, state: challenge.state } }
}
