import { addAbortSignal } from 'node:stream'
import { text as readText } from 'node:stream/consumers'
import type { Json, JsonObject } from '../ports/json.ts'
import type { FieldSchema, FormView, MenuView } from '../view.ts'
import type { Terminal } from './command.ts'
import { CancelledError, UsageError } from './errors.ts'

/** The options that preset the values of forms. */
export interface PresetOptions {
  /** Non-secret fields as `name=value`. */
  readonly set?: readonly string[]
  /** `-` to read a JSON object of fields from standard input. */
  readonly input?: string
}

/** The preset values of a command: no prompt asks for them. */
export interface PresetValues {
  /** Returns the preset values of a form. @throws UsageError if an argument contains a secret */
  valuesFor(view: FormView): JsonObject
  /** Returns the preset choice of a menu. */
  choice(view: MenuView): string | undefined
  /** @throws UsageError if a preset name is not in `names`; the message lists the names in `shown` */
  check(names: ReadonlySet<string>, shown: readonly string[]): void
}

/** Reads the preset values: non-secret fields from arguments, all fields from standard input and the environment. */
export async function readPresetValues(terminal: Terminal, options: PresetOptions): Promise<PresetValues> {
  const set = new Map((options.set ?? []).map(parsePair))
  const piped = options.input === undefined ? {} : await readPiped(terminal)
  return {
    check(names, shown) {
      const unknown = [...set.keys(), ...Object.keys(piped)].some((name) => !names.has(name))
      // The message does not repeat the name: a user who confused the format may have put a secret there.
      if (unknown) throw new UsageError(`Unknown field. The form has these fields: ${shown.join(', ')}.`)
    },
    choice({ step }) {
      const value = piped[step] ?? set.get(step) ?? terminal.env[variableName(step)]
      return typeof value === 'string' ? value : undefined
    },
    valuesFor(view) {
      const { schema, order } = view
      const values: Record<string, Json> = {}
      // The name of a page with choices stands for its field.
      const chosen = listFieldOf(view)
      const named =
        view.page === undefined
          ? undefined
          : (piped[view.page] ?? set.get(view.page) ?? terminal.env[variableName(view.page)])
      if (chosen !== null && named !== undefined)
        values[chosen] = typeof named === 'string' ? parseAs(schema.properties[chosen] ?? {}, named) : named
      for (const name of order) {
        const field = schema.properties[name] ?? {}
        const argument = set.get(name)
        if (argument !== undefined && field.writeOnly === true) throw secretInArguments(name)
        const text = argument ?? terminal.env[variableName(name)]
        if (Object.hasOwn(piped, name)) values[name] = piped[name] as Json
        else if (text !== undefined) values[name] = parseAs(field, text)
      }
      return values
    },
  }
}

/** Returns the field of a form that has only this one, if its value is chosen from a list; otherwise null. */
export function listFieldOf({ order, schema }: FormView): string | null {
  const [field] = order
  if (field === undefined || order.length > 1) return null
  return schema.properties[field]?.oneOf === undefined ? null : field
}

/** Returns the environment variable of a field: `LATCHKEY_API_TOKEN` for `apiToken`. */
export function variableName(field: string): string {
  const words = field.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll(/([A-Z])([A-Z][a-z])/g, '$1_$2')
  return `LATCHKEY_${words.replaceAll('-', '_').toUpperCase()}`
}

const secretInArguments = (name: string): UsageError =>
  new UsageError(
    `${name} is a secret, and other users of this machine can read arguments. Enter it at the prompt, ` +
      `pipe it with --input -, or set ${variableName(name)}. The value that you passed may have been seen: replace it.`,
  )

function parsePair(pair: string): [string, string] {
  const at = pair.indexOf('=')
  if (at < 1) throw new UsageError('Invalid --set. Use --set name=value.')
  return [pair.slice(0, at), pair.slice(at + 1)]
}

async function readPiped({ input, signal }: Terminal): Promise<JsonObject> {
  if (input.isTTY === true) {
    throw new UsageError(
      '--input - needs a pipe, because a terminal shows what you type. Omit it to be prompted.',
    )
  }
  let value: unknown
  try {
    value = JSON.parse(await readText(addAbortSignal(signal, input)))
  } catch {
    if (signal.aborted) throw new CancelledError()
    value = undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(
      'Invalid standard input. Pipe a JSON object with the fields of the form, for example {"host":"…"}.',
    )
  }
  return value as JsonObject
}

/** Converts a text to the type of its field. An invalid text is returned unchanged, and the form rejects it. */
function parseAs({ type }: FieldSchema, text: string): Json {
  if (type === 'number' || type === 'integer') {
    const number = Number(text)
    return text.trim() === '' || !Number.isFinite(number) ? text : number
  }
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  return text
}
