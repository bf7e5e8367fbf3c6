// The exports of `latchkey/client`.
export type {
  AttentionItem,
  AttentionPage,
  EntryCounts,
  EntryError,
  EntryPage,
  EntryQuery,
  EntryView,
} from '../engine/api/entries.ts'
export type { HistoryQuery } from '../engine/api/latchkey.ts'
export type {
  WebhookAttempt,
  WebhookChange,
  WebhookDelivery,
  WebhookDeliveryPage,
  WebhookEventType,
  WebhookList,
  WebhookRequest,
  WebhookView,
  WebhookWithSecret,
} from '../engine/api/webhooks.ts'
export type { AuditDetail, HistoryOrder } from '../ports/history.ts'
export type {
  AbortView,
  AccountView,
  CreateEntryView,
  DeviceView,
  ExternalView,
  FieldSchema,
  FlowMachineName,
  FormSchema,
  FormView,
  MenuOption,
  MenuView,
  NextFlowView,
  ProgressView,
  ReauthWhy,
  View,
  ViewError,
} from '../view.ts'
export {
  type ClientOptions,
  createClient,
  type HistoryRow,
  type IntegrationItem,
  type LatchkeyClient,
  type ListQuery,
  type OpenedLink,
  type OwnFlows,
  type RepairLink,
} from './client.ts'
export type { ClientState } from './client-state.ts'
export type { StreamTiming } from './event-stream.ts'
export { formValues } from './form-values.ts'
export { NoAnswerError } from './no-answer-error.ts'
export { type Problem, ProblemError } from './problem-error.ts'
export type { WebhookCalls } from './webhooks.ts'
