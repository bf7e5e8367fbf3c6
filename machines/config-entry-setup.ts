import { assign, emit, setup } from 'xstate'
import type { Connection } from './draft.ts'
import { effect } from './effect.ts'
import {
  type MigrateResult,
  type RequireReauthResult,
  type RestoreResult,
  type SaveAddressResult,
  type SetupResult,
  type TryAddressResult,
  UnexpectedError,
} from './entry-result.ts'

/** Calls in progress delay the closing of a connection by at most this time, in milliseconds. */
export const DRAIN_TIMEOUT = 10_000

export interface ConfigEntryInput {
  readonly entryId: string
  /** Whether the entry connects only for a call. Defaults to false: it connects again after a failure. */
  readonly lazy?: boolean
  readonly refusalLimit: number
  readonly refusalWindow: number
  /** The time for a client's `dispose` in milliseconds. */
  readonly disposeTimeout: number
}

/** The stored failure of the last setup, by this or another process. */
export interface FailedSetup {
  readonly reason: string
  /** The number of attempts that failed in a row. */
  readonly tries: number
  /** Milliseconds until the next attempt; 0 if it may happen now. */
  readonly wait: number
}

/** A call that the service refused on a connection that `connect` had just opened. */
export interface RefusedCall {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly credentialRevision: number
}

export interface ConfigEntryContext {
  readonly entryId: string
  /** Whether the entry connects only for a call. */
  readonly lazy: boolean
  readonly disposeTimeout: number
  /** The running connection; null unless loaded. */
  readonly connection: Connection | null
  /** Another entry that has the unique id of the connection; null without one. The entry runs without that id. */
  readonly heldBy: string | null
  /** The error code of an entry that is not loaded. */
  readonly reason: string | null
  /** The number of attempts that failed in a row. The backoff grows with it. */
  readonly tries: number
  /** Milliseconds until the next attempt. */
  readonly wait: number
  /** Whether a user retries a refused credential. */
  readonly retryRejected: boolean
  /** The latest announced address that the entry has connected to; null without one. */
  readonly address: string | null
  /** The announced addresses that the entry has connected to since its connection was lost. */
  readonly triedAddresses: readonly string[]
  /** The connection at an announced address, until the address is saved. */
  readonly candidate: Connection | null
  /** The refused calls since the last one that passed. */
  readonly refusedCalls: readonly RefusedCall[]
  /** A user must sign in again after this many refused calls. */
  readonly refusalLimit: number
  /** A refused call counts for this long, in milliseconds. */
  readonly refusalWindow: number
}

export type ConfigEntryEvent =
  /** Loads the entry. `retryRejected`: a user retries a refused credential. `failed`: a call asks for it. */
  | { readonly type: 'setup'; readonly retryRejected?: boolean; readonly failed?: FailedSetup }
  /** Connect before the backoff has elapsed, or for a call after it. */
  | { readonly type: 'retry' }
  /** A flow proved a connection with a new credential, and saved it. */
  | { readonly type: 'adopt'; readonly connection: Connection }
  /** A call met an authentication failure. */
  | { readonly type: 'authFailed' }
  /** The service refused a call on a connection that `connect` had just opened. */
  | ({ readonly type: 'callRefused' } & RefusedCall)
  /** A call passed after refused ones. */
  | { readonly type: 'callPassed' }
  /** The service rejected a token refresh. */
  | { readonly type: 'tokenRejected' }
  /** The connection dropped. `wait`: milliseconds until the next attempt if it was new. */
  | { readonly type: 'lost'; readonly wait: number }
  | { readonly type: 'unload' }
  /** Releases an entry that fails to unload, without waiting for its connection to close. */
  | { readonly type: 'forceUnload' }
  /** This process keeps the entry connected from now on. */
  | { readonly type: 'keepConnected' }
  /** Another process keeps the entry connected. */
  | { readonly type: 'connectForCalls' }
  | { readonly type: 'disable' }
  | { readonly type: 'enable' }

/**
 * Hosts subscribe their entities on `loaded` and let go on `unloaded`. `callsRefused`: the service accepts the credential
 * but refuses the calls. `notClosed`: the closing has timed out.
 */
