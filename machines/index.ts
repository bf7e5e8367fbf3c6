export { authorizationCodeMachine } from './authorization-code.ts'
export type {
  AuthorizationCodeContext,
  AuthorizationCodeEvent,
  AuthorizationCodeInput,
  AuthorizationRequest,
  BeginResult,
} from './authorization-code-setup.ts'
export type { CheckFailed, CheckResult, ConnectFailure, FlowAborted } from './check-result.ts'
export { configEntryMachine } from './config-entry.ts'
export type {
  ConfigEntryContext,
  ConfigEntryEmitted,
  ConfigEntryEvent,
  ConfigEntryInput,
} from './config-entry-setup.ts'
export { configFlowMachine } from './config-flow.ts'
export type { ConfigFlowEvent } from './config-flow-events.ts'
export type { ConfigFlowInput } from './config-flow-input.ts'
export type { ConfigFlowContext, ConfigFlowOutput, ConfigFlowSource } from './config-flow-types.ts'
export { deviceCodeMachine } from './device-code.ts'
export type {
  DeviceCodeContext,
  DeviceCodeEvent,
  DeviceCodeInput,
  PollResult,
  RequestResult,
  ShownCode,
} from './device-code-setup.ts'
export { Connection, Draft, type DraftContent } from './draft.ts'
export { entryRemovalMachine } from './entry-removal.ts'
export type { AccountResult, EntryRemovalContext, RemovalResult } from './entry-removal-setup.ts'
export type { MigrateResult, RequireReauthResult, SetupResult } from './entry-result.ts'
export type {
  CreateEntryResult,
  EntryCommit,
  FindAccountResult,
  FindEntryResult,
  FlowEntry,
  OptionsCommit,
  PublicValues,
  SaveResult,
  UpdateEntryResult,
} from './flow-result.ts'
export type { FormErrorCode, FormErrors, TextParams } from './form-errors.ts'
export type { AuthorizationOutput, GrantResult } from './grant-result.ts'
export { optionsFlowMachine } from './options-flow.ts'
export { subentryFlowMachine } from './subentry-flow.ts'
export type {
  CheckSubentryResult,
  FindSubentryResult,
  FlowSubentry,
  NamedSubentry,
  SaveSubentryResult,
  SubentryCommit,
} from './subentry-result.ts'
export { tokenMachine } from './token.ts'
export type { ClaimResult, RefreshResult, RereadResult, SaveTokenResult } from './token-result.ts'
export type { TokenContext, TokenEvent, TokenInput } from './token-setup.ts'
export { webhookDeliveryMachine } from './webhook-delivery.ts'
export type {
  AttemptResult,
  WebhookDeliveryContext,
  WebhookDeliveryEvent,
  WebhookDeliveryInput,
} from './webhook-delivery-setup.ts'
export type {
  WebhookReceiverContext,
  WebhookReceiverEvent,
  WebhookReceiverInput,
} from './webhook-receiver.ts'
export { webhookReceiverMachine } from './webhook-receiver.ts'
