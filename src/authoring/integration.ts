import type * as z from 'zod'
import type { Authorizer } from '../ports/authorizer.ts'
import type { Json } from '../ports/json.ts'
import type { IntegrationTexts, StepTexts } from '../texts/integration-texts.ts'
import type { Challenges, ConnectContext, ExchangeContext, FindContext, RefreshContext } from './contexts.ts'
import type { MigrateOptionsStep, MigrateStep } from './migration.ts'
import type { EndedFlow, NextFlow } from './next-flow.ts'
import type { AnySubentryType, SubentryFields, SubentryType } from './subentry.ts'

/** A proven connection, as `connect` hands it over. */
export interface Connected<Client> {
  readonly client: Client
  /** The identity of the account or device: a non-empty string that never changes; null where the service has none. */
  readonly uniqueId: string | null
  /** What to call the entry; the integration's own title where absent. */
  readonly title?: string
  /** When the whole credential ends (ms since the epoch), not only its short-lived token: a person is told ahead. Null: it does not. */
  readonly expiresAt?: number | null
  /** Closes the connection. Called exactly once. */
  dispose?(): void | Promise<void>
}

/** The service asks for more, for example a one-time code. `state` is JSON of at most 16 kB, and is sealed. */
export interface Challenged<Name extends string> {
  readonly challenge: Name
  readonly state?: Json
  /** Why it is asked once more, as a code of the form: `code_expired` where the code before was too old. */
  readonly error?: string
}

/** What a menu offers: labels by value. */
type Labels = Readonly<Record<string, string>>

/** What a menu offers, or how it is found, from what was typed on the pages before it. */
type MenuOptions = Labels | ((values: never, context: FindContext) => Promise<Labels>)

/** A page on which the value of one field is chosen. */
export interface Menu<Fields extends z.ZodObject> {
  readonly menu: keyof Fields['shape'] & string
  /** @throws as `connect`; where there is nothing to choose, people are sent back with `no_options` */
  readonly options: Labels | ((values: Partial<z.output<Fields>>, context: FindContext) => Promise<Labels>)
}

/** The pages of a form in order, by name: the fields that a page shows, or a menu. Each field is on one page. */
export type Pages<Fields extends z.ZodObject> = Readonly<
  Record<string, readonly (keyof Fields['shape'] & string)[] | Menu<Fields>>
>

/** What an integration's author writes for one service. */
export interface IntegrationSpec<
  Fields extends z.ZodObject = z.ZodObject,
  Client = unknown,
  Asked extends Challenges = Challenges,
  Stored extends z.ZodObject = Fields,
  Options extends z.ZodObject = z.ZodObject,
  Kinds extends SubentryFields = SubentryFields,
