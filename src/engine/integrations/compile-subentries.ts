import type * as z from 'zod'
import type { AnyIntegration } from '../../authoring/integration.ts'
import type { AnySubentryType } from '../../authoring/subentry.ts'
import { IntegrationError } from '../../errors.ts'
import { type Form, makeForm } from '../../form.ts'
import { en } from '../../texts/en.ts'

/** A kind of thing under entries, with all that can be worked out once. */
export interface CompiledSubentry {
  readonly type: string
  readonly title: string
  readonly definition: AnySubentryType
  readonly schema: z.ZodObject
  /** Of all fields. */
  readonly fullForm: Form
  /** What a change asks for. */
  readonly editForm: Form
}

/** The kinds of things that an integration has under its entries, by name. @throws IntegrationError */
export function compileSubentries(integration: AnyIntegration): ReadonlyMap<string, CompiledSubentry> {
  const { subentries = {} } = integration
  return new Map(
    Object.entries(subentries).map(([type, definition]) => [type, compile(integration, type, definition)]),
  )
}

function compile(integration: AnyIntegration, type: string, definition: AnySubentryType): CompiledSubentry {
  const { domain } = integration
  const refuse = (why: string): never => {
    throw new IntegrationError(domain, `The sub-entry ${type} of the integration ${domain} ${why}`)
  }
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(type))
    refuse('needs a name of lower-case letters, digits and underscores.')
  // Its texts stand under its name.
  if (stepsOf(integration).has(type)) refuse('has the name of a step: give it another.')
  if ((definition.name === undefined) === (definition.check === undefined)) {
    refuse('is named by one of name and check: give it one of them.')
  }
  const { shape } = definition.fields
  const fullForm = makeForm(domain, shape)
  const unknown = definition.reconfigure?.find((field) => !fullForm.order.includes(field))
  if (unknown !== undefined) refuse(`asks by reconfigure for ${unknown}, which is none of its fields.`)
  const isAsked = (field: string) =>
    fullForm.secrets.has(field) || (definition.reconfigure ?? fullForm.order).includes(field)
  const asked = Object.entries(shape).filter(([field]) => isAsked(field))
  const editForm = makeForm(domain, Object.fromEntries(asked))
  return { type, title: definition.title, definition, schema: definition.fields, fullForm, editForm }
}

/** What the texts of an integration may stand under beside its kinds of things. */
function stepsOf({ pages = {}, challenges = {}, methods = {} }: AnyIntegration): ReadonlySet<string> {
  const own = [pages, challenges, ...Object.values(methods).map((method) => method.pages ?? {})]
  return new Set(['user', 'init', ...Object.keys(en.step), ...own.flatMap((named) => Object.keys(named))])
}
