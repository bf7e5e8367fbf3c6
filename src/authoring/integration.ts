import type * as z from 'zod'
import type { IntegrationCategory } from '../categories.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { Json, JsonObject } from '../ports/json.ts'
import type { IntegrationTexts, StepTexts } from '../texts/integration-texts.ts'
import type { AnyChoices, ChoiceList, Choices, FindContext, OptionsContext } from './choices.ts'
import type { Challenges, ConnectContext, ExchangeContext, RefreshContext } from './contexts.ts'
import type { MigrateStep } from './migration.ts'
import type { EndedFlow, NextFlow } from './next-flow.ts'
import type { Secret } from './secret.ts'
import type { AnySubentryType, SubentryFields, SubentryType } from './subentry.ts'

/** A verified connection, returned by `connect`. */
export interface Connected<Client> {
  /** The client that `entries.use` passes to the host's callback. */
  readonly client: Client
  /** A stable, non-empty id of the account or device; `null` if the service has none. */
  readonly uniqueId: string | null
  /**
   * Unique ids that this account had in earlier versions of the integration, up to 20. An entry with one of them takes
   * the new `uniqueId` at its next setup, reauthentication or reconfiguration. Defaults to none.
   */
  readonly formerUniqueIds?: readonly string[]
  /** Title of the entry, without the secrets that it contains. Defaults to the integration's title. */
  readonly title?: string
  /**
   * The account as its service names it, for example an e-mail address. Users see it to tell accounts apart. Stored with
   * the entry. Defaults to `title`. Contains no secret.
   */
  readonly account?: string
  /**
   * Host and port of the service, or a region, for users. Latchkey shows only host and port of a URL. Stored with the entry.
   * Defaults to the first field of `address()`.
   */
  readonly address?: string
  /**
   * Expiration time of the credential as a whole, not of a short-lived access token (ms since the epoch). Users are
   * notified `limits.expiryNotice` before it. `null` if the credential does not expire.
   */
  readonly expiresAt?: number | null
  /** The options that a new entry begins with. Latchkey then connects again with them. Ignored for an existing entry. */
  readonly options?: JsonObject
  /**
   * The sub-entries that a new entry begins with. Latchkey then connects again with them, without a call of `name` or
   * `check`. Ignored for an existing entry.
   */
  readonly subentries?: readonly InitialSubentry[]
  /** Closes the connection. Called exactly once. */
  dispose?(): void | Promise<void>
}

/** A sub-entry that a new entry begins with. */
export interface InitialSubentry {
  /** The name of its type in `subentries`. */
  readonly type: string
  readonly title: string
  /** Unique among the sub-entries of this type and entry. Absent or null if it has none. */
  readonly uniqueId?: string | null
  /** The values of its fields. A secret is a text or a `Secret`. */
  readonly values: { readonly [field: string]: Json | Secret | undefined }
}

/** A request of the service for additional input, such as a one-time code. */
export interface Challenged<Name extends string> {
  /** The key of the form in `challenges`. */
  readonly challenge: Name
  /** Data to pass to the next call of `connect` or `exchange`: up to 16 kB of JSON, stored encrypted. */
  readonly state?: Json
  /** Error code to show on the form, for example `code_expired` when asking for the code again. */
  readonly error?: string
}

/**
 * A page on which the user selects the value of one field.
 *
 * @deprecated List the field on the page, and define its `choices`.
 */
export interface Menu<Fields extends z.ZodObject> {
  /** The name of the field. */
  readonly menu: keyof Fields['shape'] & string
  /** The choices of the field. */
  readonly options:
    | ChoiceList
    | ((values: Partial<z.output<Fields>>, context: FindContext) => Promise<ChoiceList>)
}

/** The pages of a form by name, in order: lists of fields. Each field must be on exactly one page. */
export type Pages<Fields extends z.ZodObject> = Readonly<
  Record<string, readonly (keyof Fields['shape'] & string)[] | Menu<Fields>>
>

/** The definition of an integration. Pass it to {@link defineIntegration}. */
export interface IntegrationSpec<
  Fields extends z.ZodObject = z.ZodObject,
  Client = unknown,
  ChallengeForms extends Challenges = Challenges,
  Stored extends z.ZodObject = Fields,
  Options extends z.ZodObject = z.ZodObject,
  Subentries extends SubentryFields = SubentryFields,
