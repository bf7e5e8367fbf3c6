import * as z from 'zod'
import type {
  ConfigFlowContext,
  ConfigFlowOutput,
  ConfigFlowSource,
} from '../../../machines/config-flow-types.ts'
import { initialMethod } from '../../../machines/initial-context.ts'
import { UnreadableRecordError } from '../../errors.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { EntryRecord, FlowRecord } from '../../ports/store.ts'
import type { FlowFacts } from '../integrations/compiled.ts'
import { flowCharts } from './flow-charts.ts'
import { endedContext, openContext } from './flow-context.ts'

/** The lifetime of a draft in milliseconds. */
export const DRAFT_LIFETIME = 600_000

/** The members of all records. */
const common = {
  ...{ scope: z.string(), flowId: z.string(), domain: z.string() },
  entryId: z.string().nullable(),
  slot: z.string().optional(),
  asked: z.object({ principal: z.string(), key: z.string(), request: z.string() }).optional(),
  edits: z.boolean(),
  budget: z.string().optional(),
  sealedDraft: z.string().nullable(),
  revision: z.number(),
  ...{ createdAt: z.number(), updatedAt: z.number() },
  ...{ expiresAt: z.number().nullable(), dueAt: z.number().nullable() },
}

/** The schema of the records of each chart. */
const records = new Map(
  [...flowCharts.values()].map(({ record, sources, steps }) => {
    const shape = { ...common, source: z.enum([...sources]) }
    const open = z.object({
      ...shape,
      open: z.literal(true),
      step: z.enum([...steps.keys()]),
      context: openContext,
    })
    const end = z.object({
      ...shape,
      open: z.literal(false),
      step: z.enum(['create_entry', 'abort']),
      context: endedContext,
    })
    return [record, z.discriminatedUnion('open', [open, end])]
  }),
)

/** A validated record of a flow. */
export type CheckedFlow = FlowRecord & { readonly source: ConfigFlowSource } & (
    | {
        readonly open: true
        readonly step: string
        readonly context: z.infer<typeof openContext>
      }
    | {
        readonly open: false
        readonly step: 'create_entry' | 'abort'
        readonly context: z.infer<typeof endedContext>
      }
  )

/** A flow that a call has opened, or that was open: `joined`. */
export type StartedFlow = CheckedFlow & { readonly joined?: true }

export type OpenFlow = Extract<CheckedFlow, { open: true }>

type ClosedFlow = Extract<CheckedFlow, { open: false }>

/** Whether a flow has succeeded. In a record that does not store it, the reason shows it. */
export function hasSucceeded({ step, context: { reason, success } }: ClosedFlow): boolean {
  return (
    success ?? (step === 'create_entry' || reason === 'ignored' || reason?.endsWith('_successful') === true)
  )
}

/** Marks the records that this process has made: they need no check. */
const OWN: unique symbol = Symbol('own')

export const OWN_RECORD = { [OWN]: true } as const

/** The key of the choices of a page with one field, whose name an earlier version did not store. */
export const ANY_FIELD = ''

/** Whether this version can read the record of a flow. */
export const isReadableFlow = (flow: FlowRecord): boolean =>
  OWN in flow || records.get(flow.machine)?.safeParse(withoutMenu(flow)).success === true

/**
 * Validates a record. A record of an unknown version is rejected.
 *
 * @throws UnreadableRecordError
 */
export function checkFlow(flow: FlowRecord): CheckedFlow {
  if (isReadableFlow(flow)) return withoutMenu(withSlot(flow)) as CheckedFlow
  const why = records.has(flow.machine) ? undefined : 'Another version of Latchkey wrote it.'
  throw new UnreadableRecordError('flow', flow.flowId, why)
}

/** Renames the slot of a record that an earlier version wrote as `uniqueId`. The next write stores the new name. */
function withSlot(flow: FlowRecord & { readonly uniqueId?: unknown }): FlowRecord {
  if (typeof flow.uniqueId !== 'string') return flow
  const { uniqueId, ...rest } = flow
  return { slot: uniqueId, ...rest }
}

/**
 * Converts a flow of an earlier version, which had menus in place of choices. One that waits at a menu returns to its
 * first page.
 */
function withoutMenu(flow: FlowRecord): FlowRecord {
  if (flow.step !== 'menu') {
    const { options, ...rest } = flow.context
    if (options === undefined) return flow
    return { ...flow, context: { ...rest, choices: { [String(rest.page ?? 0)]: { [ANY_FIELD]: options } } } }
  }
  const { page: _, options: __, ...context } = flow.context
  return {
    ...flow,
    step: flow.source === 'discovery' ? 'discovery_confirm' : 'user',
    context: { ...context, errors: {} },
  }
}

/** Restores the context of the machine from a record. The draft stays encrypted until it is needed. */
export function contextOf(flow: OpenFlow, facts: FlowFacts): ConfigFlowContext {
  const { entry, values, errors, challenge, method, page = 0, choices = {}, found = null } = flow.context
  const { methods, method: only } = initialMethod(facts.methods)
  const { account } = flow.context
  return {
    flowId: flow.flowId,
    source: flow.source,
    entryId: flow.entryId,
    onAccountMismatch: facts.onAccountMismatch,
    adopts: facts.adopts,
    adoptsIdentity: facts.adoptsIdentity,
    methods,
    method: method === undefined ? only : method,
    entryPages: facts.entryPages,
    page,
    choices: choices as ConfigFlowContext['choices'],
    // The flow has checked this before its first form.
    singleInstance: false,
    found,
    entry: entry === null ? null : { ...entry, secrets: entry.secrets ?? [], values: {} },
    values,
    errors: errors as ConfigFlowContext['errors'],
    challenge,
    draft: null,
    connection: null,
    uniqueId: null,
    ...(account !== undefined && { account }),
    subentry: flow.context.subentry ?? null,
    named: null,
    reason: null,
    success: false,
  }
}

