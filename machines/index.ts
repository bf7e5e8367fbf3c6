export type { CheckResult, ConnectFailure } from './check-result.ts'
export { configEntryMachine } from './config-entry.ts'
export type {
  ConfigEntryContext,
  ConfigEntryEmitted,
  ConfigEntryEvent,
  ConfigEntryInput,
} from './config-entry-setup.ts'
export { configFlowMachine } from './config-flow.ts'
export type {
  ConfigFlowContext,
  ConfigFlowEvent,
  ConfigFlowInput,
  ConfigFlowOutput,
  ConfigFlowSource,
  CreateEntryResult,
  FindEntryResult,
  FlowEntry,
  FormErrorCode,
  FormErrors,
  Proven,
  PublicValues,
  UpdateEntryResult,
} from './config-flow-setup.ts'
export { Connection, Draft, type DraftContent } from './draft.ts'
export type { MigrateResult, RequireReauthResult, SetupResult } from './entry-result.ts'
