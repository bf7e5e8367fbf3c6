import * as z from 'zod'
import type { PageKind } from '../../../machines/methods.ts'
import type { FindContext } from '../../authoring/contexts.ts'
import type { AnyIntegration } from '../../authoring/integration.ts'
import { IntegrationError } from '../../errors.ts'
import { type Form, makeForm } from '../../form.ts'
import type { CodeAuthorizer, DeviceAuthorizer } from '../../ports/authorizer.ts'
import type { MenuOption } from '../../view.ts'

/** A page of the form that sets a new entry up. */
export type Page = FormPage | MenuPage | FoundMenuPage | CodePage | DevicePage

/** A page with fields; the integration's name for it, null where it is the only one. */
interface FormPage {
  readonly kind: 'form'
  readonly name: string | null
  readonly form: Form
  /** Reads what was typed on this page; the whole is read after the last. */
  readonly schema: z.ZodObject
}

/** A page on which the value of one field is chosen. */
export interface MenuPage {
  readonly kind: 'menu'
  readonly name: string
  readonly field: string
  readonly options: readonly MenuOption[]
}

/** A menu of what the service offers. */
export interface FoundMenuPage {
  readonly kind: 'found_menu'
  readonly name: string
  readonly field: string
  readonly find: (values: never, context: FindContext) => Promise<unknown>
}

/** Where people sign in at the service, in a browser. */
interface CodePage {
  readonly kind: 'authorize'
  readonly way: CodeAuthorizer
}

/** Where people sign in at the service, by a code on another device. */
interface DevicePage {
  readonly kind: 'device'
  readonly way: DeviceAuthorizer
}

/**
 * The pages of an integration, worked out once.
 *
 * @throws IntegrationError where a field is on no page, or on two
 */
export function compilePages(integration: AnyIntegration, schema: z.ZodObject, whole: Form): readonly Page[] {
  const { domain, pages, authorize } = integration
  if (authorize !== undefined) {
    return [
      authorize.grant === 'code' ? { kind: 'authorize', way: authorize } : { kind: 'device', way: authorize },
    ]
  }
  if (pages === undefined) return [{ kind: 'form', name: null, form: whole, schema }]
  const refuse = (why: string): never => {
    throw new IntegrationError(domain, `The pages of the integration ${domain} ${why}.`)
  }
  const left = new Set(whole.order)
  const take = (field: string, page: string): void => {
    if (!left.delete(field)) refuse(`ask on ${page} for ${field}, which is no field or was asked for before`)
  }
  const compiled = Object.entries(pages).map(([name, page]): Page => {
    if ('menu' in page) {
      const { menu: field, options } = page
      take(field, name)
      if (whole.secrets.has(field)) refuse(`let people choose ${field}, which is a secret`)
      if (typeof options === 'function') return { kind: 'found_menu', name, field, find: options }
      const offered = Object.entries(options).map(([value, label]) => ({ value, label }))
      return { kind: 'menu', name, field, options: offered }
    }
    for (const field of page) take(field, name)
    const shape: Record<string, z.core.$ZodType> = {}
    for (const field of page) shape[field] = schema.shape[field] as z.core.$ZodType
    return { kind: 'form', name, form: makeForm(domain, shape), schema: z.object(shape) }
  })
  if (left.size > 0) refuse(`leave out ${[...left].join(', ')}`)
  if (compiled[0]?.kind === 'found_menu') refuse('begin with a menu whose options have to be found')
  return compiled
}

/** The pages as the machine knows them. */
export const kindsOf = (pages: readonly Page[]): readonly PageKind[] => pages.map(({ kind }) => kind)
