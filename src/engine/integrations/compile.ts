import * as z from 'zod'
import { type EntryPages, entryFormKey } from '../../../machines/methods.ts'
import type { AnyIntegration } from '../../authoring/integration.ts'
import { ConfigurationError, IntegrationError } from '../../errors.ts'
import { type Form, makeForm } from '../../form.ts'
import { numberProblem } from '../../number-rules.ts'
import { cataloguesOf } from '../../texts/catalogue.ts'
import { assertChoices, makeFormWith } from './choices.ts'
import { compileListing } from './compile-listing.ts'
import { compileMigrations } from './compile-migrations.ts'
import { compileSubentries } from './compile-subentries.ts'
import type { Compiled } from './compiled.ts'
import {
  choicesOf,
  compilePages,
  type FormPage,
  kindsOf,
  onePage,
  type Page,
  pagesByChoices,
  pagesByName,
  withSignIn,
} from './pages.ts'
import { textProblems } from './text-problems.ts'

/** Compiles and validates all integrations of a host, by domain. @throws IntegrationError */
export function compileIntegrations(integrations: readonly AnyIntegration[]): ReadonlyMap<string, Compiled> {
  const compiled = new Map<string, Compiled>()
  for (const integration of integrations) {
    const { domain } = integration
    if (compiled.has(domain)) {
      throw new IntegrationError(domain, `Integration "${domain}": another integration has the same domain.`)
    }
    const result = compileMethods(integration)
    const [problem] = textProblems(result)
    if (problem !== undefined) throw new IntegrationError(domain, problem.message)
    compiled.set(domain, result)
  }
  return compiled
}

/**
 * Compiles an integration. With several methods, the result stands for the first one until a method is chosen.
 * @throws IntegrationError
 */
export function compileMethods(integration: AnyIntegration): Compiled {
  const methods = new Map(
    Object.entries(integration.methods ?? {}).map(([name, { title: label, ...method }]) => [
      name,
      { ...compile({ ...integration, ...method }, name), label },
    ]),
  )
  const [first] = methods.values()
  if (first === undefined) return compile(integration, '')
  const pageKinds = Object.fromEntries([...methods].map(([name, { pages }]) => [name, kindsOf(pages)]))
  const entryPages = Object.assign({}, ...[...methods.values()].map(({ facts }) => facts.entryPages))
  const facts = { ...first.facts, methods: pageKinds, entryPages }
  for (const [name, method] of methods) methods.set(name, { ...method, facts, methods })
  return { ...first, facts, methods }
}

