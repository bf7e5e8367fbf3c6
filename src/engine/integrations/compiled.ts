import type * as z from 'zod'
import type { ConfigFlowInput } from '../../../machines/config-flow-input.ts'
import type { AnyIntegration } from '../../authoring/integration.ts'
import type { MigrateStep } from '../../authoring/migration.ts'
import type { Form } from '../../form.ts'
import type { Catalogues } from '../../texts/catalogue.ts'
import type { MenuOption } from '../../view.ts'
import type { Listing } from './compile-listing.ts'
import type { CompiledSubentry } from './compile-subentries.ts'
import type { Page } from './pages.ts'

/** The settings of an integration that the flow machine needs. */
export type FlowFacts = Required<
  Pick<ConfigFlowInput, 'onAccountMismatch' | 'methods' | 'entryPages' | 'adopts' | 'adoptsIdentity'>
>

/** The settings of a flow whose integration is no longer registered. */
export const NO_FACTS: FlowFacts = {
  onAccountMismatch: 'abort',
  adopts: true,
  adoptsIdentity: false,
  methods: { '': ['form'] },
  entryPages: {},
}

/** An integration with its validated settings and forms. Compiled once, at start. */
export interface Compiled {
  readonly integration: AnyIntegration
  readonly domain: string
  readonly version: number
  /** The name of this sign-in method; empty if the integration has only one. */
  readonly method: string
  /** The label of this method in the method menu. */
  readonly label: string
  /** All methods by name, each compiled like a separate integration. Empty if the integration has only one. */
  readonly methods: ReadonlyMap<string, Compiled>
  readonly facts: FlowFacts
  /** The schema of the submitted fields. */
  readonly schema: z.ZodObject
  /** The form with all submitted fields. */
  readonly fullForm: Form
  /** The form of the stored fields; identical to `fullForm` if the input is stored unchanged. */
  readonly storedForm: Form
  readonly storedSchema: z.ZodObject
  /** The pages of the setup form. */
  readonly pages: readonly Page[]
  /** The forms by step: `reauth_confirm`, `reconfigure`, `replace`, and `init` if the integration has options. */
  readonly steps: ReadonlyMap<string, Form>
  /** The pages of these forms. */
  readonly stepPages: ReadonlyMap<string, readonly Page[]>
  readonly challenges: ReadonlyMap<string, Form>
  /** The types of sub-entries by name. */
  readonly subentries: ReadonlyMap<string, CompiledSubentry>
  /** The data for lists of integrations, and the help for errors. */
  readonly listing: Listing
  /** The texts by language. */
  readonly catalogues: Catalogues
  /** The migrations by source version. */
  readonly migrations: ReadonlyMap<number, MigrateStep>
}

/** Returns the method with this name; `compiled` itself if the name is null or unknown. */
export const methodOf = (compiled: Compiled, method: string | null | undefined): Compiled =>
  compiled.methods.get(method ?? '') ?? compiled

/** Returns all methods, or the integration itself if it has only one. */
export const methodVariants = (compiled: Compiled): readonly Compiled[] =>
  compiled.methods.size === 0 ? [compiled] : [...compiled.methods.values()]

/** Returns the options of the method menu. */
export const methodOptions = ({ methods }: Compiled): readonly MenuOption[] =>
  [...methods].map(([value, { label }]) => ({ value, label }))
