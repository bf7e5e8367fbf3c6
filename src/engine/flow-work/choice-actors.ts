import type { Draft } from '../../../machines/draft.ts'
import type {
  ChoiceValue,
  FindChoicesResult,
  FoundChoice,
  FoundChoices,
  PublicValues,
} from '../../../machines/flow-result.ts'
import type { FlowSubentry } from '../../../machines/subentry-result.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { FieldSchema } from '../../view.ts'
import type { FindRequest } from '../connections/find-choices.ts'
import type { CallFailed } from '../connections/service-calls.ts'
import { chartOf } from '../flow-state/flow-charts.ts'
import { firstSteps, pagesOf } from '../flow-state/flow-pages.ts'
import { type ChoiceKind, kindOf } from '../integrations/choices.ts'
import type { CompiledSubentry } from '../integrations/compile-subentries.ts'
import { choicesOf, type FormPage } from '../integrations/pages.ts'
import { grantDraft } from '../records/revoke-grant.ts'
import { subentriesOf } from '../records/subentries.ts'
import { openDraft, openSecrets } from '../secrets/vault.ts'
import type { FlowRunOptions } from './flow-run-options.ts'
import { chosenOf } from './prefill.ts'
import { addSecretsOf, type UseFailure, useEntry } from './use-entry.ts'

/** The page whose choices are loaded, and the input of the earlier pages. */
export interface ChoicesOfPage {
  readonly page: number
  readonly draft: Draft | null
  /** The values that the form shows. */
  readonly values: PublicValues
  readonly subentry: FlowSubentry | null
  /** The fields whose choices are loaded. Defaults to all of the page. */
  readonly fields?: readonly string[]
}

/** The result of calling the functions of a page. */
export type ChoicesOutcome =
  | { readonly type: 'found'; readonly choices: FoundChoices }
  | { readonly type: 'none'; readonly unlisted: readonly string[] }
  | (CallFailed & { readonly unlisted: readonly string[] })
  | Exclude<FindChoicesResult, { type: 'found' }>

/** Loads the choices of a page: from the service, or over the connection of the entry. */
export class ChoiceActors {
  readonly #options: FlowRunOptions

  constructor(options: FlowRunOptions) {
    this.#options = options
  }

  /** Calls the functions of a page. Returns the first failure. */
  async find(of: ChoicesOfPage, request: Pick<FindRequest, 'call' | 'failed'>): Promise<ChoicesOutcome> {
    const { compiled, flow } = this.#options
    const { page: index, subentry } = of
    const pages = pagesOf(compiled, { source: flow.source, context: subentry === null ? {} : { subentry } })
    const { form } = pages[index] as FormPage
    const unlisted = [...form.choices].flatMap(([field, list]) =>
      list === null && of.fields?.includes(field) !== false ? [field] : [],
    )
    const values = await this.#valuesOf(of)
    const choices: Record<string, readonly FoundChoice[]> = {}
    const known = this.#knownValues(of, form.choices)
    for (const field of unlisted) {
      const kind = kindOf(form.schema.properties[field] as FieldSchema) as ChoiceKind
      const result = await this.#findOne(field, { ...request, ...this.#definedFor(subentry), values, kind })
      if (result.type === 'failed') return { ...result, unlisted }
      if (result.type !== 'found') return result
      const announced = known[field]
      const isOffered = result.choices.some(({ value }) => value === announced)
      choices[field] =
        announced === undefined || isOffered
          ? result.choices
          : [...result.choices, { value: announced, label: String(announced) }]
      const isNeeded = form.schema.required.includes(field) || (pages[index] as FormPage).isSelection === true
      if (choices[field].length === 0 && isNeeded) return { type: 'none', unlisted }
    }
    return this.#settled(of, pages[index] as FormPage, choices) ?? { type: 'found', choices }
  }

  /**
   * Returns the granted values with the choices after a sign-in that need no question: the only one, or in a
   * reauthentication the stored one. Null if the user must choose.
   */
  #settled(
    { draft }: ChoicesOfPage,
    { isSelection }: FormPage,
    choices: FoundChoices,
  ): Extract<FindChoicesResult, { type: 'settled' }> | null {
    const { core, compiled, flow, entry } = this.#options
    if (isSelection !== true || draft === null) return null
    const chosen: Record<string, ChoiceValue> = {}
    for (const [field, offered] of Object.entries(choices)) {
      const stored = flow.source === 'reauth' ? entry?.data[field] : undefined
      const kept =
        offered.find(({ value }) => value === stored) ?? (offered.length === 1 ? offered[0] : undefined)
      if (kept === undefined) return null
      chosen[field] = kept.value
    }
    const values = { ...(draft.reveal().values as JsonObject), ...chosen }
    return { type: 'settled', draft: grantDraft(core, { scope: flow.scope, compiled, values }) }
  }

  async #findOne(field: string, request: Omit<FindRequest, 'field'>) {
    const { core, compiled, flow, entry } = this.#options
    const { connector } = core
    if (chartOf(flow).connects) return connector.findChoices<never>(compiled, { ...request, field })
    return connector.findChoices<UseFailure>(compiled, {
      ...request,
      field,
      within: async (work, secrets) => {
        const own = entry as EntryRecord
        const found = await useEntry(this.#options, { entry: own, call: request.call, secrets, work })
        if (found.type !== 'found' || (await addSecretsOf(core, own, secrets))) return found
        return { ...found, choices: found.choices.map(({ value }) => ({ value, label: String(value) })) }
      },
    })
  }

  /** Returns the functions of a form, and the schema of their values. */
  #definedFor(subentry: FlowSubentry | null): Pick<FindRequest, 'defined' | 'shape'> {
    const { compiled, flow } = this.#options
    if (subentry !== null) {
      const { definition, schema } = compiled.subentries.get(subentry.type) as CompiledSubentry
      return { defined: definition.choices, shape: schema.shape }
    }
    const { integration, schema, storedSchema } = compiled
    if (flow.source === 'options') {
      const { optionsChoices, options } = integration
      return { defined: optionsChoices, shape: options?.shape ?? {} }
    }
    return { defined: choicesOf(integration), shape: { ...storedSchema.shape, ...schema.shape } }
  }

  /** Returns the values that a form shows as chosen: a stored or an announced one. */
  #knownValues(
    { values }: ChoicesOfPage,
    choices: ReadonlyMap<string, unknown>,
  ): Readonly<Record<string, ChoiceValue>> {
    const { flow, entry } = this.#options
    return entry === null && flow.source === 'discovery' ? chosenOf({ choices }, values as JsonObject) : {}
  }

  /** Returns the input of the earlier pages with the stored values; for the first page, only these. */
  async #valuesOf({ draft, values, subentry }: ChoicesOfPage): Promise<JsonObject> {
    const { core, compiled, flow, entry } = this.#options
    if (draft !== null) return draft.reveal().values as JsonObject
    if (flow.sealedDraft !== null) return (await openDraft(core, flow)).values
    const { source } = flow
    if (entry === null) return values as JsonObject
    if (subentry !== null)
      return subentriesOf(entry).find((item) => item.subentryId === subentry.subentryId)?.data ?? {}
    if (source === 'options') return entry.options
    // The stored values of another account must not reach the new one.
    if (source === 'replace') return {}
    const secrets = await openSecrets(core, entry)
    const asked = compiled.steps.get(firstSteps[source] as string)
    // The service has refused the secrets that a reauthentication asks for.
    const kept = Object.entries(secrets).filter(
      ([field]) => source !== 'reauth' || asked?.order.includes(field) !== true,
    )
    return { ...entry.data, ...Object.fromEntries(kept) }
  }
}
