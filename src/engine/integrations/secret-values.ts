import { Secret } from '../../authoring/secret.ts'
import type { Form } from '../../form.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { Compiled } from './compiled.ts'

/** The values of a form, and the answer to a challenge. */
export interface SubmittedValues {
  readonly values: JsonObject
  readonly challenge?: { readonly name: string; readonly values: JsonObject; readonly state?: Json }
}

/** Shorter texts in the state of a challenge are not redacted: they would match unrelated words of the log. */
const MIN_STATE = 8

/** Returns all secrets in submitted or stored values, to redact them from logs. */
export function secretsOf(compiled: Compiled, { values, challenge }: SubmittedValues): readonly string[] {
  const secretsIn = (form: Form | undefined, from: JsonObject): string[] =>
    [...(form?.secrets ?? [])].map((field) => from[field]).filter((value) => typeof value === 'string')
  return [
    ...secretsIn(compiled.fullForm, values),
    ...(compiled.storedForm === compiled.fullForm ? [] : secretsIn(compiled.storedForm, values)),
    ...secretsIn(challenge && compiled.challenges.get(challenge.name), challenge?.values ?? {}),
    ...textsIn(challenge?.state ?? null).filter((text) => text.length >= MIN_STATE),
  ]
}

/** Adds the secrets among parsed values to `secrets`. */
export function collectSecrets(values: object, secrets: string[]): void {
  for (const value of Object.values(values)) if (value instanceof Secret) secrets.push(value.reveal())
}

/** Returns all strings in a JSON value. Not recursive, because the value can be deeply nested. */
export function textsIn(value: Json): string[] {
  const texts: string[] = []
  const open: Json[] = [value]
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    if (typeof item === 'string') texts.push(item)
    else if (typeof item === 'object' && item !== null) open.push(...Object.values(item))
  }
  return texts
}
