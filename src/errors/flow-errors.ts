// Calls that name something that is not there, or come at the wrong time.
import { LatchkeyError } from './latchkey-error.ts'

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

/** Nothing under the entry has this id. */
export class UnknownSubentryError extends LatchkeyError {
  readonly code = 'UNKNOWN_SUBENTRY'
  readonly subentryId: string
  constructor(subentryId: string) {
    super('There is no such thing under the entry. It may have been removed.')
    this.subentryId = subentryId
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

/** The flow or the entry has changed since the caller saw it; `view` is how it stands now. */
export class StaleRevisionError<View = unknown> extends LatchkeyError {
  readonly code = 'STALE_REVISION'
  readonly view: View
  constructor(view: View) {
    super('This has changed since it was shown. Show the current view and go on from that.')
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

/** The key was used before, for another request. */
export class IdempotencyConflictError extends LatchkeyError {
  readonly code = 'IDEMPOTENCY_CONFLICT'
  constructor() {
    super('This key was used for another request. Make a new key for each request.')
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
