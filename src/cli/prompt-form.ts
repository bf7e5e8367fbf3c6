import type { Json, JsonObject } from '../ports/json.ts'
import type { DeviceView, ExternalView, FieldSchema, FormView, MenuView } from '../view.ts'
import type { Choice, Question, Screen } from './screen.ts'

/**
 * Prompts for the fields of a form that are not preset.
 *
 * @returns `null` if the user cancels
 */
export async function promptForm(
  screen: Screen,
  view: FormView,
  preset: JsonObject,
): Promise<JsonObject | null> {
  const { schema, order, values: prefilled } = view
  const values: Record<string, Json> = { ...preset }
  for (const name of order) {
    if (Object.hasOwn(preset, name)) continue
    const field = schema.properties[name] ?? {}
    const fate = isKeepable(view, name) ? await askStored(screen, field.title ?? name) : 'replace'
    if (fate === null) return null
    if (fate === 'remove') values[name] = null
    if (fate !== 'replace') continue
    const value = await ask(screen, field, questionOf(name, view, prefilled[name]))
    if (value === null) return null
    // An empty answer leaves out the field, so that an optional field gets its default.
    if (value !== '') values[name] = value
  }
  return values
}

/** Whether a field is an optional secret that holds a value. */
const isKeepable = ({ stored, schema }: FormView, name: string): boolean =>
  stored?.includes(name) === true && !schema.required.includes(name)

/** Asks whether a stored secret stays. Returns `null` if the user cancels. */
const askStored = (screen: Screen, title: string): Promise<'keep' | 'replace' | 'remove' | null> =>
  screen.choose(`${title}: a value is stored`, [
    { value: 'keep', label: 'Keep the value' },
    { value: 'replace', label: 'Enter another' },
    { value: 'remove', label: 'Remove it' },
  ])

type Step = FormView | MenuView | ExternalView | DeviceView

/** Prints the title of a step and the errors of the previous attempt. */
export function showStep(screen: Screen, view: Step): void {
  screen.heading(view)
  if (view.message !== undefined) screen.info(view.message)
  for (const text of errorLines(view)) screen.error(text)
}

/** Returns the errors of a step, each with the title of its field. */
export function errorLines(view: Step): string[] {
  const properties = view.type === 'form' ? view.schema.properties : {}
  return Object.entries(view.errors).map(([pointer, { text, advice }]) => {
    const name = pointer.slice(1)
    const field = pointer === 'base' ? '' : `${properties[name]?.title ?? name}: `
    return `${field}${[text, advice].filter((part) => part !== undefined).join(' ')}`
  })
}

function questionOf(name: string, { schema }: FormView, prefilled: Json | undefined): Question {
  const { title = name, description, examples } = schema.properties[name] ?? {}
  const example = Array.isArray(examples) ? examples[0] : undefined
  return {
    message: description === undefined ? title : `${title}: ${description}`,
    required: schema.required.includes(name),
    ...(prefilled !== undefined && prefilled !== null && { prefilled: String(prefilled) }),
    ...(typeof example === 'string' && { example }),
  }
}

async function ask(screen: Screen, field: FieldSchema, question: Question): Promise<Json> {
  const { type, writeOnly, multiline } = field
  if (writeOnly === true) return multiline === true ? screen.lines(question) : screen.password(question)
  const choices = choicesOf(field)
  if (choices !== null && choices.length > 0) {
    const all = question.required ? choices : [...choices, none]
    const prefilled = all.find(({ value }) => String(value) === question.prefilled)
    return screen.choose(question.message, all, prefilled?.value)
  }
  if (type === 'boolean') return screen.confirm(question.message, question.prefilled === 'true')
  const text = await screen.text(question)
  if (text === null || text.trim() === '' || (type !== 'number' && type !== 'integer')) return text
  const number = Number(text)
  // An invalid number is submitted as text, and the form rejects it.
  return Number.isFinite(number) ? number : text
}

const none = { value: '', label: '(none)' }

/** Returns the choices of a field; null if any value can be entered. */
export function choicesOf({ enum: allowed, oneOf }: FieldSchema): readonly Choice<Json>[] | null {
  if (Array.isArray(allowed)) return allowed.map((value) => ({ value, label: String(value) }))
  if (!Array.isArray(oneOf)) return null
  return oneOf.flatMap((choice: Json) =>
    typeof choice === 'object' && choice !== null && 'const' in choice
      ? [
          {
            value: choice.const as Json,
            label: String(choice.title),
            ...(choice.description !== undefined && { hint: String(choice.description) }),
          },
        ]
      : [],
  )
}
