import type { ConnectFailure } from './check-result.ts'
import type { Connection } from './draft.ts'

/** The result of a connect with the stored credential. */
export type SetupResult =
  | {
      readonly type: 'connected'
      readonly uniqueId: string | null
      /** The identity of the entry: another one means that the address now belongs to somebody else. */
      readonly expected: string | null
      readonly connection: Connection
    }
  /** `wait`: milliseconds until the next attempt. */
  | { readonly type: 'failed'; readonly error: ConnectFailure | 'setup_error'; readonly wait: number }
  /** The service refused this credential before: nobody was asked again. */
  | { readonly type: 'rejected' }
  /** The entry is not in the store, or disabled in it. */
  | { readonly type: 'missing' }
  | { readonly type: 'disabled' }
  /** Its data is of another version than the integration: it is to be migrated first. */
  | { readonly type: 'outdated' }
  /** What it was migrated to cannot be set up. */
  | { readonly type: 'refused' }

/** What came of bringing the stored data to the integration's version. */
export type MigrateResult =
  | { readonly type: 'current' }
  | { readonly type: 'failed'; readonly reason: string }

/** What came of putting back what an entry held before it was migrated; `proven`: others have set it up meanwhile. */
export type RestoreResult = { readonly type: 'restored' } | { readonly type: 'proven' }

/** What came of recording that the entry needs a person; `gone`: it has a newer credential, or was removed. */
export type RequireReauthResult = { readonly type: 'required' } | { readonly type: 'gone' }

/** The wait after an error that does not specify one, in milliseconds. */
const DEFAULT_WAIT = 5_000

/** An unexpected error of an actor, with the milliseconds until the next attempt. */
export class UnexpectedError extends Error {
  readonly wait: number

  constructor(wait: number) {
    super('The work of an entry failed.')
    this.wait = wait
  }
}

/** The milliseconds until the next attempt after an error of an actor. */
export const waitAfter = (error: unknown): number =>
  error instanceof UnexpectedError ? error.wait : DEFAULT_WAIT