> {
  /** Its name: lower-case letters, digits and underscores. */
  readonly domain: string
  readonly title: string
  readonly fields: Fields
  /** What is kept, where it is not what a person types: a token. `exchange` makes it. */
  readonly stored?: Stored
  /**
   * What it says, by language (`de`, `de-AT`): labels, and whatever it says in other than the standard words. A
   * language that is listed says everything; the titles and descriptions of the fields count as English.
   */
  readonly texts?: {
    readonly [language: string]: IntegrationTexts<
      keyof Fields['shape'] & string,
      {
        readonly [Name in keyof Asked & string]: StepTexts<keyof Asked[Name]['shape'] & string>
      } & { readonly init: StepTexts<keyof Options['shape'] & string> } & {
        readonly [Type in keyof NoInfer<Kinds> & string]: StepTexts<
          keyof NoInfer<Kinds>[Type]['shape'] & string
        >
      }
    >
  }
  /** The fields that a reauthentication asks for; where absent the secret ones, and those that are not kept. */
  readonly reauth?: readonly (keyof Fields['shape'] & string)[]
  /**
   * The fields that a reconfiguration asks for, and always the secret ones: a stored secret is not sent to an
   * address that was changed, unless `sendStoredSecrets` says so.
   */
  readonly reconfigure?:
    | readonly (keyof Fields['shape'] & string)[]
    | {
        readonly fields: readonly (keyof Fields['shape'] & string)[]
        readonly sendStoredSecrets: true
      }
  /**
   * The pages on which the fields of a new entry are asked for, where one form is not enough. What was typed is kept,
   * sealed, from page to page, and people may go back.
   */
  readonly pages?: Pages<Fields>
  /** Forms that `connect` may ask for in addition, for example a one-time code. */
  readonly challenges?: Asked
  /**
   * What a person may set without a login; kept and shown in clear, so none may be a secret. Each has a default, or is
   * optional: an entry begins without any. Home Assistant: the options flow.
   */
  readonly options?: Options
  /** Whether it allows one entry: a second is refused with `single_instance_allowed`. */
  readonly singleInstance?: boolean
  /**
   * Fields that are no secrets, by which entries are told apart: a flow whose values of them are those of an entry ends with
   * `already_configured`, before anybody is asked. For services that have no identity. Home Assistant: `_async_abort_entries_match`.
   */
  readonly abortIfEntriesMatch?: readonly (keyof Fields['shape'] & string)[]
  /**
   * `followAddress`: a linked device that is announced at another address is connected there at once, with its stored secrets, and
   * no person confirms it. Anybody in the network can announce anything: only for secrets that an impostor may have.
   */
  readonly discovery?: { readonly followAddress?: boolean }
  /** What another account means to a reauthentication: its end (default), or an error on the form. */
  readonly onAccountMismatch?: 'abort' | 'retry'
  /**
   * True: an entry without an identity takes the one that a flow or its set-up proves. Otherwise any identity is another
   * account to it.
   */
  readonly adoptUniqueId?: boolean
  /** False: the connection that a flow proved is closed, and the entry connects anew. */
  readonly adopt?: boolean
  /** The version of `fields` (default 1). Entries of a newer one are left alone. */
  readonly version?: number
  /**
   * What brings entries of an older version to this one: `1` makes version 2 of version 1, and so on without a gap. What
   * comes out of the last is checked by `fields`, and the original is kept until the entry has been set up with it.
   */
  readonly migrate?: { readonly [from: number]: MigrateStep }
  /** The same for the entry's options; a version that changes only one of both needs no step in the other. */
  readonly migrateOptions?: { readonly [from: number]: MigrateOptionsStep }
  /**
   * What follows a flow that has ended well; null: nothing. It is asked as the end is saved, so it looks at nothing but what
   * it is handed. A reauthentication leads to nothing else, and an import has nobody to lead. Home Assistant: `next_flow`.
   */
  next?(ended: EndedFlow): NextFlow | null
  /** How long one `connect` may take, in milliseconds (default 30 s). */
  readonly connectTimeout?: number
  /**
   * A login that yields what is kept: it turns what was typed, which is written nowhere, into `stored`. `connect` proves
   * that next. The answer to a challenge is handed to it.
   *
   * @throws as `connect`
   */
  exchange?(
    values: z.output<Fields>,
    context: ExchangeContext<Asked>,
  ): Promise<z.input<Stored> | Challenged<keyof Asked & string>>
  /**
   * Renews what is kept, for services whose tokens live for a short time. What the answer lacks is kept as it was.
   *
   * @throws InvalidAuthError where the service refuses for good: then a person is asked; anything else passes
   */
  refresh?(stored: z.output<Stored>, context: RefreshContext): Promise<Partial<z.input<Stored>>>
  /** When the token of what is kept ends (ms since the epoch); null where nobody knows. It is renewed before. */
  expiresAt?(stored: z.output<Stored>): number | null
  /**
   * The one place that talks to the service: flows call it to verify before anything is saved, entries to set up.
   *
   * @throws CannotConnectError, InvalidAuthError, RateLimitedError, SetupError; anything else counts as `unknown`
   */
  connect(
    values: z.output<Stored>,
    context: ConnectContext<Asked, Stored, z.output<Options>, Kinds>,
  ): Promise<Connected<Client> | Challenged<keyof Asked & string>>
  /**
   * What may be under an entry, by name, each with flows of its own: `connect` is handed what is there, and called anew
   * when that changes. To be written below `connect`, from which its client follows.
   */
  readonly subentries?: { readonly [Type in keyof Kinds]: SubentryType<Kinds[Type], Client> }
}

/** What an integration says of one way in. */
type OfMethod = 'fields' | 'reauth' | 'reconfigure' | 'pages' | 'exchange'

