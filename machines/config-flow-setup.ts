import { assign, setup } from 'xstate'
import type { CheckResult } from './check-result.ts'
import type { Connection, Draft } from './draft.ts'
import { effect } from './effect.ts'

/** Why the flow exists. */
export type ConfigFlowSource = 'user' | 'reauth' | 'reconfigure'

/** A code of the form's errors, and for `rate_limited` the time (ms since the epoch) from which a try may be made again. */
export type FormErrorCode = {
  readonly code: string
  readonly until?: number
}

/** The errors of a form: by JSON Pointer of the field, or `base` for the form as a whole. */
export type FormErrors = Readonly<Record<string, FormErrorCode>>

/** Field values that are no secrets, to show again. */
export type PublicValues = Readonly<Record<string, unknown>>

/** What the flow has to know of the entry that it mends. */
export interface FlowEntry {
  readonly uniqueId: string | null
  readonly credentialRevision: number
  readonly title: string
  readonly values: PublicValues
}

export interface ConfigFlowInput {
  readonly flowId: string
  readonly source: ConfigFlowSource
  /** The entry to mend; null for a new one. */
  readonly entryId: string | null
  /** What another account means: the end (`abort`), or an error on the form (`retry`). */
  readonly onAccountMismatch?: 'abort' | 'retry'
}

export interface ConfigFlowContext {
  readonly flowId: string
  readonly source: ConfigFlowSource
  readonly entryId: string | null
  readonly onAccountMismatch: 'abort' | 'retry'
  readonly entry: FlowEntry | null
  readonly values: PublicValues
  readonly errors: FormErrors
  readonly challenge: string | null
  readonly draft: Draft | null
  readonly connection: Connection | null
  readonly uniqueId: string | null
  readonly reason: string | null
}

export type ConfigFlowEvent =
  /** A person submitted the form; `values` are those fields that are no secrets. */
  | { readonly type: 'submit'; readonly draft: Draft; readonly values: PublicValues }
  /** The submitted values were refused before anybody was asked. */
  | { readonly type: 'reject'; readonly errors: FormErrors; readonly values: PublicValues }
  /** Back from a challenge to the form before it. */
  | { readonly type: 'back' }
  | { readonly type: 'cancel' }
  /** Nobody touched the flow for too long. */
  | { readonly type: 'expire' }
  /** What was typed before the challenge has been kept for long enough. */
  | { readonly type: 'expireChallenge' }
  /** A reconfigure of the same entry takes the edit slot. */
  | { readonly type: 'supersede' }
  /** The entry came back without this flow. */
  | { readonly type: 'entryRepaired' }
  | { readonly type: 'entryRemoved' }
  | { readonly type: 'entryDisabled' }

/** How the flow ended. */
export interface ConfigFlowOutput {
  readonly type: 'create_entry' | 'abort'
  readonly reason: string | null
  readonly entryId: string | null
}

export type FindEntryResult =
  | { readonly type: 'found'; readonly entry: FlowEntry }
  | { readonly type: 'missing' }
  | { readonly type: 'disabled' }

/** A proven credential, ready to be saved, and the end that the same commit records. */
export interface Proven {
  readonly flowId: string
  readonly draft: Draft
  readonly connection: Connection
  readonly uniqueId: string | null
  readonly end: { readonly type: 'create_entry' | 'abort'; readonly reason: string | null }
}

export type CreateEntryResult =
  | { readonly type: 'created'; readonly entryId: string }
  /** Another entry has this identity. */
  | { readonly type: 'taken' }
  /** The flow was ended by somebody else meanwhile. */
  | { readonly type: 'ended' }

export type UpdateEntryResult =
  | { readonly type: 'updated' }
  /** The entry was written meanwhile, its credential was not: read again, apply again. */
  | { readonly type: 'outdated' }
  /** The entry's credential was changed meanwhile. */
  | { readonly type: 'changed' }
  | { readonly type: 'missing' }
  | { readonly type: 'disabled' }
  | { readonly type: 'ended' }

/** What a flow knows when it begins. */
export const firstContext = (input: ConfigFlowInput): ConfigFlowContext => ({
  flowId: input.flowId,
  source: input.source,
  entryId: input.entryId,
  onAccountMismatch: input.onAccountMismatch ?? 'abort',
  entry: null,
  values: {},
  errors: {},
  challenge: null,
  draft: null,
  connection: null,
  uniqueId: null,
  reason: null,
})

/** The reason that says it worked. Home Assistant: `reauth_successful`, `reconfigure_successful`. */
export const successOf = (source: ConfigFlowSource): string => `${source}_successful`

