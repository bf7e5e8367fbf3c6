import type { Json, JsonObject } from '../ports/json.ts'
import type { FieldSchema, FormView } from '../view.ts'

/**
 * Returns the values of an HTML form as the types that the schema of a view asks for: numbers, booleans and lists in place
 * of text. An empty input, and a field that is not on the form, is left out. A value that does not fit stays text, so that
 * the server refuses it at its field.
 *
 * @example
 * ```ts
 * import { createClient, type FormView, formValues } from 'latchkey/client'
 *
 * const client = createClient({ url: '/latchkey', token: async () => 'token' })
 *
 * export const submit = (view: FormView, form: HTMLFormElement) =>
 *   client.flows.submit(view, formValues(view, new FormData(form)))
 * ```
 */
export function formValues(
  { schema, order }: Pick<FormView, 'schema' | 'order'>,
  data: FormData,
): JsonObject {
  const values: [string, Json][] = []
  for (const name of order) {
    const value = inputOf(schema.properties[name] ?? {}, data.getAll(name).map(String))
    if (value !== undefined) values.push([name, value])
  }
  return Object.fromEntries(values)
}

function inputOf(field: FieldSchema, texts: readonly string[]): Json | undefined {
  // A browser sends nothing for a box that is not checked. A field with choices is a list.
  if (field.type === 'boolean' && field.oneOf === undefined) return isChecked(texts.at(-1))
  if (field.type === 'array')
    return texts.filter((text) => text !== '').map((text) => typed(itemsOf(field), text))
  const [text = ''] = texts
  return text === '' ? undefined : typed(field, text)
}

const isChecked = (text: string | undefined): boolean =>
  text !== undefined && !['', 'false', 'off', '0'].includes(text)

const itemsOf = ({ items }: FieldSchema): FieldSchema =>
  typeof items === 'object' && items !== null && !Array.isArray(items) ? (items as FieldSchema) : {}

/** Returns a text as the type of a field; the text itself if it is not one. */
function typed({ type, enum: options }: FieldSchema, text: string): Json {
  const option = Array.isArray(options) ? options.find((each) => String(each) === text) : undefined
  if (option !== undefined) return option
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  const isNumber = (type === 'number' || type === 'integer') && text.trim() !== ''
  return isNumber && Number.isFinite(Number(text)) ? Number(text) : text
}
