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
  readonly of: AnySubentryType
  readonly schema: z.ZodObject
  /** Of all fields. */
  readonly whole: Form
  /** What a change asks for. */
  readonly change: Form
}

/** The kinds of things that an integration has under its entries, by name. @throws IntegrationError */
export function compileSubentries(integration: AnyIntegration): ReadonlyMap<string, CompiledSubentry> {
  const { subentries = {} } = integration
  return new Map(Object.entries(subentries).map(([type, of]) => [type, compile(integration, type, of)]))
}

function compile(integration: AnyIntegration, type: string, of: AnySubentryType): CompiledSubentry {
  const { domain } = integration
  const refuse = (why: string): never => {
    throw new IntegrationError(domain, `The sub-entry ${type} of the integration ${domain} ${why}`)
  }
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(type))
    refuse('needs a name of lower-case letters, digits and underscores.')
  // Its texts stand under its name.
  if (stepsOf(integration).has(type)) refuse('has the name of a step: give it another.')
  if ((of.name === undefined) === (of.check === undefined)) {
    refuse('is named by one of name and check: give it one of them.')
  }
  const { shape } = of.fields
  const whole = makeForm(domain, shape)
  const unknown = of.reconfigure?.find((field) => !whole.order.includes(field))
  if (unknown !== undefined) refuse(`asks by reconfigure for ${unknown}, which is none of its fields.`)
  const isAsked = (field: string) =>
    whole.secrets.has(field) || (of.reconfigure ?? whole.order).includes(field)
  const asked = Object.entries(shape).filter(([field]) => isAsked(field))
  const change = makeForm(domain, Object.fromEntries(asked))
  return { type, title: of.title, of, schema: of.fields, whole, change }
}

/** What the texts of an integration may stand under beside its kinds of things. */
function stepsOf({ pages = {}, challenges = {}, methods = {} }: AnyIntegration): ReadonlySet<string> {
  const own = [pages, challenges, ...Object.values(methods).map((method) => method.pages ?? {})]
  return new Set(['user', 'init', ...Object.keys(en.step), ...own.flatMap((named) => Object.keys(named))])
}
