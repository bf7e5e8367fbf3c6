import type * as z from 'zod'
import type { FormErrors } from '../../../machines/form-errors.ts'
import { isAddressField } from '../../authoring/field.ts'
import { KeyMissingError, SealBrokenError } from '../../errors.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import { stepViewOf } from '../flow-state/flow-charts.ts'
import type { OpenFlow } from '../flow-state/flow-record.ts'
import type { CompiledSubentry } from '../integrations/compile-subentries.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { normalizedValue } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import { subentriesOf } from '../records/subentries.ts'
import { openSecrets, openSubentry } from '../secrets/vault.ts'

/** The stored values that a form replaces. */
interface Replaced {
  readonly schema: z.ZodObject
  readonly data: JsonObject
  /** Whether the stored secrets may not follow a change of this field. */
  guards(field: string): boolean
  secrets(): Promise<JsonObject>
}

/** The stored secrets that a form leaves as they are, or the fields that must be entered again. */
interface KeptSecrets {
  readonly kept: JsonObject
  readonly errors: FormErrors
}

/** The fields that a form has asked for, up to the current page. */
export interface Asked {
  readonly order: readonly string[]
  readonly secrets: ReadonlySet<string>
  readonly required: readonly string[]
}

/** A flow, its entry, and the fields that it has asked for. */
interface Asking {
  readonly flow: OpenFlow
  readonly entry: EntryRecord | null
  readonly asked: Asked
}

/** Removes the optional secrets that the user has removed: `null` is their submitted value. */
export function withoutRemoved({ secrets, required }: Asked, values: JsonObject): JsonObject {
  const isRemoved = (field: string, value: Json) =>
    value === null && secrets.has(field) && !required.includes(field)
  return Object.fromEntries(Object.entries(values).filter(([field, value]) => !isRemoved(field, value)))
}

/**
 * Returns the stored values of the optional secrets that the user left empty. If another field has changed that could
 * be an address, they must be entered again, because a stored secret is never sent to a changed address.
 *
 * @throws StoreError
 */
export async function keptSecrets(
  core: Core,
  compiled: Compiled,
  asking: Asking,
  submitted: JsonObject,
): Promise<KeptSecrets> {
  const { flow, entry } = asking
  const { order, secrets, required } = asking.asked
  const empty = order.filter(
    (field) => secrets.has(field) && !required.includes(field) && !Object.hasOwn(submitted, field),
  )
  const replaced = empty.length === 0 || entry === null ? null : replacedValues(core, compiled, flow, entry)
  if (replaced === null) return { kept: {}, errors: {} }
  const stored = await readable(replaced.secrets())
  const kept = Object.fromEntries(
    Object.entries(stored).filter(([field]) => empty.includes(field)),
  ) as JsonObject
  if (!changesAddress(replaced, asking.asked, submitted)) return { kept, errors: {} }
  const errors = Object.keys(kept).map((field) => [`/${field}`, { code: 'enter_again' }] as const)
  return { kept: {}, errors: Object.fromEntries(errors) }
}

/**
 * Whether the stored secrets that a later page asks for can be used before: not those that the service has refused, and
 * not after a change of an address.
 */
export function mayUseStored(
  core: Core,
  compiled: Compiled,
  { flow, entry, asked }: Asking & { readonly entry: EntryRecord },
  submitted: JsonObject,
): boolean {
  // A reauthentication or a reconfiguration replaces the stored values.
  const replaced = replacedValues(core, compiled, flow, entry) as Replaced
  return flow.source !== 'reauth' && !changesAddress(replaced, asked, submitted)
}

/** Whether a field that could be an address has another value than the stored one. */
function changesAddress(replaced: Replaced, { order, secrets }: Asked, submitted: JsonObject): boolean {
  const differs = (field: string) =>
    normalizedValue(replaced, field, submitted[field]) !==
    normalizedValue(replaced, field, replaced.data[field])
  return order.some((field) => !secrets.has(field) && replaced.guards(field) && differs(field))
}

/** Returns the stored values that the form of a flow replaces; null if it is about a new account or sub-entry. */
function replacedValues(
  core: Core,
  { schema, storedForm, integration, subentries }: Compiled,
  flow: OpenFlow,
  entry: EntryRecord,
): Replaced | null {
  const isAddress = (shape: z.ZodObject['shape'], field: string) =>
    isAddressField(shape[field] as z.core.$ZodType)
  const { subentry } = flow.context
  if (subentry !== undefined) {
    const kind = subentries.get(subentry.type) as CompiledSubentry
    const item = subentriesOf(entry).find(({ subentryId }) => subentryId === subentry.subentryId)
    if (item === undefined) return null
    return {
      schema: kind.schema,
      data: item.data,
      guards: (field) => isAddress(kind.schema.shape, field),
      secrets: () => openSubentry(core, entry, item),
    }
  }
  if (stepViewOf(flow).shows !== 'step' || flow.step === 'replace') return null
  const { reconfigure } = integration
  const sendsAnyway =
    flow.step === 'reconfigure' && reconfigure !== undefined && 'sendStoredSecrets' in reconfigure
  return {
    schema,
    data: entry.data,
    // A field that is not stored has no previous value.
    guards: (field) => !sendsAnyway && (storedForm.order.includes(field) || isAddress(schema.shape, field)),
    secrets: () => openSecrets(core, entry),
  }
}

/** Returns decrypted secrets; none if they cannot be decrypted, so that a user can replace them. */
async function readable(secrets: Promise<JsonObject>): Promise<JsonObject> {
  try {
    return await secrets
  } catch (error) {
    if (error instanceof SealBrokenError || error instanceof KeyMissingError) return {}
    throw error
  }
}