/** One of several ways in: its own form, and how what is typed there becomes what is kept. */
export interface Method<Fields extends z.ZodObject, Stored extends z.ZodObject, Asked extends Challenges>
  extends Pick<IntegrationSpec<Fields, unknown, Asked, Stored>, OfMethod> {
  /** What the menu calls it. */
  readonly title: string
}

/** A way in by signing in at the service itself, by OAuth for example: what it grants is what is kept. */
export interface SignInMethod {
  /** What the menu calls it. */
  readonly title: string
  readonly authorize: Authorizer
}

/** What an author writes for a service that has several ways in, or one at the service itself. A new entry's flow begins with a menu of them. */
export interface MethodsSpec<
  Ways extends Readonly<Record<string, z.ZodObject>>,
  Client,
  Asked extends Challenges,
  Stored extends z.ZodObject,
  Kinds extends SubentryFields = SubentryFields,
> extends Omit<IntegrationSpec<Stored, Client, Asked, Stored, z.ZodObject, Kinds>, OfMethod | 'stored'> {
  readonly stored: Stored
  /** By name, in the order of the menu. An entry remembers by which it came, and is mended by the same. */
  readonly methods: { readonly [Name in keyof Ways]: Method<Ways[Name], Stored, Asked> | SignInMethod }
}

/** What the engine sees of a way in, whatever its fields. */
interface AnyWay {
  readonly authorize?: Authorizer
  readonly fields?: z.ZodObject
  readonly reauth?: readonly string[]
  readonly reconfigure?:
    | readonly string[]
    | { readonly fields: readonly string[]; readonly sendStoredSecrets: true }
  readonly pages?: Readonly<Record<string, readonly string[] | { menu: string; options: MenuOptions }>>
  exchange?(values: never, context: never): Promise<unknown>
}

/** What is handed values, whose types are not known here. */
type Handed = 'connect' | 'refresh' | 'expiresAt' | 'subentries'

/** An integration of whatever fields and client; `never` lets one of any fields pass for it. */
export interface AnyIntegration extends AnyWay, Omit<IntegrationSpec, Handed | OfMethod> {
  refresh?(stored: never, context: never): Promise<object>
  expiresAt?(stored: never): number | null
  readonly methods?: Readonly<Record<string, AnyWay & { readonly title: string }>>
  connect(values: never, context: never): Promise<Connected<unknown> | Challenged<string>>
  readonly subentries?: Readonly<Record<string, AnySubentryType>>
}

/** The client that an integration's `connect` hands over. */
export type ClientOf<Integration extends AnyIntegration> = Extract<
  Awaited<ReturnType<Integration['connect']>>,
  { client: unknown }
>['client']

/** The options of an entry of an integration, as `connect` is handed them. */
export type OptionsOf<Integration extends AnyIntegration> = Parameters<Integration['connect']>[1] extends {
  readonly options: infer Options
}
  ? Options
  : unknown

/**
 * Describes how to link one service. Mistakes in it are found when the host starts, by `createLatchkey`.
 * Home Assistant: an integration's `config_flow.py`, of which this derives the steps.
 */
export function defineIntegration<
  const Fields extends z.ZodObject,
  Client,
  const Asked extends Challenges = Record<never, never>,
  const Stored extends z.ZodObject = Fields,
  const Options extends z.ZodObject = z.ZodObject<Record<never, never>>,
  const Kinds extends SubentryFields = Record<never, never>,
>(
  spec: IntegrationSpec<Fields, Client, Asked, Stored, Options, Kinds>,
): IntegrationSpec<Fields, Client, Asked, Stored, Options, Kinds> {
  return Object.freeze(spec)
}

/** Describes how to link one service that has several ways in. */
export function defineIntegrationWithMethods<
  const Ways extends Readonly<Record<string, z.ZodObject>>,
  Client,
  const Stored extends z.ZodObject,
  const Asked extends Challenges = Record<never, never>,
  const Kinds extends SubentryFields = Record<never, never>,
>(spec: MethodsSpec<Ways, Client, Asked, Stored, Kinds>): MethodsSpec<Ways, Client, Asked, Stored, Kinds> {
  return Object.freeze(spec)
}
