import type { Form } from '../form.ts'
import type { JsonObject } from '../ports/json.ts'
import type { Compiled } from './compile.ts'

/** Values of fields, and of the challenge that they answer. */
export interface Given {
  readonly values: JsonObject
  readonly challenge?: { readonly name: string; readonly values: JsonObject }
}

/** The secrets in hand: whatever is thrown meanwhile is struck of them before it is logged. */
export function secretsOf(compiled: Compiled, { values, challenge }: Given): readonly string[] {
  const ofForm = (form: Form | undefined, given: JsonObject): string[] =>
    [...(form?.secrets ?? [])].map((field) => given[field]).filter((value) => typeof value === 'string')
  if (challenge === undefined) return ofForm(compiled.whole, values)
  return [
    ...ofForm(compiled.whole, values),
    ...ofForm(compiled.challenges.get(challenge.name), challenge.values),
  ]
}
