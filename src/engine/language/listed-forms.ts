import type { FoundChoice } from '../../../machines/flow-result.ts'
import { freeze } from '../../form.ts'
import type { FieldSchema, FormSchema } from '../../view.ts'
import { withChoices } from '../integrations/choices.ts'

/** A form whose fields have the choices of one flow. */
interface Listed {
  /** The form without these choices. All flows share it. */
  readonly form: FormSchema
  readonly choices: ReadonlyMap<string, readonly FoundChoice[]>
}

const listed = new WeakMap<FormSchema, Listed>()

/** Returns a form with the choices of one flow, by field. */
export function formWithChoices(form: FormSchema, choices: Listed['choices']): FormSchema {
  const own = [...choices].map(([field, list]) => {
    const schema = form.properties[field] as FieldSchema
    return [field, withChoices(schema, list)] as const
  })
  const whole = freeze({ ...form, properties: { ...form.properties, ...Object.fromEntries(own) } })
  listed.set(whole, { form, choices })
  return whole
}

/** Returns the parts of a form: the form that all flows share, and the choices of one flow. */
export const partsOf = (form: FormSchema): Listed => listed.get(form) ?? { form, choices: new Map() }

/** Remembers the parts of a form in another language. */
export const rememberParts = (form: FormSchema, parts: Listed): void => void listed.set(form, parts)