function compile(integration: AnyIntegration, method: string): Compiled {
  const { domain } = integration
  if (typeof domain !== 'string' || !/^[a-z][a-z0-9_]{0,63}$/.test(domain)) {
    throw new IntegrationError(
      String(domain),
      `Invalid integration domain ${JSON.stringify(domain)}. Use lower-case letters, digits and underscores, and start with a letter.`,
    )
  }
  assertParts(integration)
  const version = integration.version ?? 1
  const migrations = compileMigrations(integration, { version, migrate: integration.migrate })
  assertTimeouts(integration)
  if (integration.stayConnected !== undefined && typeof integration.stayConnected !== 'boolean')
    throw new IntegrationError(
      domain,
      `Integration "${domain}": stayConnected is a ${typeof integration.stayConnected}. Use true or false.`,
    )
  const fields = integration.fields ?? (integration.authorize && z.object({}))
  if (fields === undefined) {
    throw new IntegrationError(
      domain,
      `Integration "${domain}": fields are missing. Add fields, or methods with fields.`,
    )
  }
  const choices = choicesOf({ ...integration, select: {} })
  const fullForm = makeFormWith({ domain, shape: fields.shape, choices })
  assertChoices(domain, choices, fullForm.order)
  const secrets = fullForm.order.filter((field) => fullForm.secrets.has(field))
  const storedForm = integration.stored === undefined ? fullForm : makeForm(domain, integration.stored.shape)
  const notStored = fullForm.order.filter(
    (field) => !storedForm.order.includes(field) && !fullForm.secrets.has(field),
  )
  const reauth = pick(
    { domain, shape: fields.shape },
    'reauth',
    integration.reauth ?? (integration.authorize === undefined ? [...secrets, ...notStored] : []),
  )
  const requested = integration.reconfigure ?? fullForm.order
  const reconfigure =
    'sendStoredSecrets' in requested
      ? pick({ domain, shape: fields.shape }, 'reconfigure', requested.fields)
      : pick({ domain, shape: fields.shape }, 'reconfigure', [
          ...requested,
          ...secrets.filter((field) => !requested.includes(field)),
        ])
  const missing = secrets.filter((field) => !Object.hasOwn(reauth, field))
  if (missing.length > 0 && Object.keys(reauth).some((field) => !fullForm.secrets.has(field))) {
    throw new IntegrationError(
      domain,
      `Integration "${domain}": reauth has a field that is not a secret, but not the secret "${missing[0]}". Add it, so that a stored secret is never sent to a changed address.`,
    )
  }
  const formOf = (shape: z.ZodObject['shape']) => makeFormWith({ domain, shape, choices })
  const asked = { domain, schema: fields, choices }
  const pages = compilePages(integration, { ...asked, form: fullForm })
  const steps = new Map([
    ['reauth_confirm', formOf(reauth)],
    ['reconfigure', formOf(reconfigure)],
    ['replace', fullForm],
  ])
  const foundOrder = pages.flatMap((page) => ('form' in page ? page.form.order : []))
  const stepPages = new Map(
    [...steps].map(([step, form]) => [
      step,
      withSignIn(
        integration,
        integration.authorize !== undefined && form.order.length === 0
          ? []
          : // A reauthentication can open without a user, so its first page does not contact the service.
            pagesByChoices({ ...asked, form, foundOrder }, { addressFirst: step !== 'reauth_confirm' }),
      ),
    ]),
  )
  const options = compileOptions(integration)
  const subentries = compileSubentries(integration)
  assertStoredFields(integration, { fullForm, storedForm, steps })
  for (const field of integration.abortIfEntriesMatch ?? []) {
    if (!fullForm.order.includes(field) || !storedForm.order.includes(field)) {
      throw new IntegrationError(
        domain,
        `Integration "${domain}": abortIfEntriesMatch names "${field}", which is not a stored field.`,
      )
    }
  }
  return {
    integration,
    domain,
    version,
    facts: {
      onAccountMismatch: integration.onAccountMismatch ?? 'abort',
      adopts: integration.adopt ?? true,
      adoptsIdentity: integration.adoptUniqueId ?? false,
      methods: { '': kindsOf(pages) },
      entryPages: entryPagesOf(method, [...stepPages, ...options.pages], subentries),
    },
    fullForm,
    storedForm,
    storedSchema: integration.stored ?? fields,
    schema: fields,
    method,
    label: integration.title,
    methods: new Map(),
    pages,
    listing: compileListing(integration),
    catalogues: cataloguesOf(integration.texts ?? {}),
    steps: new Map([...steps, ...options.forms]),
    stepPages: new Map([...stepPages, ...options.pages]),
    challenges: new Map(
      Object.entries(integration.challenges ?? {}).map(([name, schema]) => [
        name,
        makeForm(domain, schema.shape),
      ]),
    ),
    subentries,
    migrations,
  }
}

/** Checks the parts that a program without types can get wrong. @throws IntegrationError */
function assertParts(integration: AnyIntegration): void {
  const { domain, title, connect } = integration
  const refuse = (problem: string) => {
    throw new IntegrationError(domain, `Integration "${domain}": ${problem}`)
  }
  if (typeof title !== 'string' || title.trim() === '')
    refuse('title is missing. Add the name of the service.')
  if (typeof connect !== 'function') refuse('connect is not a function. Add one that returns the client.')
  for (const part of ['fields', 'stored', 'options'] as const) {
    const schema: unknown = integration[part]
    if (schema !== undefined && Object(schema)._zod?.def?.type !== 'object')
      refuse(`${part} is not an object schema of Zod 4. Use z.object({ … }).`)
  }
}

/** @throws ConfigurationError if a timeout of an integration is invalid */
function assertTimeouts({ domain, connectTimeout, disposeTimeout, staleAfter }: AnyIntegration): void {
  const problem =
    numberProblem('connectTimeout', connectTimeout, 'timeout') ??
    numberProblem('staleAfter', staleAfter, 'timeout') ??
    numberProblem('disposeTimeout', disposeTimeout, 'duration')
  if (problem !== null) throw new ConfigurationError(`Integration "${domain}": ${problem}`)
}

