import type * as z from 'zod'
import type { ConfigFlowInput } from '../../../machines/config-flow-input.ts'
import type { AnyIntegration } from '../../authoring/integration.ts'
import type { Form } from '../../form.ts'
import type { Catalogues } from '../../texts/catalogue.ts'
import type { MenuOption } from '../../view.ts'
import type { MigrationStep } from './compile-migrations.ts'
import type { CompiledSubentry } from './compile-subentries.ts'
import type { Page } from './pages.ts'

/** What a flow's machine has to know of its integration. */
export type FlowFacts = Required<
  Pick<ConfigFlowInput, 'onAccountMismatch' | 'methods' | 'adopts' | 'adoptsIdentity'>
>

/** What the machine goes by where the integration is gone. */
export const NO_FACTS: FlowFacts = {
  onAccountMismatch: 'abort',
  adopts: true,
  adoptsIdentity: false,
  methods: { '': ['form'] },
}

/** An integration with all that can be worked out once: its forms, and which fields are secrets. */
export interface Compiled {
  readonly integration: AnyIntegration
  readonly domain: string
  readonly version: number
  /** The name of this way in; `''` where the integration has but one. */
  readonly method: string
  /** What the menu of ways in calls it. */
  readonly label: string
  /** The ways in, by name; each as an integration of its own. */
  readonly methods: ReadonlyMap<string, Compiled>
  readonly facts: FlowFacts
  /** What reads all fields. */
  readonly schema: z.ZodObject
  /** Of all fields. */
  readonly fullForm: Form
  /** Of what is kept: the same where the integration keeps what was typed. */
  readonly storedForm: Form
  /** What reads the values that are kept. */
  readonly storedSchema: z.ZodObject
  /** What a new entry's fields are asked for on. */
  readonly pages: readonly Page[]
  /** By step: `reauth_confirm`, `reconfigure`, `replace`, and `init` where it has options. */
  readonly steps: ReadonlyMap<string, Form>
  readonly challenges: ReadonlyMap<string, Form>
  /** What may be under its entries, by type. */
  readonly subentries: ReadonlyMap<string, CompiledSubentry>
  /** What it says, by language. */
  readonly catalogues: Catalogues
  /** By the version that each begins with. */
  readonly migrations: ReadonlyMap<number, MigrationStep>
}

/** The way in of that name; where there is none, the first, or the only one. */
export const methodOf = (compiled: Compiled, method: string | null | undefined): Compiled =>
  compiled.methods.get(method ?? '') ?? compiled

/** All ways in: the only one, where there are no several. */
export const methodVariants = (compiled: Compiled): readonly Compiled[] =>
  compiled.methods.size === 0 ? [compiled] : [...compiled.methods.values()]

/** The ways in, to choose from. */
export const methodOptions = ({ methods }: Compiled): readonly MenuOption[] =>
  [...methods].map(([value, { label }]) => ({ value, label }))
