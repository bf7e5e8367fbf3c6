import type * as z from 'zod'
import type { Network } from '../ports/network.ts'

/** The context of a function that loads choices. */
export interface FindContext extends Network {
  /** Fires when the result is no longer needed: the flow was cancelled, or the call timed out. Pass it to requests. */
  readonly signal: AbortSignal
}

/** A value that the user can choose for a field. */
export interface Choice {
  /** A value of the type of the field, unique in its list. A text has up to 200 characters. */
  readonly value: string | number | boolean
  readonly label: string
  /** A line below the label. */
  readonly description?: string
}

/** Choices in display order, or labels by value. JavaScript sorts numeric keys, so use an array to order them. */
export type ChoiceList = readonly Choice[] | Readonly<Record<string, string>>

/**
 * The choices of fields, by field: a fixed list of up to 500, or a function that loads it. The function receives the fields
 * of the earlier pages and the stored ones. Its errors and its timeout are those of `connect`. The field must be a
 * text, a number or a boolean, for example `z.string()`, `z.enum()` or `z.int()`: `createLatchkey` refuses the choices of a
 * list or a secret.
 *
 * A form of a new entry, or of an entry's credential, shows each field with a function on a separate page, after the other
 * fields. An `address()` comes first. `pages` changes that for new entries. Only a choice that was shown, or the stored
 * value, is accepted.
 */
export type Choices<Fields extends z.ZodObject, Context = FindContext> = {
  readonly [Field in keyof Fields['shape'] & string]?:
    | ChoiceList
    | ((values: Partial<z.output<Fields>>, context: Context) => Promise<ChoiceList>)
    | undefined
}

/** The context of the choices of options and sub-entries. */
export interface OptionsContext<Client> extends FindContext {
  /** The client of the entry, as `connect` returned it. */
  readonly client: Client
}

/** A list of choices, or a function that loads it, with its parameters erased. */
export type AnyChoices = ChoiceList | ((values: never, context: never) => Promise<ChoiceList>)
