import * as z from 'zod'
import type { PageKind } from '../../../machines/methods.ts'
import { isAddressField } from '../../authoring/field.ts'
import type { AnyIntegration, AnyPages } from '../../authoring/integration.ts'
import { IntegrationError } from '../../errors.ts'
import type { Form } from '../../form.ts'
import type { CodeAuthorizer, DeviceAuthorizer } from '../../ports/authorizer.ts'
import { type DefinedChoices, makeFormWith } from './choices.ts'

/** A page of a form, or a sign-in at the service. */
export type Page = FormPage | CodePage | DevicePage

/** A page with fields. `name` is null for the page with the other fields. */
export interface FormPage {
  /** `found_form`: the service provides the choices of a field. */
  readonly kind: 'form' | 'found_form'
  readonly name: string | null
  readonly form: Form
  /** Validates the input of this page. The schema of the integration validates the input of all pages. */
  readonly schema: z.ZodObject
  /** Whether the page follows a sign-in. Its value is added to the granted ones. */
  readonly isSelection?: true
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

/** The fields that a form asks for, and their choices. */
interface Asked {
  readonly domain: string
  readonly schema: z.ZodObject
  /** The form with all fields. */
  readonly form: Form
  readonly choices: DefinedChoices | undefined
  /** The order in which the service provides choices. Defaults to that of the form. */
  readonly foundOrder?: readonly string[]
}

/**
 * Compiles the pages of a new entry.
 *
 * @throws IntegrationError if a field is on no page or on two
 */
export function compilePages(integration: AnyIntegration, asked: Asked): readonly Page[] {
  const { authorize, pages } = integration
  if (authorize === undefined) return pages === undefined ? pagesByChoices(asked) : pagesByName(asked, pages)
  const { domain, form } = asked
  if (authorize.problem !== undefined)
    throw new IntegrationError(domain, `Integration "${domain}": ${authorize.problem}`)
  const before =
    form.order.length === 0 ? [] : pages === undefined ? pagesByChoices(asked) : pagesByName(asked, pages)
  return withSignIn(integration, before)
}

/** Returns pages that are shown before a sign-in, with the sign-in and the choices after it. @throws IntegrationError */
export function withSignIn(
  { domain, authorize, fields, stored, select = {} }: AnyIntegration,
  before: readonly FormPage[],
): readonly Page[] {
  if (authorize === undefined) return before
  const signIn = { kind: authorize.grant === 'code' ? 'authorize' : 'device', authorizer: authorize } as
    | CodePage
    | DevicePage
  const shape = stored?.shape ?? {}
  const after = Object.entries(select).map(([field, choices]): FormPage => {
    const fail = (why: string): never => {
      throw new IntegrationError(domain, `Integration "${domain}": select names "${field}", which ${why}`)
    }
    const type = shape[field]
    if (type === undefined) return fail('is not a stored field.')
    if (fields !== undefined && Object.hasOwn(fields.shape, field))
      fail('is entered before the sign-in. Use choices for it.')
    if (typeof choices !== 'function') fail('has no function. Return the choices from one.')
    const form = makeFormWith({ domain, shape: { [field]: type }, choices: { [field]: choices } })
    return {
      kind: 'found_form',
      name: field,
      form,
      schema: z.object({ [field]: type as z.ZodType }),
      isSelection: true,
    }
  })
  return [...before, signIn, ...after]
}

/** Returns the choices of an integration, with those of its menus and those after a sign-in. */
export function choicesOf({ choices = {}, pages = {}, select = {} }: AnyIntegration): DefinedChoices {
  const menus = Object.values(pages).flatMap((page) =>
    'menu' in page ? [[page.menu, page.options] as const] : [],
  )
  return { ...Object.fromEntries(menus), ...choices, ...select }
}

/** Returns a form as the only page. */
export const onePage = ({ form, schema }: Pick<Asked, 'form' | 'schema'>): readonly FormPage[] => [
  { kind: kindOf(form), name: null, form, schema },
]

/**
 * Splits a form, so that each field whose choices are loaded has a separate page: an address first, unless `addressFirst`
 * is false, and the others after the fields that their functions need.
 */
export function pagesByChoices(asked: Asked, { addressFirst = true } = {}): readonly FormPage[] {
  const { form, schema } = asked
  const found = (asked.foundOrder ?? form.order).filter((field) => form.choices.get(field) === null)
  const others = form.order.filter((field) => !found.includes(field))
  const isFirst = (field: string) => addressFirst && isAddressField(schema.shape[field] as z.core.$ZodType)
  if (found.length === 0 || form.order.length === 1) return onePage(asked)
  const alone = (field: string) => pageOf(asked, field, [field])
  return [
    ...found.filter(isFirst).map(alone),
    ...(others.length === 0 ? [] : [pageOf(asked, null, others)]),
    ...found.filter((field) => !isFirst(field)).map(alone),
  ]
}

/** Returns the pages that an author has defined. @throws IntegrationError */
export function pagesByName(asked: Asked, pages: AnyPages): readonly FormPage[] {
  const { domain, form } = asked
  const fail = (why: string): never => {
    throw new IntegrationError(domain, `Integration "${domain}": ${why}`)
  }
  const unused = new Set(form.order)
  const compiled = Object.entries(pages).map(([name, page]): FormPage => {
    const fields = 'menu' in page ? [page.menu] : page
    for (const field of fields) {
      if (!unused.delete(field))
        fail(`the page "${name}" lists "${field}", which is not a field or is on two pages.`)
    }
    return pageOf(asked, name, fields)
  })
  if (unused.size > 0) fail(`no page has the fields ${[...unused].join(', ')}.`)
  return compiled
}

function pageOf(
  { domain, schema, choices }: Asked,
  name: string | null,
  fields: readonly string[],
): FormPage {
  const shape: Record<string, z.core.$ZodType> = {}
  for (const field of fields) shape[field] = schema.shape[field] as z.core.$ZodType
  const form = makeFormWith({ domain, shape, choices })
  return { kind: kindOf(form), name, form, schema: z.object(shape) }
}

const kindOf = ({ choices }: Form): FormPage['kind'] =>
  [...choices.values()].includes(null) ? 'found_form' : 'form'

/** Returns the kinds of pages, as the machine distinguishes them. */
export const kindsOf = (pages: readonly Page[]): readonly PageKind[] => pages.map(({ kind }) => kind)
