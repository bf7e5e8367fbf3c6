import type { Readable, Writable } from 'node:stream'
import * as clack from '@clack/prompts'
import * as z from 'zod'
import type { FormView, Json, JsonObject } from '../../src/index.ts'

export interface Streams {
  readonly input: Readable
  readonly output: Writable
  /** Cancels all prompts, like Ctrl-C. */
  readonly signal: AbortSignal
}

export interface Choice<Value> {
  readonly value: Value
  readonly label: string
  readonly hint?: string
}

const Field = z.object({
  type: z.string().optional(),
  title: z.string().optional(),
  writeOnly: z.boolean().optional(),
  enum: z.array(z.string()).optional(),
  examples: z.array(z.string()).optional(),
})
const Schema = z.object({ properties: z.record(z.string(), Field), required: z.array(z.string()) })

/** Prompts and messages in the terminal. A cancelled prompt returns `null`. */
export class Screen {
  readonly streams: Streams

  constructor(streams: Streams) {
    this.streams = streams
  }

  intro = (text: string): void => clack.intro(text, this.streams)
  outro = (text: string): void => clack.outro(text, this.streams)
  note = (text: string, title: string): void => clack.note(text, title, this.streams)
  info = (text: string): void => clack.log.info(text, this.streams)
  step = (text: string): void => clack.log.step(text, this.streams)
  success = (text: string): void => clack.log.success(text, this.streams)
  warn = (text: string): void => clack.log.warn(text, this.streams)
  error = (text: string): void => clack.log.error(text, this.streams)

  async choose<Value>(message: string, choices: readonly Choice<Value>[]): Promise<Value | null> {
    // Wrapped in an object, so that clack's type does not depend on the type of the values.
    const options = choices.map(({ value, label, hint }) => ({
      value: { value },
      label,
      ...(hint !== undefined && { hint }),
    }))
    const chosen = await clack.select({ message, options, ...this.streams })
    return clack.isCancel(chosen) ? null : chosen.value
  }

  async confirm(message: string, initialValue = false): Promise<boolean | null> {
    return answer(await clack.confirm({ message, initialValue, ...this.streams }))
  }

  async text(message: string, options: Partial<clack.TextOptions> = {}): Promise<string | null> {
    return answer(await clack.text({ message, ...options, ...this.streams }))
  }

  async password(message: string, validate = required): Promise<string | null> {
    return answer(await clack.password({ message, validate, ...this.streams }))
  }

  /** Prompts for the fields of a form. */
  async form(view: FormView): Promise<JsonObject | null> {
    const { properties, required } = Schema.parse(view.schema)
    for (const [pointer, { text, retryAfter }] of Object.entries(view.errors)) {
      const title = properties[pointer.slice(1)]?.title
      const wait = retryAfter === undefined ? '' : ` (${retryAfter} s)`
      this.error(`${title === undefined ? '' : `${title}: `}${text}${wait}`)
    }
    const values: Record<string, Json> = {}
    for (const name of view.order) {
      const { title = name, ...field } = properties[name] ?? {}
      const schema = { ...field, title, required: required.includes(name) }
      const value = await this.#field(schema, view.values[name])
      if (value === null) return null
      if (value !== '') values[name] = value
    }
    return values
  }

  #field(
    { title, type, writeOnly, enum: allowed, examples, required: isRequired }: FieldToAsk,
    prefilled: Json | undefined,
  ): Promise<Json> {
    const validate = isRequired ? required : () => undefined
    if (writeOnly === true) return this.password(title, validate)
    if (allowed !== undefined)
      return this.choose(
        title,
        allowed.map((value) => ({ value, label: value })),
      )
    if (type === 'boolean') return this.confirm(title, prefilled === true)
    const initialValue = prefilled === undefined ? '' : String(prefilled)
    const answer = this.text(title, { initialValue, validate, placeholder: examples?.[0] ?? '' })
    if (type !== 'number' && type !== 'integer') return answer
    return answer.then((text) => (text === null || text.trim() === '' ? text : Number(text)))
  }
}

type FieldToAsk = z.output<typeof Field> & { readonly title: string; readonly required: boolean }

const required = (text: string | undefined) => (text?.trim() ? undefined : 'This field is required.')

function answer<Value>(result: Value | typeof clack.CANCEL_SYMBOL): Value | null {
  return clack.isCancel(result) ? null : (result as Value)
}
