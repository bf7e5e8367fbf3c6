// Entries that cannot do now what is asked of them.
import { LatchkeyError } from './latchkey-error.ts'

/** The entry needs a new credential from a person; `flowId` is the open flow that asks for it, if one is. */
export class ReauthRequiredError extends LatchkeyError {
  readonly code = 'REAUTH_REQUIRED'
  readonly entryId: string
  readonly flowId: string | null
  constructor(entryId: string, flowId: string | null) {
    super('The service refuses the stored credential. A person has to enter a new one.')
    this.entryId = entryId
    this.flowId = flowId
  }
}

/** The entry is not running; `state` says how it stands and `reason` why. */
export class EntryNotLoadedError extends LatchkeyError {
  readonly code = 'ENTRY_NOT_LOADED'
  readonly entryId: string
  readonly state: string
  readonly reason: string | null
  constructor(entryId: string, state: string, reason: string | null) {
    super(`The entry is not running (${state}${reason === null ? '' : `: ${reason}`}).`)
    this.entryId = entryId
    this.state = state
    this.reason = reason
  }
}

/** The entry's state does not take this: a reload of a disabled entry. */
export class EntryStateError extends LatchkeyError {
  readonly code = 'ENTRY_STATE'
  readonly entryId: string
  readonly state: string
  constructor(entryId: string, state: string, event: string) {
    super(`An entry in the state ${state} does not take ${event}.`)
    this.entryId = entryId
    this.state = state
  }
}

/** The entry's data is of another `version` than its integration (`supported`): nothing was changed. */
export class EntryVersionError extends LatchkeyError {
  readonly code = 'ENTRY_VERSION'
  readonly entryId: string
  readonly version: number
  readonly supported: number
  constructor(entryId: string, version: number, supported: number) {
    super(
      version > supported
        ? `The entry was written by version ${version} of its integration, and this is version ${supported}. Update the integration; nothing was changed.`
        : `The entry is of version ${version} and could not be brought to version ${supported} of its integration. Correct its migration and reload the entry; nothing was changed.`,
    )
    this.entryId = entryId
    this.version = version
    this.supported = supported
  }
}

/** The work given to `use` took longer than its `timeout`. */
export class UseTimeoutError extends LatchkeyError {
  readonly code = 'USE_TIMEOUT'
  readonly entryId: string
  constructor(entryId: string) {
    super('The work took longer than its timeout.')
    this.entryId = entryId
  }
}

/**
 * The entry's short-lived token has ended and could not be renewed now; nothing is asked of a person. `reason`: a code as
 * of a form's errors, or `not_locked`, `not_saved`; `retryAfter`: in seconds, where it is known.
 */
export class RefreshFailedError extends LatchkeyError {
  readonly code = 'REFRESH_FAILED'
  readonly entryId: string
  readonly reason: string
  readonly retryAfter: number | null
  constructor(entryId: string, reason: string, retryAfter: number | null) {
    const when = retryAfter === null ? 'later' : `in ${retryAfter} seconds`
    super(`The token of the entry could not be renewed (${reason}). Try again ${when}.`)
    this.entryId = entryId
    this.reason = reason
    this.retryAfter = retryAfter
  }
}

/** The engine was stopped. */
export class StoppedError extends LatchkeyError {
  readonly code = 'STOPPED'
  constructor() {
    super('Latchkey has been stopped.')
  }
}

/** The address is one that the host's policy does not let integrations reach. */
export class AddressRefusedError extends LatchkeyError {
  readonly code = 'ADDRESS_REFUSED'
  constructor() {
    super('The address is not one that integrations may reach on this host.')
  }
}
