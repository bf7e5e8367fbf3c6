import type { ConfigFlowSource } from '../machines/config-flow-types.ts'
import type { Json, JsonObject } from './ports/json.ts'

/** An error as a form shows it. `retryAfter` (seconds) comes with `rate_limited`. */
export interface ViewError {
  readonly code: string
  readonly text: string
  readonly retryAfter?: number
}

/** JSON Schema (2020-12) of one field. `writeOnly` marks a secret. */
export type FieldSchema = {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly format?: string
  readonly writeOnly?: boolean
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

/** A statechart that flows follow. */
export type FlowMachineName = 'configFlow' | 'optionsFlow' | 'subentryFlow'

interface FlowView {
  readonly flowId: string
  /** The statechart that it follows. */
  readonly machine: FlowMachineName
  readonly domain: string
  readonly source: ConfigFlowSource
  /** The entry that the flow is about; null while there is none. */
  readonly entryId: string | null
  /** What under the entry it is about, where it is not about the entry itself; without an id while there is none. */
  readonly subentry?: { readonly type: string; readonly subentryId: string | null; readonly isNew: boolean }
  /** To be handed back with the next submit. */
  readonly revision: number
  /** What it is about, in words: for the head of a dialog. */
  readonly title: string
  /** The language of its texts (BCP 47). */
  readonly language: string
  /** What its texts may name: `name` is the entry's title, or the integration's; `account` the title of what would take its place. Data, and never markup. */
  readonly placeholders: Readonly<Record<string, string>>
}

/** A step that asks a person to fill in a form. */
export interface FormView extends FlowView {
  readonly type: 'form'
  /**
   * `user`, `reauth_confirm`, `reconfigure`, `replace`, `challenge`; `init` where options are changed, `add_subentry` and
   * `change_subentry` where something under an entry is.
   */
  readonly step: string
  /** The integration's name for this page of its form, where the form has several. */
  readonly page?: string
  /** The challenge's name, in the step `challenge`. */
  readonly challenge?: string
  /** JSON Schema (2020-12) of the input; frozen and shared by all views of this form. */
  readonly schema: FormSchema
  /** The fields in the order to show them. */
  readonly order: readonly string[]
  /** What to prefill; never a secret. */
  readonly values: JsonObject
  /** By JSON Pointer (RFC 6901) of the field, or `base` for the form as a whole. */
  readonly errors: Readonly<Record<string, ViewError>>
  /** What is asked for, and why, where the labels do not say it. */
  readonly description?: string
  /** What to write on its button. */
  readonly submit: string
  /** Whether this form is the last step as far as is known. */
  readonly lastStep: boolean
  /** Whether there is a step before this one to go back to. */
  readonly mayGoBack: boolean
  /** Whether what it asks about was found, and may be ignored; absent where not. */
  readonly mayIgnore?: true
  /** When it expires (ms since the epoch); null while its entry needs it. */
  readonly expiresAt: number | null
}

/** One thing to choose in a menu. */
export interface MenuOption {
  /** What `choose` takes. */
  readonly value: string
  readonly label: string
}

/** A step that asks a person to choose one of several. */
export interface MenuView
  extends FlowView,
    Pick<FormView, 'errors' | 'description' | 'mayGoBack' | 'expiresAt'> {
  readonly type: 'menu'
  /** `pick_method`, `replace_confirm`, or `menu` for one of the integration's own. */
  readonly step: string
  /** The integration's name for it, in the step `menu`. */
  readonly page?: string
  readonly options: readonly MenuOption[]
}

/** A step that a person does elsewhere, in a browser. */
export interface ExternalView
  extends FlowView,
    Pick<FormView, 'errors' | 'description' | 'mayGoBack' | 'expiresAt'> {
  readonly type: 'external'
  readonly step: string
  /** Where to begin, relative to where the host serves Latchkey; it carries no secret. */
  readonly url: string
}

/** A step that waits for the flow's own work. */
export interface ProgressView extends FlowView {
  readonly type: 'progress'
  /** The state that is at work, for example `checkingConnection`. */
  readonly step: string
  readonly text: string
}

/** A step that waits until a person has entered a code on another device. It moves only where somebody polls. */
export interface DeviceView extends FlowView, Pick<FormView, 'errors' | 'description' | 'mayGoBack'> {
  readonly type: 'progress'
  readonly step: 'device'
  /** What it waits for. */
  readonly text: string
  /** What to enter; absent until the first poll, which asks for it. */
  readonly userCode?: string
  /** Where to enter it. */
  readonly verificationUri?: string
  /** The same with the code in it. */
  readonly verificationUriComplete?: string
  /** How long to wait between two polls, in milliseconds. */
  readonly interval: number
  /** When the code ends (ms since the epoch): a poll after that renews it. Null where there is none. */
  readonly expiresAt: number | null
}

/** An open flow that follows one that has ended: whoever ended that one is to go on to it. */
export interface NextFlowView {
  readonly flowId: string
  readonly domain: string
  readonly source: 'user' | 'options' | 'subentry'
}

/** The end of a flow that made an entry. */
export interface CreateEntryView extends FlowView {
  readonly type: 'create_entry'
  readonly entryId: string
  readonly text: string
  readonly success: true
  readonly nextFlow?: NextFlowView
}

/** The end of any other flow. */
export interface AbortView extends FlowView {
  readonly type: 'abort'
  readonly reason: string
  readonly text: string
  /** Whether it did what it was for: `reauth_successful` is an abort that did. */
  readonly success: boolean
  /** How the entry stands now, where the flow succeeded: `setup_retry` says that it is saved but not running yet. */
  readonly entryState?: string
  readonly nextFlow?: NextFlowView
}

/** What a step shows: plain JSON, told apart by `type`. */
export type View =
  | FormView
  | MenuView
  | ExternalView
  | ProgressView
  | DeviceView
  | CreateEntryView
  | AbortView

/** A view before it is put into words: codes, and no text. */
export type Wordless<Told extends View> = Told extends View
  ? Omit<Told, 'title' | 'language' | 'description' | 'submit' | 'text' | 'errors'> & {
      readonly [Key in 'errors' & keyof Told]: Readonly<Record<string, Omit<ViewError, 'text'>>>
    }
  : never
