import type { ConfigFlowSource } from '../machines/config-flow-types.ts'
import type { ReauthWhy } from '../machines/flow-result.ts'
import type { Json, JsonObject } from './ports/json.ts'

/** An error on a form. `retryAfter` (in seconds) is set for the code `rate_limited`. */
export interface ViewError {
  readonly code: string
  readonly text: string
  readonly retryAfter?: number
  /**
   * The values of the placeholders in `text`, for example `limit` and `type` of a value that is too short. `message`: the
   * integration's text for an error that its `texts` do not have. Untrusted text, never markup.
   */
  readonly params?: Readonly<Record<string, string | number>>
  /** The next step for the user. Absent if `text` is enough. */
  readonly advice?: string
  /** The `https` URL of the integration's help for this error. */
  readonly docs?: string
  /**
   * Whether the form keeps the secrets that the user has entered. False if the service refused them, true if it did not
   * judge them. Absent for errors of a field, except of a secret that the service refused.
   */
  readonly keepSecrets?: boolean
  /** A short reference that is also in the log. Only for callers with the right `manage`. */
  readonly ref?: string
}

/** An account in a result. */
export interface AccountView {
  readonly title: string
  /** The identity that the service shows to users, or the unique id if another account in the result has the same name. */
  readonly account: string
  /** The entry of the account, if it has one. */
  readonly entryId?: string | undefined
}

/** JSON Schema (2020-12) of one field. `writeOnly` marks a secret. */
export type FieldSchema = {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly format?: string
  readonly writeOnly?: boolean
  /** Whether a secret has several lines, for example a private key. */
  readonly multiline?: boolean
  /** `numeric` if the input has only digits, for the keyboard of a phone. */
  readonly inputMode?: string
  /** Whether the integration has texts for invalid values, which only the server shows. Absent if not. */
  readonly ownMessages?: boolean
  /** The `https` URL that explains the field, for example where to find a token. */
  readonly helpUrl?: string
  readonly [keyword: string]: Json | undefined
}

/** JSON Schema (2020-12) of a form's input. */
export type FormSchema = {
  readonly $schema: string
  readonly type: 'object'
  readonly properties: { readonly [field: string]: FieldSchema }
  readonly required: readonly string[]
  readonly additionalProperties: false
}

/** The name of a flow's statechart. */
export type FlowMachineName = 'configFlow' | 'optionsFlow' | 'subentryFlow'

interface FlowView {
  readonly flowId: string
  /** The statechart of the flow. */
  readonly machine: FlowMachineName
  readonly domain: string
  readonly source: ConfigFlowSource
  /** The entry of the flow; `null` if it has none yet. */
  readonly entryId: string | null
  /** The sub-entry of the flow, if the flow edits one. `subentryId` is `null` if it has none yet. */
  readonly subentry?: { readonly type: string; readonly subentryId: string | null; readonly isNew: boolean }
  /** Pass it to the next call, for optimistic locking. */
  readonly revision: number
  /** Set by a call to open a flow if it was open before, for example by another user. */
  readonly joined?: true
  /** Title of the flow, for example for the header of a dialog. */
  readonly title: string
  /** Language of its texts (BCP 47). */
  readonly language: string
  /**
   * The values of the placeholders in the texts. `name` is the title of the entry or integration, `account` the title
   * of the replacement account, `service` the title of the integration, `host` the address or else the service. Untrusted
   * text, never markup.
   */
  readonly placeholders: Readonly<Record<string, string>>
  /** The host's reason for the flow. Absent if it gave none. Untrusted text, never markup. */
  readonly message?: string
  /** Title of the integration in this language. */
  readonly service?: string
  /** The host and port of the service, without credentials. Absent if unknown. Untrusted text, never markup. */
  readonly address?: string
  /** The account of the entry, as the service shows it to users. Absent without an entry. Untrusted text. */
  readonly account?: string
  /**
   * The reason why the user must sign in again. Only for the source `reauth`. It is stored at the start. `invalid_auth`: the service
   * has refused the credential, and this also replaces the other reasons.
   */
  readonly why?: ReauthWhy
}

export type { ReauthWhy }