> {
  /** Unique name of the integration: lower-case letters, digits and underscores, starting with a letter. */
  readonly domain: string
  /** Display name of the service. */
  readonly title: string
  /**
   * The picture of the service, of at most 4 kB: the text of an SVG, or a `data:` URL of an SVG, PNG or WebP. Without one,
   * pages show the first letter of `title`.
   */
  readonly icon?: string
  /** One line about the service, of at most 60 characters. By language: `texts.<language>.description`. */
  readonly description?: string
  readonly category?: IntegrationCategory
  /** The `https` URL of the documentation for users. */
  readonly docs?: string
  /** Further words for a search, such as other names of the service. */
  readonly keywords?: readonly string[]
  /**
   * Help by error code: `text` is the next step for the user, in place of the standard advice, and `url` explains more. By
   * language: `texts.<language>.advice.<code>`. The help of a field is its `description` and `helpUrl`, set by `meta()`.
   */
  readonly help?: { readonly [code: string]: { readonly text?: string; readonly url?: string } }
  /** The fields of the setup form. Use `secret()` for credentials and `address()` for hosts. */
  readonly fields: Fields
  /** The fields to store, if they differ from `fields`, for example a token instead of a password. See `exchange`. */
  readonly stored?: Stored
  /**
   * Translations by language tag (`de`, `de-AT`): field labels and replacements for the standard texts. A listed
   * language must be complete. The titles and descriptions of the fields are the English labels.
   */
  readonly texts?: {
    readonly [language: string]: IntegrationTexts<
      keyof Fields['shape'] & string,
      {
        readonly [Name in keyof ChallengeForms & string]: StepTexts<
          keyof ChallengeForms[Name]['shape'] & string
        >
      } & { readonly init: StepTexts<keyof Options['shape'] & string> } & {
        readonly [Type in keyof NoInfer<Subentries> & string]: StepTexts<
          keyof NoInfer<Subentries>[Type]['shape'] & string
        >
      }
    >
  }
  /** The fields of the reauthentication form. Defaults to the secret fields and the fields that are not stored. */
  readonly reauth?: readonly (keyof Fields['shape'] & string)[]
  /**
   * The fields of the reconfiguration form. Defaults to all fields.
   *
   * Secret fields are always included, so that a stored secret is never sent to a changed address. To omit them, set
   * `sendStoredSecrets`. An optional secret that is left empty keeps its stored value if the other fields are unchanged.
   * Otherwise the user enters it again or removes it.
   */
  readonly reconfigure?:
    | readonly (keyof Fields['shape'] & string)[]
    | {
        readonly fields: readonly (keyof Fields['shape'] & string)[]
        readonly sendStoredSecrets: true
      }
  /**
   * Splits the setup form into pages. Input is stored encrypted between pages and survives a restart. Users can go back.
   */
  readonly pages?: Pages<Fields>
  /**
   * The choices of fields, in all forms that ask for them. A refusal by a function, such as InvalidAuthError, counts as a
   * failed sign-in. Stored secrets reach it like `connect` in a reconfiguration.
   */
  readonly choices?: Choices<Fields>
  /** Additional forms that `connect` or `exchange` can request, for example for a one-time code. */
  readonly challenges?: ChallengeForms
  /**
   * Settings that users can change without signing in. Stored unencrypted and visible in views, so secrets are not
   * allowed. Each option must be optional or have a default. Home Assistant: options flow.
   */
  readonly options?: Options
  /**
   * Whether an entry must stay connected without a call, because its client receives pushes or polls. With `connect:
   * 'lazy'`, one process then owns each such entry: it connects at the start, and again after a failure. If that process
   * stops or dies, another one takes over. In other processes, the entry connects for the duration of a call. Defaults to
   * false.
   */
  readonly stayConnected?: boolean
  /** Allows only one entry. A second flow aborts with `single_instance_allowed`. */
  readonly singleInstance?: boolean
  /**
   * Stored fields that identify an entry, for services without unique ids. If another entry has the same values, the
   * flow aborts with `already_configured` before connecting. Of secrets, only a code that needs the cipher's key is
   * compared: an HMAC per scope and integration. It requires a cipher with `mac`, such as `joseCipher` and that of
   * `sqliteStore`. Values without one of the secrets match no entry. Home Assistant: `_async_abort_entries_match`.
   */
  readonly abortIfEntriesMatch?: readonly (keyof Fields['shape'] & string)[]
  /**
   * With `followAddress`, a linked device that is discovered at a new address is connected there without confirmation,
   * after its connection was lost and its stored address has failed. Latchkey saves the address if the same account
   * answers there. Discovery is not authenticated: an attacker on the network can announce any address and receives the
   * stored secrets. Enable it only if that is acceptable.
   */
  readonly discovery?: { readonly followAddress?: boolean }
  /**
   * The outcome of a reauthentication with a different account: end the flow (`abort`, the default), or show an error on
   * the form (`retry`).
   */
  readonly onAccountMismatch?: 'abort' | 'retry'
  /**
   * Lets an entry without a unique id adopt the one returned by the next successful `connect`. Defaults to false: any
   * unique id then counts as a different account.
   */
  readonly adoptUniqueId?: boolean
  /**
   * Takes a new title that `connect` returns in a reauthentication or a reconfiguration. A title that a user gave is never
   * replaced. Entries that an earlier version of Latchkey created count as renamed. Defaults to false.
   */
  readonly adoptTitle?: boolean
  /**
   * Reuses the connection that the flow has verified as the entry's connection. Defaults to true. With false, Latchkey
   * closes it and connects again; if that fails after a reconfiguration, the previous values are restored.
   */
  readonly adopt?: boolean
  /** Version of the stored fields and the options. Defaults to 1. Entries of a newer version are not changed or loaded. */
  readonly version?: number
  /**
   * Migrations of an entry by source version: `1` migrates version 1 to version 2. From the oldest step on, each version
   * needs a step. The result must match `stored`, or `fields` if there is no `stored`, and `options`. The original stays in
   * the store until the entry has been set up with the result. Home Assistant: `async_migrate_entry`.
   */
  readonly migrate?: { readonly [from: number]: MigrateStep }
  /**
   * Returns the follow-up flow of a successful flow, or `null` for none. Called inside the commit, so it must be
   * synchronous and pure. Not called for reauthentications and imports. Home Assistant: `next_flow`.
   */
  next?(ended: EndedFlow): NextFlow | null
  /**
   * Timeout of one `connect` call in milliseconds. Defaults to 30,000. With `Infinity`, only a cancellation, an unload or
   * `stop()` ends the call.
   */
  readonly connectTimeout?: number
  /**
   * Calls of `entries.use` that fail to reach the service for longer than this time, in milliseconds, make a loaded entry
   * `quiet`. Three failed calls in a row do, too. Defaults to 60,000.
   */
  readonly staleAfter?: number
  /** Timeout of the client's `dispose` in milliseconds. Defaults to `limits.disposeTimeout`. */
  readonly disposeTimeout?: number
  /**
   * Exchanges the user's input for the values to store, for example a password for a token. The input itself is never
   * stored. `connect` verifies the result. If the user answers a challenge, `exchange` is called again with
   * `context.challenge`.
   *
   * @throws the same errors as `connect`
   */
  exchange?(
    values: z.output<Fields>,
    context: ExchangeContext<ChallengeForms>,
  ): Promise<z.input<Stored> | Challenged<keyof ChallengeForms & string>>
  /**
   * Renews short-lived tokens. Returns the changed values; omitted values are unchanged.
   *
   * @throws InvalidAuthError if the service permanently refuses the credential; this opens a reauthentication. Any other
   *   error counts as temporary and is retried.
   */
  refresh?(stored: z.output<Stored>, context: RefreshContext): Promise<Partial<z.input<Stored>>>
  /** Returns the expiration time of the stored token (ms since the epoch), or `null` if unknown. See `limits.refreshSkew`. */
  expiresAt?(stored: z.output<Stored>): number | null
  /**
   * Informs the service that an entry was removed, or that another account replaces its own: deletes a webhook, or signs a
   * device out. Called after the removal was saved, in the background, until it has succeeded, for a day at most. It can be
   * called several times, also after a success. Not called while another entry, in any scope, has the account, or, for an
   * entry without a unique id, while the integration has any other entry. A sign-in method then revokes its grant.
   *
   * @throws the same errors as `connect`. After an InvalidAuthError, it is not called again.
   */
  onRemove?(stored: z.output<Stored>, context: RefreshContext): Promise<void>
  /**
   * Connects to the service and returns the client and the account's identity. Flows call it to verify credentials
   * before saving them; entries call it to set up.
   *
   * @throws CannotConnectError, InvalidAuthError, RateLimitedError, FormError, AbortFlowError, WrongAccountError, SetupError.
   *   An error of the network counts as CannotConnectError. Any other error is logged and counts as `unknown`.
   */
  connect(
    values: z.output<Stored>,
    context: ConnectContext<ChallengeForms, Stored, z.output<Options>, Subentries>,
  ): Promise<Connected<Client> | Challenged<keyof ChallengeForms & string>>
  /**
   * The types of sub-entries by name. `connect` receives the sub-entries of the entry and is called again when they
   * change. Declare this property after `connect`, so that TypeScript can infer the client.
   */
  readonly subentries?: { readonly [Type in keyof Subentries]: SubentryType<Subentries[Type], Client> }
  /** Splits the form of the options into pages. */
  readonly optionsPages?: Pages<Options>
  /**
   * The choices of options. A function receives the client of the entry. If the entry is not loaded, the form shows the
   * stored value. Declare this property after `connect`, so that TypeScript can infer the client.
   */
  readonly optionsChoices?: Choices<Options, OptionsContext<Client>>
}

