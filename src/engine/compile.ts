import type * as z from 'zod'
import type { ConfigFlowInput } from '../../machines/config-flow-setup.ts'
import { IntegrationError } from '../errors.ts'
import { type Form, makeForm } from '../form.ts'
import type { AnyIntegration } from '../integration.ts'
import { assertKept } from './assert-kept.ts'
import { compileOptions } from './compile-options.ts'

/** What a flow's machine has to know of its integration. */
export type FlowFacts = Required<Pick<ConfigFlowInput, 'onAccountMismatch' | 'ways'>>

/** What the machine goes by where the integration is gone. */
export const NO_FACTS: FlowFacts = { onAccountMismatch: 'abort', ways: { '': ['form'] } }

/** An integration with all that can be worked out once: its forms, and which fields are secrets. */
export interface Compiled {
  readonly integration: AnyIntegration
  readonly domain: string
  readonly version: number
  readonly facts: FlowFacts
  /** Of all fields. */
  readonly whole: Form
  /** Of what is kept: the same where the integration keeps what was typed. */
  readonly kept: Form
  /** What reads the values that are kept. */
  readonly keptSchema: z.ZodObject
  /** By step: `user`, `reauth_confirm`, `reconfigure`, and `init` where it has options. */
  readonly steps: ReadonlyMap<string, Form>
  readonly challenges: ReadonlyMap<string, Form>
}

/** @throws IntegrationError naming the integration and the mistake */
export function compileIntegrations(integrations: readonly AnyIntegration[]): ReadonlyMap<string, Compiled> {
  const compiled = new Map<string, Compiled>()
  for (const integration of integrations) {
    const { domain } = integration
    if (compiled.has(domain)) {
      throw new IntegrationError(domain, `Two integrations have the domain ${domain}.`)
    }
    compiled.set(domain, compile(integration))
  }
  return compiled
}

function compile(integration: AnyIntegration): Compiled {
  const { domain, fields } = integration
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
  const whole = makeForm(domain, fields.shape)
  const secrets = whole.order.filter((field) => whole.secrets.has(field))
  const kept = integration.stored === undefined ? whole : makeForm(domain, integration.stored.shape)
  const unkept = whole.order.filter((field) => !kept.order.includes(field) && !whole.secrets.has(field))
  const reauth = pick(integration, 'reauth', integration.reauth ?? [...secrets, ...unkept])
  const asked = integration.reconfigure ?? whole.order
  const reconfigure =
    'sendStoredSecrets' in asked
      ? pick(integration, 'reconfigure', asked.fields)
      : pick(integration, 'reconfigure', [...asked, ...secrets.filter((field) => !asked.includes(field))])
  const withheld = secrets.filter((field) => !Object.hasOwn(reauth, field))
  if (withheld.length > 0 && Object.keys(reauth).some((field) => !whole.secrets.has(field))) {
    throw new IntegrationError(
      domain,
      `The reauth of the integration ${domain} asks for a field that is no secret but not for the secret ${withheld[0]}: a stored secret is not sent where it was not proven.`,
    )
  }
  const steps = new Map([
    ['user', whole],
    ['reauth_confirm', makeForm(domain, reauth)],
    ['reconfigure', makeForm(domain, reconfigure)],
  ])
  assertKept(integration, { whole, kept, steps })
  return {
    integration,
    domain,
    version,
    facts: { ...NO_FACTS, onAccountMismatch: integration.onAccountMismatch ?? 'abort' },
    whole,
    kept,
    keptSchema: integration.stored ?? integration.fields,
    steps: new Map([...steps, ...compileOptions(integration)]),
    challenges: new Map(
      Object.entries(integration.challenges ?? {}).map(([name, schema]) => [
        name,
        makeForm(domain, schema.shape),
      ]),
    ),
  }
}

function pick(
  { domain, fields }: AnyIntegration,
  step: string,
  names: readonly string[],
): Record<string, z.core.$ZodType> {
  const picked: Record<string, z.core.$ZodType> = {}
  for (const name of names) {
    const type = Object.hasOwn(fields.shape, name) ? fields.shape[name] : undefined
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
