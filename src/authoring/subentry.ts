import type * as z from 'zod'
import type { AnyChoices, Choices, OptionsContext } from './choices.ts'
import type { MigrateSubentryStep } from './migration.ts'

/** The fields of each type of sub-entry, by the name of the type. */
export type SubentryFields = Readonly<Record<string, z.ZodObject>>

/** The title and the identity of a sub-entry. */
export interface SubentryName {
  readonly title: string
  /** Unique among the sub-entries of this type and entry. Absent or null if it has none. */
  readonly uniqueId?: string | null
}

/** Rejects the submitted values of a sub-entry. */
export interface SubentryRefused<Field extends string = string> {
  /** Error code to show on the form. */
  readonly error: string
  /** The invalid field. Defaults to the form as a whole. */
  readonly field?: Field
}

/** The context of `check`. */
export interface SubentryContext<Client> {
  /** The client of the entry, as `connect` returned it. */
  readonly client: Client
  /** Fires when the result is no longer needed. Pass it to requests. */
  readonly signal: AbortSignal
}

/**
 * A type of sub-entry, for example the calendars of an account or the places of a weather service. An entry can have
 * several of each type. Define `name` or `check`. Home Assistant: `ConfigSubentryFlow`.
 */
export interface SubentryType<Fields extends z.ZodObject, Client> {
  /** Display name of the type. */
  readonly title: string
  readonly fields: Fields
  /** The fields of the form for changes. Defaults to all fields. Secret fields are always included. */
  readonly reconfigure?: readonly (keyof Fields['shape'] & string)[]
  /** Version of `fields`. Defaults to 1. An entry with a sub-entry of a newer version is not changed or loaded. */
  readonly version?: number
  /** Migrations of the values by source version. From the oldest step on, each version needs a step. */
  readonly migrate?: { readonly [from: number]: MigrateSubentryStep }
  /** Splits the form into pages. */
  readonly pages?: Readonly<Record<string, readonly (keyof Fields['shape'] & string)[]>>
  /** The choices of fields. A function receives the client of the entry. */
  readonly choices?: Choices<Fields, OptionsContext<Client>>
  /** Returns the title and the identity without contacting the service. */
  name?(values: z.output<Fields>): SubentryName
  /**
   * Verifies the values over the connection of the entry and returns the title and the identity.
   *
   * @throws the same errors as `connect`. InvalidAuthError opens a reauthentication of the entry.
   */
  check?(
    values: z.output<Fields>,
    context: SubentryContext<Client>,
  ): Promise<SubentryName | SubentryRefused<keyof Fields['shape'] & string>>
}

/** A sub-entry, as `connect` receives it. Distinguish several types by `type`. */
export type Subentry<Subentries extends SubentryFields> = {
  [Type in keyof Subentries & string]: {
    readonly type: Type
    readonly subentryId: string
    readonly title: string
    readonly uniqueId: string | null
    readonly values: z.output<Subentries[Type]>
  }
}[keyof Subentries & string]

/** A type of sub-entry with its field and client types erased. */
export interface AnySubentryType {
  readonly title: string
  readonly fields: z.ZodObject
  readonly reconfigure?: readonly string[]
  readonly version?: number
  readonly migrate?: { readonly [from: number]: MigrateSubentryStep }
  readonly pages?: Readonly<Record<string, readonly string[]>>
  readonly choices?: Readonly<Record<string, AnyChoices | undefined>>
  name?(values: never): SubentryName
  check?(values: never, context: never): Promise<SubentryName | SubentryRefused>
}
