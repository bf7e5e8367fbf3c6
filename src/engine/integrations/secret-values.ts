import { Secret } from '../../authoring/secret.ts'
import type { Form } from '../../form.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { Compiled } from './compiled.ts'

/** Values of fields, and of the challenge that they answer. */
export interface SubmittedValues {
  readonly values: JsonObject
  readonly challenge?: { readonly name: string; readonly values: JsonObject; readonly state?: Json }
}

/** A challenge's state may hold a session. A shorter text in it is a word: struck, it would blot out half of a log. */
const MIN_STATE = 8

/** The secrets in hand: whatever is thrown meanwhile is struck of them before it is logged. */
export function secretsOf(compiled: Compiled, { values, challenge }: SubmittedValues): readonly string[] {
  const ofForm = (form: Form | undefined, given: JsonObject): string[] =>
    [...(form?.secrets ?? [])].map((field) => given[field]).filter((value) => typeof value === 'string')
  const typed = ofForm(compiled.fullForm, values)
  const own =
    compiled.storedForm === compiled.fullForm ? typed : [...typed, ...ofForm(compiled.storedForm, values)]
  if (challenge === undefined) return own
  return [
    ...own,
    ...ofForm(compiled.challenges.get(challenge.name), challenge.values),
    ...textsIn(challenge.state ?? null).filter((text) => text.length >= MIN_STATE),
  ]
}

/** Adds the secrets that were read out of values to those in hand. */
export function collectSecrets(values: object, secrets: string[]): void {
  for (const value of Object.values(values)) if (value instanceof Secret) secrets.push(value.reveal())
}

/** Every text in a value; without recursion, as it may be deep. */
export function textsIn(value: Json): string[] {
  const texts: string[] = []
  const open: Json[] = [value]
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    if (typeof item === 'string') texts.push(item)
    else if (typeof item === 'object' && item !== null) open.push(...Object.values(item))
  }
  return texts
}
