import type * as z from 'zod'
import type { AnyIntegration } from '../../authoring/integration.ts'
import type { MigrateSubentryStep } from '../../authoring/migration.ts'
import type { AnySubentryType } from '../../authoring/subentry.ts'
import { IntegrationError } from '../../errors.ts'
import type { Form } from '../../form.ts'
import { en } from '../../texts/en.ts'
import { assertChoices, makeFormWith } from './choices.ts'
import { compileMigrations } from './compile-migrations.ts'
import { type FormPage, onePage, pagesByName } from './pages.ts'

/** A type of sub-entry with its forms. */
export interface CompiledSubentry {
  readonly type: string
  readonly title: string
  readonly definition: AnySubentryType
  readonly schema: z.ZodObject
  /** The form with all fields. */
  readonly fullForm: Form
  /** The form to edit a sub-entry. */
  readonly editForm: Form
  readonly version: number
  /** The migrations of its values by source version. */
  readonly migrations: ReadonlyMap<number, MigrateSubentryStep>
  /** The pages of these forms. */
  readonly fullPages: readonly FormPage[]
  readonly editPages: readonly FormPage[]
}

/** Whether the service checks secrets of this sub-entry type. Their refusals count as failed sign-ins. */
export const checksSecrets = (kind: CompiledSubentry | undefined): boolean =>
  kind?.definition.check !== undefined && kind.fullForm.secrets.size > 0

/** Compiles the types of sub-entries of an integration, by name. @throws IntegrationError */
export function compileSubentries(integration: AnyIntegration): ReadonlyMap<string, CompiledSubentry> {
  const { subentries = {} } = integration
  return new Map(
    Object.entries(subentries).map(([type, definition]) => [type, compile(integration, type, definition)]),
  )
}

function compile(integration: AnyIntegration, type: string, definition: AnySubentryType): CompiledSubentry {
  const { domain } = integration
  const fail = (why: string): never => {
    throw new IntegrationError(domain, `Integration "${domain}": the sub-entry type "${type}" ${why}`)
  }
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(type))
    fail('has an invalid name. Use lower-case letters, digits and underscores.')
  // The texts of a sub-entry type have its name as their key, like those of a step.
  if (textKeysOf(integration).has(type)) fail('has the name of a step or page. Choose another name.')
  if ((definition.name === undefined) === (definition.check === undefined)) {
    fail('needs exactly one of name and check.')
  }
  const { choices, pages, fields: schema } = definition
  const { shape } = schema
  const fullForm = makeFormWith({ domain, shape, choices })
  assertChoices(domain, choices, fullForm.order)
  const unknown = definition.reconfigure?.find((field) => !fullForm.order.includes(field))
  if (unknown !== undefined) fail(`lists "${unknown}" in reconfigure, which is not one of its fields.`)
  const isEditable = (field: string) =>
    fullForm.secrets.has(field) || (definition.reconfigure ?? fullForm.order).includes(field)
  const editable = Object.entries(shape).filter(([field]) => isEditable(field))
  const editForm = makeFormWith({ domain, shape: Object.fromEntries(editable), choices })
  const pagesOf = (form: Form, named = pages) => {
    const asked = { domain, schema, form, choices }
    return named === undefined ? onePage(asked) : pagesByName(asked, named)
  }
  const { title, migrate, version = 1 } = definition
  return {
    ...{ type, title, definition, schema, fullForm, editForm, version },
    fullPages: pagesOf(fullForm),
    editPages: pagesOf(editForm, pages && editablePages(pages, isEditable)),
    migrations: compileMigrations(integration, { version, migrate, type }),
  }
}

/** Returns the pages with an editable field, without their other fields. */
function editablePages(
  pages: Readonly<Record<string, readonly string[]>>,
  isEditable: (field: string) => boolean,
): Readonly<Record<string, readonly string[]>> {
  const shown = Object.entries(pages).map(([name, fields]) => [name, fields.filter(isEditable)] as const)
  return Object.fromEntries(shown.filter(([, fields]) => fields.length > 0))
}

/** Returns the names that the texts of an integration already use as keys: steps, pages and challenges. */
function textKeysOf({ pages = {}, challenges = {}, methods = {} }: AnyIntegration): ReadonlySet<string> {
  const own = [pages, challenges, ...Object.values(methods).map((method) => method.pages ?? {})]
  return new Set(['user', 'init', ...Object.keys(en.step), ...own.flatMap((named) => Object.keys(named))])
}