/** The properties that each method defines separately. */
type MethodKey = 'fields' | 'reauth' | 'reconfigure' | 'pages' | 'choices' | 'exchange'

/** The renewal of tokens by the method that created the entry. Defaults to that of the integration. */
type Renewal<Stored extends z.ZodObject> = Pick<
  IntegrationSpec<z.ZodObject, unknown, Challenges, Stored>,
  'refresh' | 'expiresAt'
>

/** A sign-in method with its own form. */
export interface Method<
  Fields extends z.ZodObject,
  Stored extends z.ZodObject,
  ChallengeForms extends Challenges,
> extends Pick<IntegrationSpec<Fields, unknown, ChallengeForms, Stored>, MethodKey>,
    Renewal<Stored> {
  /** Label in the method menu. */
  readonly title: string
}

/** The choices after a sign-in, by stored field: a function that loads them, given the granted values. */
type Selections<Stored extends z.ZodObject> = {
  readonly [Field in keyof Stored['shape'] & string]?: (
    stored: Partial<z.output<Stored>>,
    context: FindContext,
  ) => Promise<ChoiceList>
}

/** A sign-in method at the service itself, for example OAuth. The granted values are stored. */
export interface SignInMethod<
  Fields extends z.ZodObject = z.ZodObject,
  Stored extends z.ZodObject = z.ZodObject,
