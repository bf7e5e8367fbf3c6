import type * as z from 'zod'

/** What may be under an entry: the fields of each kind of thing, by its name. */
export type SubentryFields = Readonly<Record<string, z.ZodObject>>

/** How a thing under an entry is called, and who it is. */
export interface SubentryName {
  readonly title: string
  /** Its identity: at most one of its kind under an entry has it. Absent or null where it has none. */
  readonly uniqueId?: string | null
}

/** Why what was entered cannot be taken: a code of the form's errors, and the field at fault, if one is. */
export interface SubentryRefused<Field extends string = string> {
  readonly error: string
  readonly field?: Field
}

/** What `check` is handed beside the values. */
export interface SubentryContext<Client> {
  /** The client of the entry, as `connect` handed it over. */
  readonly client: Client
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/**
 * One kind of thing that may be under an entry, several times: a calendar of an account, a place of a weather service.
 * It says by `name` or by `check` how one is called. Home Assistant: `ConfigSubentryFlow`.
 */
export interface SubentryType<Fields extends z.ZodObject, Client> {
  /** What people call one of it. */
  readonly title: string
  readonly fields: Fields
  /** The fields that a change asks for, and always the secret ones; all where absent. */
  readonly reconfigure?: readonly (keyof Fields['shape'] & string)[]
  /** Names one by what was entered alone: nobody is asked. */
  name?(values: z.output<Fields>): SubentryName
  /**
   * Tries what was entered on the entry's own connection, and names it.
   *
   * @throws as `connect`; where it throws InvalidAuthError, the entry is asked for a new credential
   */
  check?(
    values: z.output<Fields>,
    context: SubentryContext<Client>,
  ): Promise<SubentryName | SubentryRefused<keyof Fields['shape'] & string>>
}

/** A thing under an entry, as `connect` is handed it; told apart by `type`. */
export type Subentry<Kinds extends SubentryFields> = {
  [Type in keyof Kinds & string]: {
    readonly type: Type
    readonly subentryId: string
    readonly title: string
    readonly uniqueId: string | null
    readonly values: z.output<Kinds[Type]>
  }
}[keyof Kinds & string]

/** A kind of thing, whatever its fields and its client. */
export interface AnySubentryType {
  readonly title: string
  readonly fields: z.ZodObject
  readonly reconfigure?: readonly string[]
  name?(values: never): SubentryName
  check?(values: never, context: never): Promise<SubentryName | SubentryRefused>
}