export type ConfigEntryEmitted =
  | { readonly type: 'loaded' }
  | { readonly type: 'callsRefused' }
  | { readonly type: 'unloaded' | 'notClosed'; readonly connection: Connection | null }

/** Returns the refused calls that count together with the latest one. */
const countedWith = (
  { refusedCalls, refusalWindow }: ConfigEntryContext,
  latest: RefusedCall,
): readonly RefusedCall[] => [
  ...refusedCalls.filter(
    ({ at, credentialRevision }) =>
      credentialRevision === latest.credentialRevision && at <= latest.at && at >= latest.at - refusalWindow,
  ),
  { at: latest.at, credentialRevision: latest.credentialRevision },
]

/** Failures of the stored address that let the entry try an announced one. Others are answers of its service. */
const passing: ReadonlySet<string> = new Set(['cannot_connect', 'timeout', 'unknown', 'wrong_account'])

/** Failures without an answer of the announced address. */
const silent: ReadonlySet<string> = new Set(['cannot_connect', 'timeout'])

/** The stored secrets are sent to at most this many announced addresses per lost connection. */
const MAX_ADDRESSES = 10

const isUntried = ({ triedAddresses }: ConfigEntryContext, announced: string | undefined): boolean =>
  announced !== undefined && !triedAddresses.includes(announced) && triedAddresses.length < MAX_ADDRESSES

