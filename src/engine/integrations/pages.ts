import * as z from 'zod'
import type { PageKind } from '../../../machines/methods.ts'
import type { FindContext } from '../../authoring/contexts.ts'
import type { AnyIntegration } from '../../authoring/integration.ts'
import { IntegrationError } from '../../errors.ts'
import { type Form, makeForm } from '../../form.ts'
import type { CodeAuthorizer, DeviceAuthorizer } from '../../ports/authorizer.ts'
import type { MenuOption } from '../../view.ts'

/** A page of the setup form. */
export type Page = FormPage | MenuPage | FoundMenuPage | CodePage | DevicePage

/** A page with fields. `name` is null if it is the only page. */
interface FormPage {
  readonly kind: 'form'
  readonly name: string | null
  readonly form: Form
  /** Validates the input of this page. The schema of the integration validates the input of all pages. */
  readonly schema: z.ZodObject
}

/** A page to select the value of one field. */
export interface MenuPage {
  readonly kind: 'menu'
  readonly name: string
  readonly field: string
  readonly options: readonly MenuOption[]
}

/** A menu whose options are loaded from the service. */
export interface FoundMenuPage {
  readonly kind: 'found_menu'
  readonly name: string
  readonly field: string
  readonly find: (values: never, context: FindContext) => Promise<unknown>
}

/** A sign-in at the service in the browser. */
interface CodePage {
  readonly kind: 'authorize'
  readonly authorizer: CodeAuthorizer
}

/** A sign-in at the service with a code on another device. */
interface DevicePage {
  readonly kind: 'device'
  readonly authorizer: DeviceAuthorizer
}

/**
 * Compiles the pages of an integration.
 *
 * @throws IntegrationError if a field is on no page or on two
 */
export function compilePages(
  integration: AnyIntegration,
  schema: z.ZodObject,
  fullForm: Form,
): readonly Page[] {
  const { domain, pages, authorize } = integration
  const fail = (why: string): never => {
    throw new IntegrationError(domain, `Integration "${domain}": ${why}`)
  }
  if (authorize?.problem !== undefined) fail(authorize.problem)
  if (authorize !== undefined) {
    return [
      { kind: authorize.grant === 'code' ? 'authorize' : 'device', authorizer: authorize } as
        | CodePage
        | DevicePage,
    ]
  }
  if (pages === undefined) return [{ kind: 'form', name: null, form: fullForm, schema }]
  const unused = new Set(fullForm.order)
  const use = (field: string, page: string): void => {
    if (!unused.delete(field))
      fail(`the page "${page}" lists "${field}", which is not a field or is on two pages.`)
  }
  const compiled = Object.entries(pages).map(([name, page]): Page => {
    if ('menu' in page) {
      const { menu: field, options } = page
      use(field, name)
      if (fullForm.secrets.has(field)) fail(`the menu "${name}" selects "${field}", which is a secret.`)
      if (typeof options === 'function') return { kind: 'found_menu', name, field, find: options }
      const offered = Object.entries(options).map(([value, label]) => ({ value, label }))
      return { kind: 'menu', name, field, options: offered }
    }
    for (const field of page) use(field, name)
    const shape: Record<string, z.core.$ZodType> = {}
    for (const field of page) shape[field] = schema.shape[field] as z.core.$ZodType
    return { kind: 'form', name, form: makeForm(domain, shape), schema: z.object(shape) }
  })
  if (unused.size > 0) fail(`no page has the fields ${[...unused].join(', ')}.`)
  if (compiled[0]?.kind === 'found_menu')
    fail('the first page is a menu that loads its options. Put a page before it.')
  return compiled
}

/** Returns the kinds of pages, as the machine distinguishes them. */
export const kindsOf = (pages: readonly Page[]): readonly PageKind[] => pages.map(({ kind }) => kind)
