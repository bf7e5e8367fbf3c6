/**
 * Every error that is thrown on purpose: a class, a stable `code`, its data as fields, and one calm sentence.
 * The classes of the first part are for integrations to throw; the rest is what the library throws at its host.
 */

/** The base of them all; `code` is stable and is what programs compare. */
export abstract class LatchkeyError extends Error {
  abstract readonly code: string
  override get name(): string {
    return this.constructor.name
  }
}

// ── Thrown by `connect` and by the work given to `use` ────────────────────────────────────────────────────────

/** The service could not be reached. Home Assistant: `ConfigEntryNotReady`, `cannot_connect`. */
export class CannotConnectError extends LatchkeyError {
  readonly code = 'cannot_connect'
  constructor(message = 'The service could not be reached.', options?: ErrorOptions) {
    super(message, options)
  }
}

/** The service refused the credential. Home Assistant: `ConfigEntryAuthFailed`, `invalid_auth`. */
export class InvalidAuthError extends LatchkeyError {
  readonly code = 'invalid_auth'
  constructor(message = 'The service refused the credential.', options?: ErrorOptions) {
    super(message, options)
  }
}

/** The service asked to be left alone. `retryAfter` is in seconds, as in HTTP (RFC 9110, 10.2.3); a day at most is kept. */
export class RateLimitedError extends LatchkeyError {
  readonly code = 'rate_limited'
  readonly retryAfter: number
  constructor(retryAfter: number, message = 'The service asked to be left alone for a while.') {
    super(message)
    this.retryAfter = retryAfter
  }
}

/** The entry cannot be set up and trying again will not help. Home Assistant: `ConfigEntryError`. */
export class SetupError extends LatchkeyError {
  readonly code = 'setup_error'
  constructor(message = 'The entry cannot be set up.', options?: ErrorOptions) {
    super(message, options)
  }
}

// ── Mistakes of an integration or a host, found when the host starts ──────────────────────────────────────────

/** An integration contradicts itself; the sentence names the integration and the field. */
export class IntegrationError extends LatchkeyError {
  readonly code = 'INTEGRATION'
  readonly domain: string
  constructor(domain: string, message: string) {
    super(message)
    this.domain = domain
  }
}

/** The host's configuration cannot work: a plain cipher over a durable store, an XState that does not fit. */
export class ConfigurationError extends LatchkeyError {
  readonly code = 'CONFIGURATION'
}

// ── Calls that name something that is not there, or at the wrong time ─────────────────────────────────────────

/** No integration has this domain. */
export class UnknownDomainError extends LatchkeyError {
  readonly code = 'UNKNOWN_DOMAIN'
  constructor() {
    super('No integration has this domain. The host lists its integrations in createLatchkey().')
  }
}

/** No flow of this scope has this id, or it was purged. */
export class UnknownFlowError extends LatchkeyError {
  readonly code = 'UNKNOWN_FLOW'
  readonly flowId: string
  constructor(flowId: string) {
    super('There is no such flow. It may have ended long ago: start a new one.')
    this.flowId = flowId
  }
}

/** No entry of this scope has this id. */
export class UnknownEntryError extends LatchkeyError {
  readonly code = 'UNKNOWN_ENTRY'
  readonly entryId: string
  constructor(entryId: string) {
    super('There is no such entry. It may have been removed.')
    this.entryId = entryId
  }
}

/** The call names no scope where one is required, or one that cannot be a scope's name. */
export class ScopeError extends LatchkeyError {
  readonly code = 'SCOPE'
}

/** The entry belongs to another integration than the one that was named. */
export class WrongIntegrationError extends LatchkeyError {
  readonly code = 'WRONG_INTEGRATION'
  readonly entryId: string
  readonly domain: string
  constructor(entryId: string, domain: string) {
    super(`The entry belongs to the integration ${domain}.`)
    this.entryId = entryId
    this.domain = domain
  }
}

/** The input does not have the form that the step shows: not an object, a field that it does not show, too large. */
export class InvalidInputError extends LatchkeyError {
  readonly code = 'INVALID_INPUT'
  /** JSON Pointers (RFC 6901) of the fields at fault; empty where the input as a whole is. */
  readonly pointers: readonly string[]
  constructor(message: string, pointers: readonly string[] = []) {
    super(message)
    this.pointers = pointers
  }
}

/** The flow moved on since the caller saw it; `view` is how it stands now. */
export class StaleRevisionError<View = unknown> extends LatchkeyError {
  readonly code = 'STALE_REVISION'
  readonly view: View
  constructor(view: View) {
    super('The flow has moved on since this form was shown. Show the current view and submit that.')
    this.view = view
  }
}

/** The flow has ended; `view` is its end. */
export class FlowEndedError<View = unknown> extends LatchkeyError {
  readonly code = 'FLOW_ENDED'
  readonly view: View
  constructor(view: View) {
    super('The flow has ended.')
    this.view = view
  }
}

/** The step does not take this: going back from the first form, choosing on a form. */
export class WrongStepError extends LatchkeyError {
  readonly code = 'WRONG_STEP'
  readonly step: string
  readonly event: string
  constructor(step: string, event: string) {
    super(`The step ${step} does not take ${event}.`)
    this.step = step
    this.event = event
  }
}

/** The flow is at work and takes nothing until it is done. */
export class WorkingError extends LatchkeyError {
  readonly code = 'WORKING'
  readonly step: string
  constructor(step: string) {
    super('The flow is at work. Wait for it to answer, or cancel it.')
    this.step = step
  }
}

