import { addAbortSignal } from 'node:stream'
import { text as readText } from 'node:stream/consumers'
import type { Json, JsonObject } from '../ports/json.ts'
import type { FieldSchema, FormView, MenuView } from '../view.ts'
import type { Terminal } from './command.ts'
import { CancelledError, UsageError } from './errors.ts'

/** How a command is given the values of a form beforehand. */
export interface GivingOptions {
  /** `name=value`, of fields that are no secrets. */
  readonly set?: readonly string[]
  /** `-`: a JSON object of fields on standard input. */
  readonly input?: string
}

/** Values that a form does not have to ask for. */
export interface Given {
  /** What of it a form shows. @throws UsageError for a secret among the arguments */
  for(view: FormView): JsonObject
  /** What was given for a menu, under its name. */
  choice(view: MenuView): string | undefined
  /** @throws UsageError where a field was given that none of these names is */
  check(names: ReadonlySet<string>, shown: readonly string[]): void
}

/** Reads what was given: arguments for what is no secret, standard input and the environment for everything. */
export async function readGiven(terminal: Terminal, options: GivingOptions): Promise<Given> {
  const set = new Map((options.set ?? []).map(readPair))
  const piped = options.input === undefined ? {} : await readPiped(terminal)
  return {
    check(names, shown) {
      const foreign = [...set.keys(), ...Object.keys(piped)].some((name) => !names.has(name))
      // The name is not repeated: who mistook the form of the option may have put a secret there.
      if (foreign)
        throw new UsageError(`A field was given that the form does not have. It has ${shown.join(', ')}.`)
    },
    choice(view) {
      const name = menuName(view)
      const value = piped[name] ?? set.get(name) ?? terminal.env[variableOf(name)]
      return typeof value === 'string' ? value : undefined
    },
    for({ schema, order }) {
      const values: Record<string, Json> = {}
      for (const name of order) {
        const field = schema.properties[name] ?? {}
        const argument = set.get(name)
        if (argument !== undefined && field.writeOnly === true) throw secretArgument(name)
        const fromOutside = argument ?? terminal.env[variableOf(name)]
        if (Object.hasOwn(piped, name)) values[name] = piped[name] as Json
        else if (fromOutside !== undefined) values[name] = readAs(field, fromOutside)
      }
      return values
    },
  }
}

/** What a menu is called where it is answered beforehand: `pick_method`, or the integration's name for it. */
export const menuName = ({ page, step }: MenuView): string => page ?? step

/** The environment variable that gives a field: `apiToken` is `LATCHKEY_API_TOKEN`. */
export function variableOf(field: string): string {
  const words = field.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll(/([A-Z])([A-Z][a-z])/g, '$1_$2')
  return `LATCHKEY_${words.replaceAll('-', '_').toUpperCase()}`
}

const secretArgument = (name: string): UsageError =>
  new UsageError(
    `${name} is a secret, and arguments are there for everybody on the machine to read. Leave it to the prompt, ` +
      `pipe it in with --input -, or put it into ${variableOf(name)}. What you have passed is known now: change it.`,
  )

function readPair(pair: string): [string, string] {
  const at = pair.indexOf('=')
  if (at < 1) throw new UsageError('Write --set name=value.')
  return [pair.slice(0, at), pair.slice(at + 1)]
}

async function readPiped({ input, signal }: Terminal): Promise<JsonObject> {
  if (input.isTTY === true) {
    throw new UsageError(
      '--input - reads a pipe, and this is a terminal that shows what is typed. Leave it out to be asked.',
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
      'Standard input has to be a JSON object of the form’s fields, for example {"host":"…"}.',
    )
  }
  return value as JsonObject
}

/** A text as the kind of value that its field takes; as it is where it is none, for the form to judge. */
function readAs({ type }: FieldSchema, text: string): Json {
  if (type === 'number' || type === 'integer') {
    const number = Number(text)
    return text.trim() === '' || !Number.isFinite(number) ? text : number
  }
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  return text
}