/** What the commit of a proven connection is handed. */
export function provenOf(context: ConfigFlowContext): Omit<Proven, 'end'> {
  const { flowId, draft, connection, uniqueId } = context
  if (draft === null || connection === null) throw new Error('Nothing is proven before a connection is.')
  return { flowId, draft, connection, uniqueId }
}

const unproven = { draft: null, connection: null, uniqueId: null } as const

/** The words of the config flow's statechart: its actors, guards and actions. The chart is in config-flow.ts. */
export const configFlowSetup = setup({
  types: {
    context: {} as ConfigFlowContext,
    events: {} as ConfigFlowEvent,
    input: {} as ConfigFlowInput,
    output: {} as ConfigFlowOutput,
    tags: {} as 'asking' | 'working' | 'committing',
  },
  actors: {
    findEntry: effect<FindEntryResult, { flowId: string; entryId: string | null }>('findEntry'),
    checkConnection: effect<
      CheckResult,
      { flowId: string; entryId: string | null; source: ConfigFlowSource; draft: Draft | null }
    >('checkConnection'),
    createEntry: effect<CreateEntryResult, Proven>('createEntry'),
    updateEntry: effect<UpdateEntryResult, Proven & { entryId: string | null; entry: FlowEntry | null }>(
      'updateEntry',
    ),
    reloadEntry: effect<void, { entryId: string | null; connection: Connection | null }>('reloadEntry'),
  },
  guards: {
    isNew: ({ context }) => context.source === 'user',
    isReauth: ({ context }) => context.source === 'reauth',
    isReconfigure: ({ context }) => context.source === 'reconfigure',
    hasChallenge: ({ context }) => context.challenge !== null,
    hasEntry: ({ context }) => context.entry !== null,
    failed: (_, result: CheckResult) => result.type === 'failed',
    challenged: (_, result: CheckResult) => result.type === 'challenged',
    accountMismatches: ({ context }, result: CheckResult) =>
      result.type === 'connected' && context.entry !== null && result.uniqueId !== context.entry.uniqueId,
    accountMismatchesAndMayRetry: ({ context }, result: CheckResult) =>
      result.type === 'connected' &&
      context.entry !== null &&
      result.uniqueId !== context.entry.uniqueId &&
      context.onAccountMismatch === 'retry',
    entryFound: (_, result: FindEntryResult) => result.type === 'found',
    entryIsDisabled: (_, result: FindEntryResult | UpdateEntryResult) => result.type === 'disabled',
    entryIsMissing: (_, result: UpdateEntryResult) => result.type === 'missing',
    entryOutdated: (_, result: UpdateEntryResult) => result.type === 'outdated',
    entryChanged: (_, result: UpdateEntryResult) => result.type === 'changed',
    alreadyConfigured: (_, result: CreateEntryResult) => result.type === 'taken',
    flowEnded: (_, result: CreateEntryResult | UpdateEntryResult) => result.type === 'ended',
  },
  actions: {
    rememberEntry: assign((_, result: FindEntryResult) =>
      result.type === 'found' ? { entry: result.entry, values: result.entry.values } : {},
    ),
    takeDraft: assign((_, taken: { draft: Draft; values: PublicValues }) => ({
      draft: taken.draft,
      values: taken.values,
      errors: {},
    })),
    showErrors: assign((_, shown: { errors: FormErrors; values: PublicValues }) => shown),
    showError: assign((_, shown: FormErrorCode) => ({ ...unproven, errors: { base: shown } })),
    showFailure: assign(({ context }, result: CheckResult) =>
      result.type === 'failed'
        ? {
            draft: context.challenge === null ? null : context.draft,
            errors: {
              base: { code: result.error, ...(result.until !== undefined && { until: result.until }) },
            },
          }
        : {},
    ),
    rememberChallenge: assign((_, result: CheckResult) =>
      result.type === 'challenged' ? { challenge: result.challenge, draft: result.draft } : {},
    ),
    forgetChallenge: assign({ challenge: null, draft: null, errors: {} }),
    rememberProof: assign((_, result: CheckResult) =>
      result.type === 'connected'
        ? { connection: result.connection, uniqueId: result.uniqueId, challenge: null }
        : {},
    ),
    rememberCreated: assign((_, result: CreateEntryResult) =>
      result.type === 'created' ? { ...unproven, entryId: result.entryId } : {},
    ),
    /** Taken, and nothing to do about it. */
    carryOn: assign({}),
    /** Closes a proven connection that nobody will adopt. Whoever runs the machine provides it. */
    disposeConnection: (_, _held: { connection: Connection | null }) => {},
    end: assign((_, end: { reason: string }) => ({ ...unproven, reason: end.reason })),
    endSuccessfully: assign(({ context }) => ({ ...unproven, reason: successOf(context.source) })),
  },
})
