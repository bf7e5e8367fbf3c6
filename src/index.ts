export { joseCipher } from './adapters/jose-cipher.ts'
export { memoryStore } from './adapters/memory-store.ts'
export { plainCipher } from './adapters/plain-cipher.ts'
export type {
  ChallengeAnswer,
  ConnectContext,
  ExchangeContext,
  FindContext,
  RefreshContext,
} from './contexts.ts'
export type {
  By,
  Expected,
  IntegrationView,
  Latchkey,
  LatchkeyOptions,
  PageQuery,
  ScopedLatchkey,
  SignIns,
} from './engine/api.ts'
export type { AttentionItem } from './engine/attention.ts'
export type { Limits } from './engine/core.ts'
export type { Discovery } from './engine/discovery-request.ts'
export type { EntryPage, EntryView, SubentryView } from './engine/entries.ts'
export type { ReloadOptions } from './engine/entry-actions.ts'
export type { EntryState } from './engine/entry-run.ts'
export type { LatchkeyEvents, LatchkeyEventType, Listener } from './engine/events.ts'
export type { SubmitOptions, ViewPage } from './engine/flow-calls.ts'
export type { StartBy, StartRequest } from './engine/flow-start.ts'
export { createLatchkey } from './engine/latchkey.ts'
export type { AuthorizeOptions, Authorizing, CameBack, Returned } from './engine/sign-in-calls.ts'
export type { UseContext, UseOptions } from './engine/use.ts'
export type { HistoryCheck } from './engine/verify-history.ts'
export type { WrittenElsewhere } from './engine/written-elsewhere.ts'
export {
  AddressRefusedError,
  AlreadyInProgressError,
  type AnyLatchkeyError,
  AttemptsExhaustedError,
  CannotConnectError,
  CommittingError,
  ConfigurationError,
  EntryNotLoadedError,
  EntryStateError,
  EntryVersionError,
  FlowEndedError,
  IdempotencyConflictError,
  IntegrationError,
  InvalidAuthError,
  InvalidInputError,
  KeyMissingError,
  LatchkeyError,
  NewerDatabaseError,
  RateLimitedError,
  ReauthRequiredError,
  RefreshFailedError,
  RevisionConflictError,
  ScopeError,
  SealBrokenError,
  SetupError,
  SlotTakenError,
  StaleRevisionError,
  StoppedError,
  StoreError,
  TooManyFlowsError,
  UnknownDomainError,
  UnknownEntryError,
  UnknownFlowError,
  UnknownSubentryError,
  UnreadableRecordError,
  UseTimeoutError,
  WrongIntegrationError,
  WrongStepError,
} from './errors.ts'
export { address } from './field.ts'
export {
  type AnyIntegration,
  type Challenged,
  type ClientOf,
  type Connected,
  defineIntegration,
  defineIntegrationWithMethods,
  type IntegrationSpec,
  type Menu,
  type Method,
  type MethodsSpec,
  type Pages,
  type SignInMethod,
} from './integration.ts'
export type { MigrateOptionsStep, MigrateStep, VersionOptions, VersionValues } from './migration.ts'
export type { EndedFlow, NextFlow } from './next-flow.ts'
export type {
  Authorizer,
  CodeAuthorizer,
  CodeRequest,
  DeviceAuthorizer,
  DeviceCode,
  DevicePoll,
  Granted,
  Reach,
} from './ports/authorizer.ts'
export type { Cipher, SealContext } from './ports/cipher.ts'
export type { Clock } from './ports/clock.ts'
export type { Json, JsonObject } from './ports/json.ts'
export type { Log, LogFields, LoggedError } from './ports/log.ts'
export type { Lookup, Network } from './ports/network.ts'
export type {
  Asked,
  AttemptsRecord,
  AuditRow,
  Due,
  EntryQuery,
  EntryRecord,
  Expiring,
  FlowQuery,
  FlowRecord,
  KeptAuditRow,
  Page,
  Store,
  Write,
} from './ports/store.ts'
export type { SubentryRecord } from './ports/subentry-record.ts'
export type { TokenJournal, UnsavedToken } from './ports/token-journal.ts'
export { Secret, type SecretField, secret } from './secret.ts'
export type {
  Subentry,
  SubentryContext,
  SubentryFields,
  SubentryName,
  SubentryRefused,
  SubentryType,
} from './subentry.ts'
export type {
  AbortView,
  CreateEntryView,
  DeviceView,
  ExternalView,
  FieldSchema,
  FormSchema,
  FormView,
  MenuOption,
  MenuView,
  NextFlowView,
  ProgressView,
  View,
  ViewError,
} from './view.ts'