/** The words of the config entry's statechart: its actors, guards and actions. The chart is in config-entry.ts. */
export const configEntrySetup = setup({
  types: {
    context: {} as ConfigEntryContext,
    events: {} as ConfigEntryEvent,
    input: {} as ConfigEntryInput,
    emitted: {} as ConfigEntryEmitted,
    tags: {} as 'working',
  },
  actors: {
    migrateEntry: effect<MigrateResult, { entryId: string }>('migrateEntry'),
    setUpEntry: effect<SetupResult, { entryId: string; retryRejected: boolean }>('setUpEntry'),
    tryAddress: effect<TryAddressResult, { entryId: string; address: string | null }>('tryAddress'),
    saveAddress: effect<
      SaveAddressResult,
      { entryId: string; address: string | null; connection: Connection | null }
    >('saveAddress'),
    discardAddress: effect<void, { entryId: string; address: string | null }>('discardAddress'),
    probeEntry: effect<SetupResult, { entryId: string }>('probeEntry'),
    requireReauth: effect<RequireReauthResult, { entryId: string }>('requireReauth'),
    restoreOriginal: effect<RestoreResult, { entryId: string }>('restoreOriginal'),
    drainConnection: effect<void, { connection: Connection | null }>('drainConnection'),
    disposeConnection: effect<void, { connection: Connection | null }>('disposeConnection'),
  },
  guards: {
    isLazy: ({ context }) => context.lazy,
    mustWait: (_, { failed }: { failed: FailedSetup | undefined }) => failed !== undefined && failed.wait > 0,
    accountMismatches: (_, result: SetupResult) =>
      result.type === 'connected' && result.uniqueId !== result.expected && result.heldBy == null,
    mayTryAddress: ({ context }, result: SetupResult) =>
      result.type === 'failed' && passing.has(result.error) && isUntried(context, result.announced),
    mayTryAddressInstead: ({ context }, result: SetupResult) =>
      result.type === 'connected' &&
      result.uniqueId !== result.expected &&
      result.heldBy == null &&
      isUntried(context, result.announced),
    accountAnswers: (_, result: TryAddressResult) =>
      result.type === 'connected' && result.uniqueId !== null && result.uniqueId === result.expected,
    anotherAnswers: (_, result: TryAddressResult) => result.type === 'connected',
    refusesThere: (_, result: TryAddressResult) => result.type === 'failed' && !silent.has(result.error),
    addressIsSaved: (_, result: SaveAddressResult) => result.type === 'saved',
    connected: (_, result: SetupResult) => result.type === 'connected',
    authInvalid: (_, result: SetupResult) => result.type === 'failed' && result.error === 'invalid_auth',
    alreadyRejected: (_, result: SetupResult) => result.type === 'rejected',
    cannotBeSetUp: (_, result: SetupResult) =>
      result.type === 'failed' && (result.error === 'setup_error' || result.error === 'wrong_account'),
    entryIsMissing: (_, result: SetupResult) => result.type === 'missing',
    entryIsDisabled: (_, result: SetupResult) => result.type === 'disabled',
    entryIsOutdated: (_, result: SetupResult) => result.type === 'outdated',
    migrationIsRefused: (_, result: SetupResult) => result.type === 'refused',
    migrationIsProven: (_, result: RestoreResult) => result.type === 'proven',
    integrationIsMissing: (_, result: MigrateResult) => result.type === 'unknown_integration',
    migrationFailed: (_, result: MigrateResult) => result.type === 'failed',
    refusedTooOften: ({ context }, latest: RefusedCall) =>
      countedWith(context, latest).length >= context.refusalLimit,
    storeFailed: (_, { error }: { error: unknown }) => error instanceof UnexpectedError && error.isUnasked,
    storeFailedCall: ({ context }, { error }: { error: unknown }) =>
      context.lazy && error instanceof UnexpectedError && error.isUnasked,
    needIsGone: (_, result: RequireReauthResult) => result.type === 'gone',
  },
  actions: {
    announceLoaded: emit({ type: 'loaded' }),
    announceUnloaded: emit(({ context: { connection } }) => ({ type: 'unloaded', connection })),
    announceRefusals: emit({ type: 'callsRefused' }),
    reportTimeout: emit(({ context: { connection } }) => ({ type: 'notClosed', connection })),
    holdConnection: assign((_, result: SetupResult) =>
      result.type === 'connected'
        ? { connection: result.connection, reason: null, heldBy: result.heldBy ?? null }
        : {},
    ),
    adopt: assign((_, held: { connection: Connection }) => ({
      connection: held.connection,
      heldBy: null,
      reason: null,
      tries: 0,
      retryRejected: false,
      refusedCalls: [],
    })),
    releaseConnection: assign({ connection: null, heldBy: null }),
    rememberAddress: assign(({ context }, { address }: { address: string }) => ({
      address,
      triedAddresses: [...context.triedAddresses, address],
    })),
    forgetAddresses: assign({ address: null, triedAddresses: [] }),
    holdCandidate: assign((_, held: { connection: Connection }) => ({ candidate: held.connection })),
    releaseCandidate: assign({ candidate: null }),
    useCandidate: assign(({ context }) => ({
      connection: context.candidate,
      candidate: null,
      reason: null,
    })),
    /** Closes a connection after the calls that use it have ended. The engine provides this action. */
    retireConnection: (_, _held: { connection: Connection | null }) => {},
    /** Fires the signals of the calls that use a connection. The engine provides this action. */
    endCalls: (_, _held: { connection: Connection | null }) => {},
    countTry: assign(({ context }, { wait }: { wait: number }) => ({ tries: context.tries + 1, wait })),
    waitOnly: assign((_, { wait }: { wait: number }) => ({ wait })),
    connectOnlyForCalls: assign({ lazy: true }),
    connectAlways: assign({ lazy: false }),
    forgetTries: assign({ tries: 0, wait: 0 }),
    /** Continues the count of failed attempts from a stored failure. */
    rememberFailure: assign((_, { failed }: { failed: FailedSetup | undefined }) => failed ?? {}),
    explain: assign((_, why: { reason: string }) => ({ reason: why.reason })),
    explainFailure: assign((_, result: SetupResult | MigrateResult) =>
      result.type === 'failed' ? { reason: 'error' in result ? result.error : result.reason } : {},
    ),
    /** Taken, and nothing to do about it. */
    continue: assign({}),
    countRefusal: assign(({ context }, latest: RefusedCall) => ({
      refusedCalls: countedWith(context, latest),
    })),
    forgetRefusals: assign({ refusedCalls: [] }),
    forgetReason: assign({ reason: null }),
    /** The requested retry has happened. */
    forbidRejected: assign({ retryRejected: false }),
    allowRejected: assign((_, asked: { retryRejected: boolean }) => asked),
  },
  delays: {
    retryBackoff: ({ context }) => context.wait,
    drainTimeout: DRAIN_TIMEOUT,
    disposeTimeout: ({ context }) => context.disposeTimeout,
    /** A connection that drops after this time is replaced at once. */
    livedLong: 60_000,
    /** A probe that succeeds is believed until this time has elapsed. */
    probeExpiry: 60_000,
  },
})