/** A step that waits for the input of a form. */
export interface FormView extends FlowView {
  readonly type: 'form'
  /**
   * `user`, `reauth_confirm`, `reconfigure`, `replace`, `challenge`; `repair_confirm` and `account_confirm` without fields; `init` for options; `add_subentry` or
   * `change_subentry` for sub-entries.
   */
  readonly step: string
  /** The name of the page in the integration's `pages`, or of the field whose choices the page shows. */
  readonly page?: string
  /** The number of the page, from 1, and of all pages. Absent if the form has only one. A challenge may follow. */
  readonly position?: { readonly page: number; readonly pages: number }
  /** The name of the challenge in the step `challenge`. */
  readonly challenge?: string
  /** JSON Schema (2020-12) of the input. Frozen and shared by all views of this form. */
  readonly schema: FormSchema
  /** The field names in display order. */
  readonly order: readonly string[]
  /** The values to prefill. Never contains secrets. */
  readonly values: JsonObject
  /**
   * The secret fields that hold a value. An optional one that is left out stays stored. Submit `null` to remove
   * it. Absent if no field holds one.
   */
  readonly stored?: readonly string[]
  /** The errors, by JSON Pointer (RFC 6901) of the field, or `base` for the form as a whole. */
  readonly errors: Readonly<Record<string, ViewError>>
  /** An explanation, if the labels are not enough. */
  readonly description?: string
  /** Label of the submit button. */
  readonly submit: string
  /** Whether this form is the last step, unless the service requires another one. */
  readonly lastStep: boolean
  /** Whether the user can go back to a previous step. */
  readonly mayGoBack: boolean
  /** Whether the user can ignore the discovered account or device. Absent if not. */
  readonly mayIgnore?: true
  /**
   * Whether the service has not provided the choices of this form, so that `flows.retry` can load them again. Absent if
   * it has. Without them, only a stored value can be submitted.
   */
  readonly mayRetry?: true
  /** Expiration time of the flow (ms since the epoch); `null` if it lives as long as its entry needs it. */
  readonly expiresAt: number | null
}

/** An option of a menu. */
export interface MenuOption {
  /** The argument of `flows.choose`. */
  readonly value: string
  readonly label: string
}

/** A step that waits for a choice. */
export interface MenuView
  extends FlowView,
    Pick<FormView, 'errors' | 'description' | 'mayGoBack' | 'expiresAt'> {
  readonly type: 'menu'
  /** `pick_method` or `replace_confirm`. */
  readonly step: string
  readonly options: readonly MenuOption[]
}

/** A step that waits for a sign-in in the browser. */
export interface ExternalView
  extends FlowView,
    Pick<FormView, 'errors' | 'description' | 'mayGoBack' | 'expiresAt'> {
  readonly type: 'external'
  readonly step: string
  /** The URL to open, relative to the address of the host. Contains no secret. */
  readonly url: string
  /** The host and port of the service's sign-in page. Absent if unknown. */
  readonly host?: string
}

/** A step that works without input. */
export interface ProgressView extends FlowView {
  readonly type: 'progress'
  /** The machine's state, for example `checkingConnection`. */
  readonly step: string
  readonly text: string
}

/** A step that waits for a code that the user enters on another device. It advances only when a client polls. */
export interface DeviceView extends FlowView, Pick<FormView, 'errors' | 'description' | 'mayGoBack'> {
  readonly type: 'progress'
  readonly step: 'device'
  /** An explanation of the step. */
  readonly text: string
  /** The code to enter. Absent until the first poll, which requests it. */
  readonly userCode?: string
  /** The URL at which to enter the code. */
  readonly verificationUri?: string
  /** The URL that already contains the code. */
  readonly verificationUriComplete?: string
  /** Minimum time between two polls in milliseconds. */
  readonly interval: number
  /**
   * Expiration time of the code (ms since the epoch). A later poll requests a new one. `null` if there is no code yet.
   */
  readonly expiresAt: number | null
}

/** The open follow-up flow. Show it after the result. */
export interface NextFlowView {
  readonly flowId: string
  readonly domain: string
  readonly source: 'user' | 'options' | 'subentry'
}

/** The result of a flow that created an entry. */
export interface CreateEntryView extends FlowView {
  readonly type: 'create_entry'
  readonly entryId: string
  readonly text: string
  readonly success: true
  readonly nextFlow?: NextFlowView
}

/** The result of any other flow. */
export interface AbortView extends FlowView {
  readonly type: 'abort'
  readonly reason: string
  readonly text: string
  /** Whether the flow achieved its purpose, for example `reauth_successful`. */
  readonly success: boolean
  /** State of the entry after a successful flow. `setup_retry`: it is saved but not loaded yet. */
  readonly entryState?: string
  readonly nextFlow?: NextFlowView
  /** The next step for the user. Absent if `text` is enough. */
  readonly advice?: string
  /** The account of the entry and the account that answered, for the reason `wrong_account`. */
  readonly accounts?: { readonly expected: AccountView; readonly found: AccountView }
  /** The entry that already exists, for the reason `already_configured`. Not shown to users of a repair link. */
  readonly existing?: { readonly entryId: string; readonly title: string }
  /**
   * Set if `flows.start({ source: 'replace', entryId, from: flowId })` can switch the entry to the account that answered.
   * Requires the right `manage`.
   */
  readonly replaceable?: true
}

/** The current step or the result of a flow, as JSON. Distinguish by `type`. */
export type View =
  | FormView
  | MenuView
  | ExternalView
  | ProgressView
  | DeviceView
  | CreateEntryView
  | AbortView

/** A view before its localization, without texts. */
export type Wordless<Told extends View> = Told extends View
  ? Omit<Told, 'title' | 'language' | 'description' | 'submit' | 'text' | 'advice' | 'service' | 'errors'> & {
      readonly [Key in 'errors' & keyof Told]: Readonly<Record<string, Omit<ViewError, 'text'>>>
    }
  : never
