import type { StandardTexts } from './standard-texts.ts'

/** The texts of one step: ICU messages with the view's placeholders. Labels and help texts have no placeholders. */
export interface StepTexts<Field extends string = string, Option extends string = string> {
  /** The title above the step. Defaults to the title of the flow. */
  readonly title?: string
  readonly description?: string
  /** The label of the button. */
  readonly submit?: string
  /** Labels by field. */
  readonly data?: { readonly [Name in Field]?: string }
  /** Help texts by field. */
  readonly data_description?: { readonly [Name in Field]?: string }
  /** Labels of choices, by field and value. */
  readonly choices?: { readonly [Name in Field]?: { readonly [value: string]: string } }
  /** Labels of the options of a menu, by the value that `choose` takes. */
  readonly menu_options?: { readonly [Name in Option]?: string }
}

/** Overrides of standard texts, and texts for the integration's codes. */
type WithOwnCodes<Standard> = { readonly [Key in keyof Standard]?: string } & {
  readonly [code: string]: string
}

/** The steps of every integration. */
type StandardStep =
  | 'user'
  | 'reauth_confirm'
  | 'reconfigure'
  | 'replace'
  | 'replace_confirm'
  | 'challenge'
  | 'pick_method'

/**
 * The texts of an integration in one language. `data` has the labels that all steps share, `step` the exceptions. The
 * name of a challenge is also a step. A missing text falls back to the standard text.
 * Home Assistant: the `config` of an integration's `strings.json`.
 */
export interface IntegrationTexts<
  Field extends string = string,
  Steps extends { readonly [step: string]: StepTexts } = { readonly [step: string]: StepTexts },
> {
  /** The title of the integration. */
  readonly title?: string
  /** One line about the service, of at most 60 characters. */
  readonly description?: string
  readonly flow_title?: Partial<StandardTexts['flow_title']>
  readonly submit?: Partial<StandardTexts['submit']>
  readonly data?: { readonly [Name in Field]?: string }
  readonly data_description?: { readonly [Name in Field]?: string }
  /** Labels of choices that all steps share, by field and value. */
  readonly choices?: { readonly [Name in Field]?: { readonly [value: string]: string } }
  readonly step?: { readonly [Step in StandardStep]?: StepTexts<Field> } & {
    readonly [Step in keyof Steps]?: Steps[Step]
  } & {
    /** By the name of a page or menu, or by the type of a sub-entry. */
    readonly [page: string]: StepTexts
  }
  readonly error?: WithOwnCodes<StandardTexts['error']>
  /** The next step for the user, by error code. */
  readonly advice?: { readonly [code: string]: string }
  readonly abort?: WithOwnCodes<StandardTexts['abort']>
  readonly progress?: Partial<StandardTexts['progress']>
  readonly create_entry?: string
  readonly create_subentry?: string
  /** The singular name of sub-entries, by type. */
  readonly subentries?: { readonly [type: string]: string }
  readonly attention?: Partial<StandardTexts['attention']>
}
