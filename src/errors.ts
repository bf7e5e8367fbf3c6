import type {
  CannotConnectError,
  ClientRefusedError,
  InvalidAuthError,
  RateLimitedError,
  SetupError,
  WrongAccountError,
} from './errors/connect-errors.ts'
import type {
  AddressRefusedError,
  EntryNotLoadedError,
  EntryStateError,
  EntryVersionError,
  ReauthRequiredError,
  RefreshFailedError,
  StoppedError,
  UseTimeoutError,
} from './errors/entry-errors.ts'
import type {
  AlreadyInProgressError,
  AttemptsExhaustedError,
  CommittingError,
  FlowEndedError,
  IdempotencyConflictError,
  InvalidInputError,
  ScopeError,
  StaleRevisionError,
  TooManyFlowsError,
  UnknownDomainError,
  UnknownEntryError,
  UnknownFlowError,
  UnknownSubentryError,
  WrongIntegrationError,
  WrongStepError,
} from './errors/flow-errors.ts'
import type { ConfigurationError, IntegrationError } from './errors/host-errors.ts'
import type {
  DatabaseInUseError,
  FileExistsError,
  InvalidBackupError,
  KeyMissingError,
  KeyRotationError,
  NewerDatabaseError,
  RevisionConflictError,
  SealBrokenError,
  SlotTakenError,
  StoreError,
  UnreadableRecordError,
} from './errors/store-errors.ts'
import type { TooManyWebhooksError, UnknownWebhookError } from './errors/webhook-errors.ts'

export type { AbortFlowOptions, FormErrorOptions } from './errors/connect-errors.ts'
export {
  AbortFlowError,
  CannotConnectError,
  ClientRefusedError,
  FormError,
  InvalidAuthError,
  RateLimitedError,
  SetupError,
  WrongAccountError,
} from './errors/connect-errors.ts'
export {
  AddressRefusedError,
  EntryNotLoadedError,
  EntryStateError,
  EntryVersionError,
  ReauthRequiredError,
  RefreshFailedError,
  StoppedError,
  UseTimeoutError,
} from './errors/entry-errors.ts'
export {
  AlreadyInProgressError,
  AttemptsExhaustedError,
  CommittingError,
  FlowEndedError,
  IdempotencyConflictError,
  InvalidInputError,
  ScopeError,
  StaleRevisionError,
  TooManyFlowsError,
  UnknownDomainError,
  UnknownEntryError,
  UnknownFlowError,
  UnknownSubentryError,
  WrongIntegrationError,
  WrongStepError,
} from './errors/flow-errors.ts'
export {
  ConfigurationError,
  IntegrationError,
} from './errors/host-errors.ts'
export { LatchkeyError } from './errors/latchkey-error.ts'
export {
  DatabaseInUseError,
  FileExistsError,
  InvalidBackupError,
  KeyMissingError,
  KeyRotationError,
  NewerDatabaseError,
  RevisionConflictError,
  SealBrokenError,
  SlotTakenError,
  StoreError,
  UnreadableRecordError,
} from './errors/store-errors.ts'
export { TooManyWebhooksError, UnknownWebhookError } from './errors/webhook-errors.ts'

/** All error classes with a fixed code. Distinguish them by `code`. Integrations choose that of the others. */
export type AnyLatchkeyError =
  | AddressRefusedError
  | AlreadyInProgressError
  | AttemptsExhaustedError
  | CannotConnectError
  | ClientRefusedError
  | CommittingError
  | ConfigurationError
  | EntryNotLoadedError
  | EntryStateError
  | EntryVersionError
  | FlowEndedError
  | IdempotencyConflictError
  | IntegrationError
  | InvalidAuthError
  | InvalidInputError
  | KeyMissingError
  | KeyRotationError
  | DatabaseInUseError
  | FileExistsError
  | InvalidBackupError
  | NewerDatabaseError
  | RateLimitedError
  | ReauthRequiredError
  | RefreshFailedError
  | RevisionConflictError
  | ScopeError
  | SealBrokenError
  | SetupError
  | SlotTakenError
  | StaleRevisionError
  | StoppedError
  | StoreError
  | TooManyFlowsError
  | TooManyWebhooksError
  | UnknownDomainError
  | UnknownEntryError
  | UnknownFlowError
  | UnknownSubentryError
  | UnknownWebhookError
  | UnreadableRecordError
  | UseTimeoutError
  | WrongAccountError
  | WrongIntegrationError
  | WrongStepError