/** The flow is saving what it has proven and can no longer be called back. */
export class CommittingError extends LatchkeyError {
  readonly code = 'COMMITTING'
  readonly step: string
  constructor(step: string) {
    super('The flow is saving and can no longer be called back. It ends in a moment.')
    this.step = step
  }
}

/** Another flow holds the edit slot of this entry. */
export class AlreadyInProgressError extends LatchkeyError {
  readonly code = 'ALREADY_IN_PROGRESS'
  readonly flowId: string
  readonly source: string
  constructor(flowId: string, source: string) {
    super(`A ${source} flow of this entry is open. Finish or cancel it first.`)
    this.flowId = flowId
    this.source = source
  }
}

/** The scope has as many open flows as the host allows. */
export class TooManyFlowsError extends LatchkeyError {
  readonly code = 'TOO_MANY_FLOWS'
  readonly limit: number
  constructor(limit: number) {
    super(`There are ${limit} open flows already. Finish or cancel some first.`)
    this.limit = limit
  }
}

/** Too many tries were refused; `retryAfter` is in seconds. */
export class AttemptsExhaustedError extends LatchkeyError {
  readonly code = 'ATTEMPTS_EXHAUSTED'
  readonly retryAfter: number
  constructor(retryAfter: number) {
    super(`Too many tries were refused. Try again in ${retryAfter} seconds.`)
    this.retryAfter = retryAfter
  }
}

// ── Entries that cannot do what is asked of them now ──────────────────────────────────────────────────────────

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

/** The work given to `use` took longer than its `timeout`. */
export class UseTimeoutError extends LatchkeyError {
  readonly code = 'USE_TIMEOUT'
  readonly entryId: string
  constructor(entryId: string) {
    super('The work took longer than its timeout.')
    this.entryId = entryId
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

// ── Stores and ciphers ────────────────────────────────────────────────────────────────────────────────────────

/** The store could not do it; nothing was written. `cause` is the driver's own error. */
export class StoreError extends LatchkeyError {
  readonly code = 'STORE'
}

/** A record was written by somebody else since it was read; nothing was written. */
export class RevisionConflictError extends LatchkeyError {
  readonly code = 'REVISION_CONFLICT'
  readonly kind: 'entry' | 'flow' | 'attempts'
  readonly id: string
  constructor(kind: 'entry' | 'flow' | 'attempts', id: string) {
    super(`The ${kind} was changed by somebody else meanwhile.`)
    this.kind = kind
    this.id = id
  }
}

/** A unique slot is held by another record; nothing was written. */
export class SlotTakenError extends LatchkeyError {
  readonly code = 'SLOT_TAKEN'
  /** `identity`: (scope, domain, uniqueId) of entries. `edit`: (scope, entryId) of open flows that edit. */
  readonly slot: 'identity' | 'edit'
  /** The entry or flow that holds it. */
  readonly holder: string
  constructor(slot: 'identity' | 'edit', holder: string) {
    super(slot === 'identity' ? 'Another entry has this identity.' : 'Another flow edits this entry.')
    this.slot = slot
    this.holder = holder
  }
}

/** The database was written by a newer version of Latchkey. */
export class NewerDatabaseError extends LatchkeyError {
  readonly code = 'NEWER_DATABASE'
  constructor() {
    super('The database was written by a newer version of Latchkey. Upgrade, or restore a backup.')
  }
}

/** A stored record cannot be understood: damaged, or of an unknown version. */
export class UnreadableRecordError extends LatchkeyError {
  readonly code = 'UNREADABLE_RECORD'
  readonly kind: 'entry' | 'flow' | 'attempts'
  readonly id: string
  constructor(kind: 'entry' | 'flow' | 'attempts', id: string, why = 'It is damaged.') {
    super(`The stored ${kind} cannot be read. ${why}`)
    this.kind = kind
    this.id = id
  }
}

/** Sealed values are there but no key that opens them. */
export class KeyMissingError extends LatchkeyError {
  readonly code = 'KEY_MISSING'
  constructor(
    message = 'There are sealed values and no key that opens them. Put the key back in its place.',
  ) {
    super(message)
  }
}

/** A sealed value was altered, or belongs to another record. */
export class SealBrokenError extends LatchkeyError {
  readonly code = 'SEAL_BROKEN'
  constructor() {
    super('A sealed value was altered, or belongs to another record.')
  }
}

/** All of them, told apart by `code`. */
export type AnyLatchkeyError =
  | AddressRefusedError
  | AlreadyInProgressError
  | AttemptsExhaustedError
  | CannotConnectError
  | CommittingError
  | ConfigurationError
  | EntryNotLoadedError
  | EntryStateError
  | FlowEndedError
  | IntegrationError
  | InvalidAuthError
  | InvalidInputError
  | KeyMissingError
  | NewerDatabaseError
  | RateLimitedError
  | ReauthRequiredError
  | RevisionConflictError
  | ScopeError
  | SealBrokenError
  | SetupError
  | SlotTakenError
  | StaleRevisionError
  | StoppedError
  | StoreError
  | TooManyFlowsError
  | UnknownDomainError
  | UnknownEntryError
  | UnknownFlowError
  | UnreadableRecordError
  | UseTimeoutError
  | WorkingError
  | WrongIntegrationError
  | WrongStepError
