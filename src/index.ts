export { joseCipher } from './adapters/jose-cipher.ts'
export { type MemoryPlace, memoryPlace } from './adapters/memory/memory-place.ts'
export { memoryStore } from './adapters/memory/memory-store.ts'
export { plainCipher } from './adapters/plain-cipher.ts'
export { assertOk } from './authoring/assert-ok.ts'
export type { Choice, ChoiceList, Choices, FindContext, OptionsContext } from './authoring/choices.ts'
export type {
  ChallengeAnswer,
  ConnectContext,
  ExchangeContext,
  RefreshContext,
} from './authoring/contexts.ts'
export { address } from './authoring/field.ts'
export {
  type AnyIntegration,
  type Challenged,
  type ClientOf,
  type Connected,
  defineIntegration,
  defineIntegrationWithMethods,
  type InitialSubentry,
  type IntegrationSpec,
  type Menu,
  type Method,
  type MethodsSpec,
  type Pages,
  type SignInMethod,
} from './authoring/integration.ts'
export type {
  EntryVersion,
  MigratedEntry,
  MigratedSubentry,
  MigrateStep,
  MigrateSubentryStep,
  VersionOptions,
  VersionSubentry,
  VersionValues,
} from './authoring/migration.ts'
export type { EndedFlow, NextFlow } from './authoring/next-flow.ts'
export { readJson } from './authoring/read-json.ts'
export { Secret, type SecretField, secret } from './authoring/secret.ts'
export type {
  Subentry,
  SubentryContext,
  SubentryFields,
  SubentryName,
  SubentryRefused,
  SubentryType,
} from './authoring/subentry.ts'
export { token } from './authoring/token.ts'
export type { IntegrationCategory } from './categories.ts'
export type {
  AttentionItem,
  AttentionPage,
  Diagnostics,
  EntryError,
  EntryPage,
  EntryState,
  EntryView,
  ReloadOptions,
  SubentryView,
  UseContext,
  UseOptions,
} from './engine/api/entries.ts'
export type { CheckedEntry, LatchkeyEvents, LatchkeyEventType, Listener } from './engine/api/events.ts'
export type { Discovery, StartBy, StartRequest, SubmitOptions, ViewPage } from './engine/api/flows.ts'
export type { KeyStatus, Keys, KeyUse, RotateOptions, Rotation, RotationProgress } from './engine/api/keys.ts'
export type {
  By,
  Expected,
  HistoryQuery,
  IntegrationMethodView,
  IntegrationView,
  Latchkey,
  LatchkeyOptions,
  Limits,
  PageQuery,
  ScopedLatchkey,
  ScopePage,
  ScopesLatchkey,
  SignIns,
} from './engine/api/latchkey.ts'
export type { AuthorizeOptions, Authorizing, CameBack, Returned } from './engine/api/sign-ins.ts'
export type {
  WebhookAttempt,
  WebhookChange,
  WebhookDelivery,
  WebhookDeliveryPage,
  WebhookEventType,
  WebhookList,
  WebhookPayload,
  WebhookRequest,
  WebhookView,
  WebhookWithSecret,
} from './engine/api/webhooks.ts'
export { createLatchkey } from './engine/create-latchkey.ts'
export {
  AbortFlowError,
  type AbortFlowOptions,
  AddressRefusedError,
  AlreadyInProgressError,
  type AnyLatchkeyError,
  AttemptsExhaustedError,
  CannotConnectError,
  ClientRefusedError,
  CommittingError,
  ConfigurationError,
  DatabaseInUseError,
  EntryNotLoadedError,
  EntryStateError,
  EntryVersionError,
  FileExistsError,
  FlowEndedError,
  FormError,
  type FormErrorOptions,
  IdempotencyConflictError,
  IntegrationError,
  InvalidAuthError,
  InvalidBackupError,
  InvalidInputError,
  KeyMissingError,
  KeyRotationError,
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
  TooManyWebhooksError,
  UnknownDomainError,
  UnknownEntryError,
  UnknownFlowError,
  UnknownSubentryError,
  UnknownWebhookError,
  UnreadableRecordError,
  UseTimeoutError,
  WrongAccountError,
  WrongIntegrationError,
  WrongStepError,
} from './errors.ts'
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
export type { Cipher, CipherKeys, Mac, SealContext } from './ports/cipher.ts'
export type { Clock } from './ports/clock.ts'
export type { Cursors } from './ports/cursors.ts'
export type { Changes, Feed } from './ports/feed.ts'
export type { AuditDetail, AuditQuery, AuditRow, HistoryOrder } from './ports/history.ts'
export type { Jobs, JobsHost, Task, TaskClaim } from './ports/jobs.ts'
export type { Json, JsonObject } from './ports/json.ts'
export type {
  Lease,
  LeaseCheck,
  LeaseKind,
  LeaseName,
  LeaseOfRecord,
  LeaseTerm,
  LeaseWrite,
  Reservation,
  ReservationName,
} from './ports/lease.ts'
export type { Log, LogFields, LoggedError } from './ports/log.ts'
export type { Lookup, Network } from './ports/network.ts'
export type {
  AnyEntryQuery,
  Asked,
  AttemptsRecord,
  AttemptsRow,
  AttentionQuery,
  BeginWork,
  BegunWork,
  Budget,
  Check,
  Due,
  EntryName,
  EntryQuery,
  EntryRecord,
  EntryRow,
  EntryToEdit,
  Expiring,
  FlowQuery,
  FlowRecord,
  FlowRow,
  FollowedHistory,
  Migrations,
  NeedyEntry,
  Page,
  RemovalRecord,
  RemovalRow,
  Restored,
  Store,
  StoreLeases,
  StoreNotice,
  StoreRemovals,
  StoreWebhooks,
  Write,
} from './ports/store.ts'
export type { StoreKeys } from './ports/store-keys.ts'
export type { SubentryRecord } from './ports/subentry-record.ts'
export type { Measurement, SpanLabels, SpanName, Telemetry } from './ports/telemetry.ts'
export type { TokenJournal, UnsavedToken } from './ports/token-journal.ts'
export type { WebhookRecord, WebhookRow, WebhookWrite } from './ports/webhooks.ts'
export type {
  AbortView,
  AccountView,
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
  ReauthWhy,
  View,
  ViewError,
} from './view.ts'