/** Returns the listed fields of a schema. @throws IntegrationError if it does not have one of them */
function pick(
  { domain, shape }: { readonly domain: string; readonly shape: z.ZodObject['shape'] },
  step: string,
  names: readonly string[],
): Record<string, z.core.$ZodType> {
  const picked: Record<string, z.core.$ZodType> = {}
  for (const name of names) {
    const type = Object.hasOwn(shape, name) ? shape[name] : undefined
    if (type === undefined) {
      throw new IntegrationError(
        domain,
        `Integration "${domain}": ${step} names "${name}", which is not one of its fields.`,
      )
    }
    picked[name] = type
  }
  return picked
}

/** The step of the options flow with its form and its pages; empty without options. */
interface CompiledOptions {
  readonly forms: readonly (readonly [step: string, form: Form])[]
  readonly pages: readonly (readonly [step: string, pages: readonly FormPage[]])[]
}

/** Compiles the options of an integration. @throws IntegrationError */
function compileOptions({
  domain,
  options,
  optionsPages,
  optionsChoices: choices,
}: AnyIntegration): CompiledOptions {
  if (options === undefined) {
    assertChoices(domain, choices, [])
    return { forms: [], pages: [] }
  }
  const form = makeFormWith({ domain, shape: options.shape, choices })
  assertChoices(domain, choices, form.order)
  if (form.secrets.size > 0) {
    throw new IntegrationError(
      domain,
      `Integration "${domain}": options contain a secret. Use a field for it: options are stored unencrypted and shown to users.`,
    )
  }
  if (!options.safeParse({}).success) {
    throw new IntegrationError(
      domain,
      `Integration "${domain}": options must be valid without input. Add a default to each option, or make it optional.`,
    )
  }
  const asked = { domain, schema: options, form, choices }
  const pages = optionsPages === undefined ? onePage(asked) : pagesByName(asked, optionsPages)
  return { forms: [['init', form]], pages: [['init', pages]] }
}

/** Returns the kinds of the pages of flows about an entry. A single form without loaded choices is left out. */
function entryPagesOf(
  method: string,
  steps: readonly (readonly [step: string, pages: readonly Page[]])[],
  subentries: Compiled['subentries'],
): EntryPages {
  const byKey = [
    ...steps.map(([step, pages]) => {
      const source = step === 'init' ? 'options' : step === 'reauth_confirm' ? 'reauth' : step
      return [entryFormKey({ source, method, subentry: null }), kindsOf(pages)] as const
    }),
    ...[...subentries].flatMap(([type, { fullPages, editPages }]) =>
      ([null, 1] as const).map((revision) => {
        const key = entryFormKey({ source: 'subentry', method, subentry: { type, revision } })
        return [key, kindsOf(revision === null ? fullPages : editPages)] as const
      }),
    ),
  ]
  return Object.fromEntries(byKey.filter(([, kinds]) => kinds.length > 1 || kinds[0] !== 'form'))
}

/**
 * Checks that each form leads to complete stored values. Input is not stored, so a form must ask for each field that
 * `stored` does not contain.
 *
 * @throws IntegrationError
 */
function assertStoredFields(
  { domain, fields, stored, exchange, authorize }: AnyIntegration,
  forms: { readonly fullForm: Form; readonly storedForm: Form; readonly steps: ReadonlyMap<string, Form> },
): void {
  const { fullForm, storedForm, steps } = forms
  const producesValues = exchange !== undefined || authorize !== undefined
  if (stored !== undefined && stored !== fields && !producesValues) {
    throw new IntegrationError(
      domain,
      `Integration "${domain}": stored differs from fields, but there is no exchange. Add one that returns the stored values.`,
    )
  }
  for (const field of fullForm.order) {
    if (fullForm.secrets.has(field) && storedForm.order.includes(field) && !storedForm.secrets.has(field)) {
      throw new IntegrationError(
        domain,
        `Integration "${domain}": the secret field "${field}" would be stored unencrypted. Use secret() for it in stored, too.`,
      )
    }
    for (const [step, { order }] of steps) {
      if (order.includes(field) || storedForm.order.includes(field)) continue
      throw new IntegrationError(
        domain,
        `Integration "${domain}": ${step} does not ask for "${field}", which is not stored either. Add the field to ${step} or to stored.`,
      )
    }
  }
}
