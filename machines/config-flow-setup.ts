import { assign, setup } from 'xstate'
import type { CheckResult } from './check-result.ts'
import type { Connection, Draft } from './draft.ts'
import { effect } from './effect.ts'
import type {
  CreateEntryResult,
  FindEntryResult,
  FindOptionsResult,
  FlowEntry,
  FoundOption,
  Proven,
  PublicValues,
  RestoreEntryResult,
  SaveResult,
  Saving,
  TryEntryResult,
  UpdateEntryResult,
} from './flow-result.ts'
import { isAnother, mayRollBack } from './proven.ts'

/** Why the flow exists. */
export type ConfigFlowSource = 'user' | 'reauth' | 'reconfigure' | 'options'

/** A code of the form's errors, and for `rate_limited` the time (ms since the epoch) from which a try may be made again. */
export type FormErrorCode = {
  readonly code: string
  readonly until?: number
}

/** The errors of a form: by JSON Pointer of the field, or `base` for the form as a whole. */
export type FormErrors = Readonly<Record<string, FormErrorCode>>

/**
 * What a page of a new entry's setup shows: fields, a menu, a menu whose options have to be found first, or where to
 * sign in: in a browser (`authorize`), or by a code on another device (`device`).
 */
export type PageKind = 'form' | 'menu' | 'found_menu' | 'authorize' | 'device'

/** The ways in that an integration has, by name, each with its pages; `''` where there is nothing to choose. */
export type Ways = Readonly<Record<string, readonly PageKind[]>>

export interface ConfigFlowInput {
  readonly flowId: string
  readonly source: ConfigFlowSource
  /** The entry to mend; null for a new one. */
  readonly entryId: string | null
  /** What another account means: the end (`abort`), or an error on the form (`retry`). */
  readonly onAccountMismatch?: 'abort' | 'retry'
  /** Whether the entry takes over the connection that was proven (default); if not, it connects anew. */
  readonly adopts?: boolean
  /** Whether an entry without an identity takes the one that is proven for it. */
  readonly adoptsIdentity?: boolean
  /** One way in with one form where absent. */
  readonly ways?: Ways
  /** The way in by which the entry came, where there are several. */
  readonly method?: string
}