> extends Renewal<Stored>,
    Pick<
      IntegrationSpec<Fields, unknown, Challenges, Stored>,
      'pages' | 'choices' | 'reauth' | 'reconfigure'
    > {
  /** Label in the method menu. */
  readonly title: string
  readonly authorize: Authorizer
  /**
   * The form before the sign-in, for example for the shop, the tenant, or a client id and secret of the user. Its values
   * are part of `stored`, since refreshes and the revocation need them. A reauthentication asks only for those in
   * `reauth`.
   */
  readonly fields?: Fields
  /**
   * The choices after the sign-in, for example of a site, in the order of their pages. The chosen values are stored. A
   * single choice is taken without a question, and a reauthentication keeps the stored one while the service offers it.
   */
  readonly select?: Selections<Stored>
}

/** The definition of an integration with several sign-in methods. Pass it to {@link defineIntegrationWithMethods}. */
export interface MethodsSpec<
  MethodFields extends Readonly<Record<string, z.ZodObject>>,
  Client,
  ChallengeForms extends Challenges,
  Stored extends z.ZodObject,
  Subentries extends SubentryFields = SubentryFields,
  Options extends z.ZodObject = z.ZodObject,
> extends Omit<
    IntegrationSpec<Stored, Client, ChallengeForms, Stored, Options, Subentries>,
    MethodKey | 'stored'
  > {
  /** The fields to store, shared by all methods. */
  readonly stored: Stored
  /** The methods by name, in menu order. An entry remembers its method and uses it for reauthentication. */
  readonly methods: {
    readonly [Name in keyof MethodFields]:
      | Method<MethodFields[Name], NoInfer<Stored>, ChallengeForms>
      | SignInMethod<MethodFields[Name], NoInfer<Stored>>
  }
}

/** The pages of a form with the field types erased. */
export type AnyPages = Readonly<Record<string, readonly string[] | { menu: string; options: AnyChoices }>>

/** A method with its field types erased. */
interface AnyMethod {
  readonly authorize?: Authorizer
  readonly fields?: z.ZodObject
  readonly reauth?: readonly string[]
  readonly reconfigure?:
    | readonly string[]
    | { readonly fields: readonly string[]; readonly sendStoredSecrets: true }
  readonly pages?: AnyPages
  readonly choices?: Readonly<Record<string, AnyChoices | undefined>>
  readonly select?: Readonly<Record<string, AnyChoices | undefined>>
  exchange?(values: never, context: never): Promise<unknown>
  refresh?(stored: never, context: never): Promise<object>
  expiresAt?(stored: never): number | null
}

/** The properties whose parameter types depend on the fields. */
type FieldTypedKey =
  | 'connect'
  | 'refresh'
  | 'expiresAt'
  | 'onRemove'
  | 'subentries'
  | 'optionsPages'
  | 'optionsChoices'

