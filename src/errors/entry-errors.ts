// Errors of calls that an entry cannot serve in its current state.
import { LatchkeyError } from './latchkey-error.ts'

/** The entry needs a new credential. `flowId` is the open flow that asks the user for it, or `null`. */
export class ReauthRequiredError extends LatchkeyError {
  readonly code = 'REAUTH_REQUIRED'
  readonly entryId: string
  readonly flowId: string | null
  constructor(entryId: string, flowId: string | null) {
    super('The service rejected the stored credential. Sign in again.')
    this.entryId = entryId
    this.flowId = flowId
  }
}

/**
 * The entry has no connection. `state` is its state, and `reason` the code of the last failure, or `null`. `retryAt` is the
 * time from which a call connects again (ms since the epoch), or `null` if Latchkey retries by itself or not at all.
 */
export class EntryNotLoadedError extends LatchkeyError {
  readonly code = 'ENTRY_NOT_LOADED'
  readonly entryId: string
  readonly state: string
  readonly reason: string | null
  readonly retryAt: number | null
  constructor(entryId: string, state: string, reason: string | null, retryAt: number | null = null) {
    const details = reason === null ? state : `${state}: ${reason}`
    const next =
      retryAt === null
        ? (nextSteps[state] ?? 'Fix the cause and reload it.')
        : `Call again after ${new Date(retryAt).toISOString()}.`
    super(`Entry ${entryId} is not loaded (${details}). ${next}`)
    this.retryAt = retryAt
    this.entryId = entryId
    this.state = state
    this.reason = reason
  }
}

/** The next step in the states that need something other than a fix and a reload. */
const nextSteps: Readonly<Record<string, string>> = {
  disabled: 'Enable it first.',
  failed_unload: 'Force its unload, then load it again.',
  setup_retry: 'Latchkey retries automatically. Try again later.',
}

/** The entry does not allow this action in its current state, for example a reload of a disabled entry. */
export class EntryStateError extends LatchkeyError {
  readonly code = 'ENTRY_STATE'
  readonly entryId: string
  readonly state: string
  constructor(entryId: string, state: string, event: string) {
    super(`Entry ${entryId} does not accept "${event}" in the state "${state}".`)
    this.entryId = entryId
    this.state = state
  }
}

/** The stored entry has a different `version` than its integration (`supported`). The entry was not changed. */
export class EntryVersionError extends LatchkeyError {
  readonly code = 'ENTRY_VERSION'
  readonly entryId: string
  readonly version: number
  readonly supported: number
  constructor(entryId: string, version: number, supported: number) {
    super(
      version > supported
        ? `Entry ${entryId} has version ${version}, but its integration supports at most ${supported}. Update the integration.`
        : `Entry ${entryId} has version ${version} and could not be migrated to version ${supported}. Correct the migration and reload the entry.`,
    )
    this.entryId = entryId
    this.version = version
    this.supported = supported
  }
}

/** The callback of `entries.use` exceeded its `timeout`. */
export class UseTimeoutError extends LatchkeyError {
  readonly code = 'USE_TIMEOUT'
  readonly entryId: string
  constructor(entryId: string) {
    super(`The call with the connection of entry ${entryId} timed out. Try again, or set a longer timeout.`)
    this.entryId = entryId
  }
}

/**
 * The entry's short-lived token has expired and could not be refreshed. The user need not act.
 *
 * `reason` is an error code of a form, or `not_locked` or `not_saved`. `retryAfter` is in seconds, or `null` if unknown.
 */
export class RefreshFailedError extends LatchkeyError {
  readonly code = 'REFRESH_FAILED'
  readonly entryId: string
  readonly reason: string
  readonly retryAfter: number | null
  constructor(entryId: string, reason: string, retryAfter: number | null) {
    const when = retryAfter === null ? 'later' : `in ${retryAfter} seconds`
    super(`The token of entry ${entryId} could not be refreshed (${reason}). Try again ${when}.`)
    this.entryId = entryId
    this.reason = reason
    this.retryAfter = retryAfter
  }
}

/** `latchkey.stop()` was called. */
export class StoppedError extends LatchkeyError {
  readonly code = 'STOPPED'
  constructor() {
    super('Latchkey has been stopped. Create a new instance.')
  }
}

/** The host's address policy forbids requests to this address. */
export class AddressRefusedError extends LatchkeyError {
  readonly code = 'ADDRESS_REFUSED'
  constructor() {
    super('Requests to this address are not allowed on this host. Use a different address.')
  }
}
