import type { ConnectFailure } from './check-result.ts'
import type { Connection } from './draft.ts'

/**
 * The error codes of a failed setup. `wrong_account`: the integration has recognized another account. `refresh_failed`: it
 * could not refresh the token. `client_refused`: the service refuses the host's application.
 */
export type SetupFailure =
  | ConnectFailure
  | 'setup_error'
  | 'wrong_account'
  | 'refresh_failed'
  | 'client_refused'

/** The result of a connect with the stored credential. */
export type SetupResult =
  | {
      readonly type: 'connected'
      readonly uniqueId: string | null
      /** The unique id of the entry. Another one means that the address now belongs to another account. */
      readonly expected: string | null
      readonly connection: Connection
      /** Another entry with this unique id, so that the entry cannot take it. Absent without one. */
      readonly heldBy?: string | null
      /** An announced address that the entry can try, if this is another account. */
      readonly announced?: string
    }
  /** `wait`: milliseconds until the next attempt. `announced`: an announced address that the entry can try. */
  | {
      readonly type: 'failed'
      readonly error: SetupFailure
      readonly wait: number
      readonly announced?: string
    }
  /** The service has refused this credential before. No login was made. */
  | { readonly type: 'rejected' }
  /** The entry is not in the store, or disabled in it. */
  | { readonly type: 'missing' }
  | { readonly type: 'disabled' }
  /** Its values have another version than the integration and must be migrated first. */
  | { readonly type: 'outdated' }
  /** The migrated values cannot be set up. */
  | { readonly type: 'refused' }

/** The result of a connect at an announced address. */
export type TryAddressResult =
  | {
      readonly type: 'connected'
      readonly uniqueId: string | null
      /** The unique id of the entry. */
      readonly expected: string | null
      readonly connection: Connection
    }
  | { readonly type: 'failed'; readonly error: SetupFailure }
  /** The entry or the announced address has changed. No login was made. */
  | { readonly type: 'withdrawn' }

/** The result of saving an announced address. `changed`: the entry or the announced address has changed. */
export type SaveAddressResult = { readonly type: 'saved' } | { readonly type: 'changed' }

/** The result of a migration. */
export type MigrateResult =
  | { readonly type: 'current' }
  | { readonly type: 'failed'; readonly reason: string }
  /** The host has not registered the integration of the entry. */
  | { readonly type: 'unknown_integration' }

/** The result of restoring the original values. `proven`: another process has loaded the migrated ones. */
export type RestoreResult = { readonly type: 'restored' } | { readonly type: 'proven' }

/** The result of recording the need. `gone`: the entry has a newer credential or was removed. */
export type RequireReauthResult = { readonly type: 'required' } | { readonly type: 'gone' }

/** The wait after an error that does not specify one, in milliseconds. */
const DEFAULT_WAIT = 5_000

/** An unexpected error of an actor, with the milliseconds until the next attempt. */
export class UnexpectedError extends Error {
  readonly wait: number
  /** Whether the store failed before a login was made. Such an attempt does not count. */
  readonly isUnasked: boolean

  constructor(wait: number, isUnasked = false) {
    super('The work of an entry failed.')
    this.wait = wait
    this.isUnasked = isUnasked
  }
}

/** The milliseconds until the next attempt after an error of an actor. */
export const waitAfter = (error: unknown): number =>
  error instanceof UnexpectedError ? error.wait : DEFAULT_WAIT