/** The time of a write, and when the flow then expires. */
export interface Times {
  readonly now: number
  /** When the flow expires; null while its entry needs it. */
  readonly expiresAt: number | null
}

/** The draft in a record: encrypted, with its expiry. */
export interface StoredDraft {
  /** Null if a process holds the verified connection instead. */
  readonly sealed: string | null
  readonly until: number
}

/** Returns the stored draft of a waiting flow. */
export function storedDraftOf({ sealedDraft, context }: OpenFlow): StoredDraft | null {
  const { challengeUntil: until } = context
  return sealedDraft === null || until === null ? null : { sealed: sealedDraft, until }
}

/** Returns when a draft that is stored now expires. */
export const draftUntil = (now: number): number => now + DRAFT_LIFETIME

/**
 * Returns the members that only some flows have. A separate literal, because each possible member of a literal costs
 * memory in all records.
 */
function optionalParts(context: ConfigFlowContext): JsonObject {
  const { method, page, connection, account, found, subentry } = context
  return {
    ...(Object.keys(context.methods).length > 1 && { method }),
    ...(page > 0 && { page }),
    ...(connection !== null && account !== undefined && { account }),
    ...(Object.keys(context.choices).length > 0 && { choices: storedChoices(context) }),
    ...(found !== null && { found: { ...found } }),
    ...(subentry !== null && { subentry: { ...subentry } }),
  }
}

/** Returns the choices of the pages as JSON. */
const storedChoices = ({ choices }: ConfigFlowContext): JsonObject =>
  Object.fromEntries(
    Object.entries(choices).map(([page, fields]) => [
      page,
      Object.fromEntries(
        Object.entries(fields).map(([field, list]) => [
          field,
          list.map(({ value, label, description }) => ({
            ...{ value, label },
            ...(description !== undefined && { description }),
          })),
        ]),
      ),
    ]),
  )

/** Returns the named members that have a value. */
export function definedOf<Value extends object, Name extends keyof Value & string>(
  value: Value,
  names: readonly Name[],
): JsonObject {
  return Object.fromEntries(
    names.flatMap((name) => (value[name] === undefined ? [] : [[name, value[name] as Json]])),
  )
}

/** Returns a record without the key of its attempts, which belongs to its step. */
function withoutBudget(flow: FlowRecord): FlowRecord {
  if (flow.budget === undefined) return flow
  const { budget: _, ...rest } = flow
  return rest
}

/** Returns the next record of a flow that waits at a step. */
export function openRecordOf(
  before: FlowRecord,
  step: string,
  context: ConfigFlowContext,
  { now, expiresAt }: Times,
  draft: StoredDraft | null,
): FlowRecord {
  const { entry } = context
  const stored: JsonObject = {
    entry:
      entry === null
        ? null
        : {
            uniqueId: entry.uniqueId,
            credentialRevision: entry.credentialRevision,
            title: entry.title,
            ...definedOf(entry, ['message', 'why', 'account', 'address', 'isMoved']),
            ...(entry.secrets !== undefined && entry.secrets.length > 0 && { secrets: [...entry.secrets] }),
            ...(entry.chosen !== undefined && { chosen: { ...entry.chosen } }),
          },
    values: context.values as JsonObject,
    errors: context.errors,
    challenge: context.challenge,
    challengeUntil: draft?.until ?? null,
    ...optionalParts(context),
  }
  return {
    ...withoutBudget(before),
    ...OWN_RECORD,
    entryId: context.entryId,
    step,
    context: stored,
    sealedDraft: draft?.sealed ?? null,
    revision: before.revision + 1,
    updatedAt: now,
    expiresAt,
    dueAt: draft === null ? expiresAt : Math.min(draft.until, expiresAt ?? draft.until),
  }
}

/** Returns a flow at its first page without the draft that an earlier version wrote at a menu. */
export const withoutDraft = (flow: OpenFlow, { now, expiresAt }: Times): FlowRecord => ({
  ...flow,
  sealedDraft: null,
  context: { ...flow.context, errors: { base: { code: 'expired' } }, challengeUntil: null } as JsonObject,
  revision: flow.revision + 1,
  updatedAt: now,
  expiresAt,
  dueAt: expiresAt,
})

/** Returns the next record of a flow that stays open after it has written its entry. It refers to the new entry. */
export function continuedRecordOf(
  before: FlowRecord,
  { uniqueId, credentialRevision, title }: EntryRecord,
  now: number,
): FlowRecord {
  const seen = before.context.entry as JsonObject | null
  const context = { ...before.context, entry: { ...seen, uniqueId, credentialRevision, title } }
  return { ...before, ...OWN_RECORD, context, revision: before.revision + 1, updatedAt: now }
}

/**
 * The accounts and entries that a result names, and the placeholders of the integration. Other results have no title,
 * which may contain a personal name.
 */
export type NamedByEnd = Pick<ClosedFlow['context'], 'accounts' | 'existing' | 'params'>

/** Returns the tombstone of a flow: its result, without input and stored values. */
export function tombstoneOf(
  before: FlowRecord,
  end: ConfigFlowOutput,
  { now, expiresAt }: Times,
  named: NamedByEnd = {},
): FlowRecord {
  return {
    ...withoutBudget(before),
    ...OWN_RECORD,
    entryId: end.entryId,
    step: end.type,
    open: false,
    context: {
      reason: end.reason,
      success: end.success,
      ...(named as JsonObject),
      ...(end.subentry != null && { subentry: { ...end.subentry } }),
    },
    sealedDraft: null,
    revision: before.revision + 1,
    updatedAt: now,
    expiresAt,
    dueAt: expiresAt,
  }
}