/** An integration with its field and client types erased. Parameters are `never`, so every integration is assignable. */
export interface AnyIntegration extends AnyMethod, Omit<IntegrationSpec, FieldTypedKey | MethodKey> {
  refresh?(stored: never, context: never): Promise<object>
  expiresAt?(stored: never): number | null
  onRemove?(stored: never, context: never): Promise<void>
  readonly methods?: Readonly<Record<string, AnyMethod & { readonly title: string }>>
  connect(values: never, context: never): Promise<Connected<unknown> | Challenged<string>>
  readonly subentries?: Readonly<Record<string, AnySubentryType>>
  readonly optionsPages?: AnyPages
  readonly optionsChoices?: Readonly<Record<string, AnyChoices | undefined>>
}

/** The client type of an integration, inferred from its `connect`. */
export type ClientOf<Integration extends AnyIntegration> = Extract<
  Awaited<ReturnType<Integration['connect']>>,
  { client: unknown }
>['client']

/** The options type of an integration. */
export type OptionsOf<Integration extends AnyIntegration> = Parameters<Integration['connect']>[1] extends {
  readonly options: infer Options
}
  ? Options
  : unknown

/**
 * Defines an integration: the fields of a service and how to connect to it. The setup, reauthentication and
 * reconfiguration flows are derived from it. `createLatchkey` validates the definition at start and throws
 * `IntegrationError`. Home Assistant: `config_flow.py`.
 *
 * @example
 * ```ts
 * import { address, defineIntegration, secret } from 'latchkey'
 * import * as z from 'zod'
 * import { MyClient } from './my-client.ts'
 *
 * export const myHub = defineIntegration({
 *   domain: 'my_hub',
 *   title: 'My Hub',
 *   fields: z.object({
 *     host: address().meta({ title: 'Host' }),
 *     apiToken: secret().meta({ title: 'API token' }),
 *   }),
 *   async connect({ host, apiToken }, { fetch, signal }) {
 *     const client = new MyClient(host, apiToken.reveal(), fetch)
 *     const account = await client.checkConnection({ signal })
 *     return { client, uniqueId: account.id, title: account.name }
 *   },
 * })
 * ```
 */
export function defineIntegration<
  const Fields extends z.ZodObject,
  Client,
  const ChallengeForms extends Challenges = Record<never, never>,
  const Stored extends z.ZodObject = Fields,
  const Options extends z.ZodObject = z.ZodObject<Record<never, never>>,
  const Subentries extends SubentryFields = Record<never, never>,
>(
  spec: IntegrationSpec<Fields, Client, ChallengeForms, Stored, Options, Subentries>,
): IntegrationSpec<Fields, Client, ChallengeForms, Stored, Options, Subentries> {
  return Object.freeze(spec)
}

/**
 * Defines an integration with several sign-in methods. A new entry's flow starts with a menu of the methods.
 *
 * @example
 * ```ts
 * import { defineIntegrationWithMethods } from 'latchkey'
 * import { oauthProvider, oauthTokens } from 'latchkey/oauth'
 * import * as z from 'zod'
 *
 * const provider = oauthProvider({ issuer: 'https://login.example', clientId: 'latchkey', scope: 'openid' })
 *
 * export const account = defineIntegrationWithMethods({
 *   domain: 'account',
 *   title: 'Example account',
 *   stored: z.object({ ...oauthTokens }),
 *   methods: {
 *     browser: { title: 'In this browser', authorize: provider.authorizationCode() },
 *     device: { title: 'With a code', authorize: provider.deviceCode() },
 *   },
 *   refresh: provider.refresh,
 *   expiresAt: provider.expiresAt,
 *   connect: async ({ account, accessToken }) => ({
 *     client: { token: accessToken.reveal() },
 *     uniqueId: account ?? null,
 *   }),
 * })
 * ```
 */
export function defineIntegrationWithMethods<
  const MethodFields extends Readonly<Record<string, z.ZodObject>>,
  Client,
  const Stored extends z.ZodObject,
  const ChallengeForms extends Challenges = Record<never, never>,
  const Subentries extends SubentryFields = Record<never, never>,
  const Options extends z.ZodObject = z.ZodObject<Record<never, never>>,
>(
  spec: MethodsSpec<MethodFields, Client, ChallengeForms, Stored, Subentries, Options>,
): MethodsSpec<MethodFields, Client, ChallengeForms, Stored, Subentries, Options> {
  return Object.freeze(spec)
}
