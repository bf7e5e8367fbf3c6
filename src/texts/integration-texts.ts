import type { StandardTexts } from './standard-texts.ts'

/** The texts of one step. ICU messages, with the view's placeholders; labels and help texts have none. */
export interface StepTexts<Field extends string = string, Option extends string = string> {
  /** Over the step, instead of what the flow is called. */
  readonly title?: string
  readonly description?: string
  /** On its button. */
  readonly submit?: string
  /** Labels, by field. */
  readonly data?: { readonly [Name in Field]?: string }
  /** Help, by field. */
  readonly data_description?: { readonly [Name in Field]?: string }
  /** By what `choose` takes. */
  readonly menu_options?: { readonly [Name in Option]?: string }
}

/** Texts of their own, and others for the standard ones. */
type Own<Standard> = { readonly [Key in keyof Standard]?: string } & { readonly [code: string]: string }

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
 * What an integration says in one language. Labels that every step shares stand in `data`, what one step says
 * otherwise in `step`; a challenge is a step by its name. What is left out is said in the standard words.
 * Home Assistant: the `config` of an integration's `strings.json`.
 */
export interface IntegrationTexts<
  Field extends string = string,
  Steps extends { readonly [step: string]: StepTexts } = { readonly [step: string]: StepTexts },
> {
  /** What the integration is called. */
  readonly title?: string
  readonly flow_title?: Partial<StandardTexts['flow_title']>
  readonly submit?: Partial<StandardTexts['submit']>
  readonly data?: { readonly [Name in Field]?: string }
  readonly data_description?: { readonly [Name in Field]?: string }
  readonly step?: { readonly [Step in StandardStep]?: StepTexts<Field> } & {
    readonly [Step in keyof Steps]?: Steps[Step]
  } & {
    /** By the name of a page or menu, or by the type of what is added under an entry. */
    readonly [page: string]: StepTexts
  }
  readonly error?: Own<StandardTexts['error']>
  readonly abort?: Own<StandardTexts['abort']>
  readonly progress?: Partial<StandardTexts['progress']>
  readonly create_entry?: string
  readonly create_subentry?: string
  /** What one of each kind of thing under an entry is called, by its type. */
  readonly subentries?: { readonly [type: string]: string }
  readonly attention?: Partial<StandardTexts['attention']>
}
