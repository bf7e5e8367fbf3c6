import * as z from 'zod'
import type { AnyIntegration } from '../../authoring/integration.ts'
import { IntegrationError } from '../../errors.ts'
import { type Form, makeForm } from '../../form.ts'
import { cataloguesOf } from '../../texts/catalogue.ts'
import { assertStoredFields } from './assert-stored-fields.ts'
import { compileMigrations } from './compile-migrations.ts'
import { compileOptions } from './compile-options.ts'
import { compileSubentries } from './compile-subentries.ts'
import type { Compiled } from './compiled.ts'
import { compilePages, kindsOf } from './pages.ts'
import { textProblems } from './text-problems.ts'

/** @throws IntegrationError naming the integration and the mistake */
export function compileIntegrations(integrations: readonly AnyIntegration[]): ReadonlyMap<string, Compiled> {
  const compiled = new Map<string, Compiled>()
  for (const integration of integrations) {
    const { domain } = integration
    if (compiled.has(domain)) {
      throw new IntegrationError(domain, `Two integrations have the domain ${domain}.`)
    }
    const one = compileMethods(integration)
    const [problem] = textProblems(one)
    if (problem !== undefined) throw new IntegrationError(domain, problem.message)
    compiled.set(domain, one)
  }
  return compiled
}

/** An integration, worked out; with methods it stands for the first of them where none was picked. @throws IntegrationError */
export function compileMethods(integration: AnyIntegration): Compiled {
  const { methods: given = {} } = integration
  const methods = new Map(
    Object.entries(given).map(([name, { title: label, ...method }]) => [
      name,
      { ...compile({ ...integration, ...method }, name), label },
    ]),
  )
  const [first] = methods.values()
  if (first === undefined) return compile(integration, '')
  const pageKinds = Object.fromEntries([...methods].map(([name, { pages }]) => [name, kindsOf(pages)]))
  const facts = { ...first.facts, methods: pageKinds }
  for (const [name, method] of methods) methods.set(name, { ...method, facts, methods })
  return { ...first, facts, methods }
}

function compile(integration: AnyIntegration, method: string): Compiled {
  const { domain } = integration
  if (typeof domain !== 'string' || !/^[a-z][a-z0-9_]{0,63}$/.test(domain)) {
    throw new IntegrationError(
      String(domain),
      `The domain of an integration is a word of lower-case letters, digits and underscores, not ${JSON.stringify(domain)}.`,
    )
  }
  const version = integration.version ?? 1
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new IntegrationError(
      domain,
      `The version of the integration ${domain} is a whole number from 1 up.`,
    )
  }
  const fields = integration.fields ?? (integration.authorize && z.object({}))
  if (fields === undefined) {
    throw new IntegrationError(
      domain,
      `The integration ${domain} has no fields, and no methods that have some.`,
    )
  }
  const fullForm = makeForm(domain, fields.shape)
  const secrets = fullForm.order.filter((field) => fullForm.secrets.has(field))
  const storedForm = integration.stored === undefined ? fullForm : makeForm(domain, integration.stored.shape)
  const unkept = fullForm.order.filter(
    (field) => !storedForm.order.includes(field) && !fullForm.secrets.has(field),
  )
  const reauth = pick(
    { domain, shape: fields.shape },
    'reauth',
    integration.reauth ?? [...secrets, ...unkept],
  )
  const asked = integration.reconfigure ?? fullForm.order
  const reconfigure =
    'sendStoredSecrets' in asked
      ? pick({ domain, shape: fields.shape }, 'reconfigure', asked.fields)
      : pick({ domain, shape: fields.shape }, 'reconfigure', [
          ...asked,
          ...secrets.filter((field) => !asked.includes(field)),
        ])
  const withheld = secrets.filter((field) => !Object.hasOwn(reauth, field))
  if (withheld.length > 0 && Object.keys(reauth).some((field) => !fullForm.secrets.has(field))) {
    throw new IntegrationError(
      domain,
      `The reauth of the integration ${domain} asks for a field that is no secret but not for the secret ${withheld[0]}: a stored secret is not sent where it was not proven.`,
    )
  }
  const pages = compilePages(integration, fields, fullForm)
  const steps = new Map([
    ['reauth_confirm', makeForm(domain, reauth)],
    ['reconfigure', makeForm(domain, reconfigure)],
    ['replace', fullForm],
  ])
  assertStoredFields(integration, { fullForm, storedForm, steps })
  for (const field of integration.abortIfEntriesMatch ?? []) {
    if (!isClear(fullForm, field) || !isClear(storedForm, field)) {
      throw new IntegrationError(
        domain,
        `The entries of the integration ${domain} match by ${field}, which is none of its fields that are kept and are no secrets.`,
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
    },
    fullForm,
    storedForm,
    storedSchema: integration.stored ?? fields,
    schema: fields,
    ...{ method, label: integration.title, methods: new Map() },
    pages,
    catalogues: cataloguesOf(integration.texts ?? {}),
    steps: new Map([...steps, ...compileOptions(integration)]),
    challenges: new Map(
      Object.entries(integration.challenges ?? {}).map(([name, schema]) => [
        name,
        makeForm(domain, schema.shape),
      ]),
    ),
    subentries: compileSubentries(integration),
    migrations: compileMigrations(integration, version),
  }
}

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
        `The ${step} of the integration ${domain} names ${name}, which is none of its fields.`,
      )
    }
    picked[name] = type
  }
  return picked
}

const isClear = ({ order, secrets }: Form, field: string): boolean =>
  order.includes(field) && !secrets.has(field)