export interface ConfigFlowContext {
  readonly flowId: string
  readonly source: ConfigFlowSource
  readonly entryId: string | null
  readonly onAccountMismatch: 'abort' | 'retry'
  readonly adopts: boolean
  readonly adoptsIdentity: boolean
  readonly ways: Ways
  /** The way in that was picked; null until then. */
  readonly method: string | null
  /** Which page of that way is shown, from 0. */
  readonly page: number
  /** What was found to choose from, on a page that asks for it. */
  readonly options: readonly FoundOption[]
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
  /** A person chose a way in. */
  | { readonly type: 'pick'; readonly method: string }
  /** A person chose in a menu. */
  | { readonly type: 'choose'; readonly draft: Draft; readonly values: PublicValues }
  /** The service granted access; the draft holds what is kept of it. */
  | { readonly type: 'authorized'; readonly draft: Draft }
  /** The service granted nothing, for this reason. */
  | { readonly type: 'refused'; readonly error: FormErrorCode }
  /** Back from a challenge or a page to the one before it. */
  | { readonly type: 'back' }
  | { readonly type: 'cancel' }
  /** Nobody touched the flow for too long. */
  | { readonly type: 'expire' }
  /** What was typed before this step has been kept for long enough. */
  | { readonly type: 'expireDraft' }
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

/** The reason that says it worked. Home Assistant: `reauth_successful`, `reconfigure_successful`. */
export const successOf = (source: ConfigFlowSource): string => `${source}_successful`

/** The pages of the way in that was picked. */
const pagesOf = ({ ways, method }: ConfigFlowContext): readonly PageKind[] => ways[String(method)] ?? ['form']

/** Whether a way in is by signing in at the service itself: then an entry is mended by one of the ways, too. */
const mayAuthorize = ({ ways }: ConfigFlowContext): boolean =>
  Object.values(ways).some(([first]) => first === 'authorize' || first === 'device')

/** Whether what was typed so far is still needed by the step that is shown. */
export const keepsDraft = ({ challenge, page }: ConfigFlowContext): boolean => challenge !== null || page > 0

const keptDraft = (context: ConfigFlowContext): Draft | null => (keepsDraft(context) ? context.draft : null)

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
    findOptions: effect<FindOptionsResult, { method: string | null; page: number; draft: Draft | null }>(
      'findOptions',
    ),
    createEntry: effect<CreateEntryResult, Proven>('createEntry'),
    updateEntry: effect<
      UpdateEntryResult,
      Proven & { entryId: string | null; entry: FlowEntry | null; mayRollBack: boolean }
    >('updateEntry'),
    saveOptions: effect<SaveResult, Saving>('saveOptions'),
    tryEntry: effect<TryEntryResult, { entryId: string | null; connection: Connection | null }>('tryEntry'),
    restoreEntry: effect<RestoreEntryResult, { flowId: string; entryId: string | null }>('restoreEntry'),
    reloadEntry: effect<void, { entryId: string | null; connection: Connection | null }>('reloadEntry'),
  },
  guards: {
    isNew: ({ context }) => context.source === 'user',
    isReauth: ({ context }) => context.source === 'reauth',
    isReconfigure: ({ context }) => context.source === 'reconfigure',
    hasChallenge: ({ context }) => context.challenge !== null,
    mustPickMethod: ({ context }) => context.method === null,
    mayAuthorizeAndMustPick: ({ context }) => context.method === null && mayAuthorize(context),
    isAuthorized: ({ context }) => pagesOf(context)[context.page] === 'authorize',
    isByDevice: ({ context }) => pagesOf(context)[context.page] === 'device',
    methodWasPicked: ({ context }) => Object.keys(context.ways).length > 1,
    pageIsMenu: ({ context }) => pagesOf(context)[context.page]?.endsWith('menu') === true,
    hasPageBefore: ({ context }) => context.page > 0,
    hasNextPage: ({ context }) => context.page + 1 < pagesOf(context).length,
    nextPageIsFound: ({ context }) => pagesOf(context)[context.page + 1] === 'found_menu',
    optionsNotFound: (_, result: FindOptionsResult) => result.type === 'failed',
    hasEntry: ({ context }) => context.entry !== null,
    failed: (_, result: CheckResult) => result.type === 'failed',
    challenged: (_, result: CheckResult) => result.type === 'challenged',
    accountMismatches: ({ context }, result: CheckResult) => isAnother(context, result),
    accountMismatchesAndMayRetry: ({ context }, result: CheckResult) =>
      isAnother(context, result) && context.onAccountMismatch === 'retry',
    hasToProveItself: ({ context }) => mayRollBack(context),
    doesNotRun: (_, result: TryEntryResult) => result.type === 'failed',
    isRestored: (_, result: RestoreEntryResult) => result.type === 'restored',
    entryFound: (_, result: FindEntryResult) => result.type === 'found',
    nothingChanged: (_, result: SaveResult) => result.type === 'unchanged',
    entryIsDisabled: (_, result: FindEntryResult | UpdateEntryResult | SaveResult | RestoreEntryResult) =>
      result.type === 'disabled',
    entryIsMissing: (_, result: UpdateEntryResult | SaveResult | RestoreEntryResult) =>
      result.type === 'missing',
    entryOutdated: (_, result: UpdateEntryResult | SaveResult) => result.type === 'outdated',
    entryChanged: (_, result: UpdateEntryResult) => result.type === 'changed',
    alreadyConfigured: (_, result: CreateEntryResult | UpdateEntryResult) => result.type === 'taken',
    flowEnded: (_, result: CreateEntryResult | UpdateEntryResult | SaveResult) => result.type === 'ended',
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
    takeGrant: assign((_, granted: { draft: Draft }) => ({ draft: granted.draft, errors: {} })),
    showErrors: assign((_, shown: { errors: FormErrors; values: PublicValues }) => shown),
    showError: assign(({ context }, shown: FormErrorCode) => ({
      ...unproven,
      draft: keptDraft(context),
      errors: { base: shown },
    })),
    rememberMethod: assign((_, picked: { method: string }) => ({ method: picked.method, errors: {} })),
    forgetMethod: assign({ method: null, values: {}, errors: {} }),
    turnPage: assign(({ context }) => ({ page: context.page + 1, options: [] })),
    turnBack: assign(({ context }) => ({ page: context.page - 1, options: [], errors: {} })),
    rememberOptions: assign(({ context }, result: FindOptionsResult) =>
      result.type === 'found' ? { page: context.page + 1, options: result.options } : {},
    ),
    startOver: assign({ challenge: null, draft: null, page: 0, options: [], errors: {} }),
    showFailure: assign(({ context }, result: CheckResult | FindOptionsResult) =>
      result.type === 'failed'
        ? {
            draft: keptDraft(context),
            errors: {
              base: {
                code: result.error,
                ...('until' in result && result.until !== undefined && { until: result.until }),
              },
            },
          }
        : {},
    ),
    rememberChallenge: assign((_, result: CheckResult) =>
      result.type === 'challenged'
        ? {
            challenge: result.challenge,
            draft: result.draft,
            errors: result.error === undefined ? {} : { base: { code: result.error } },
          }
        : {},
    ),
    forgetChallenge: assign(({ context }) => ({
      challenge: null,
      draft: context.page > 0 ? context.draft : null,
      errors: {},
    })),
    rememberProof: assign(({ context }, result: CheckResult) =>
      result.type === 'connected'
        ? {
            connection: result.connection,
            uniqueId: result.uniqueId,
            draft: result.kept ?? context.draft,
            challenge: null,
          }
        : {},
    ),
    rememberFailure: assign((_, result: TryEntryResult) =>
      result.type === 'failed' ? { ...unproven, errors: { base: { code: result.error } } } : {},
    ),
    rememberRestored: assign(({ context }, result: RestoreEntryResult) =>
      result.type === 'restored' && context.entry !== null
        ? { entry: { ...context.entry, credentialRevision: result.credentialRevision } }
        : {},
    ),
    rememberCreated: assign((_, result: CreateEntryResult) =>
      result.type === 'created' ? { ...unproven, entryId: result.entryId } : {},
    ),
    /** Taken, and nothing to do about it. */
    carryOn: assign({}),
    /** Closes a proven connection that nobody will adopt. Whoever runs the machine provides it. */
    disposeConnection: (_, _held: { connection: Connection | null }) => {},
    /** Gives back what another account granted. Whoever runs the machine provides it. */
    giveBack: (_, _given: { draft: Draft | null; uniqueId: string | null }) => {},
    end: assign((_, end: { reason: string }) => ({ ...unproven, reason: end.reason })),
    endSuccessfully: assign(({ context }) => ({ ...unproven, reason: successOf(context.source) })),
  },
})
