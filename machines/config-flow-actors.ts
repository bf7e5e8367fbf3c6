import type { CheckResult } from './check-result.ts'
import type { ConfigFlowSource } from './config-flow-types.ts'
import type { Connection, Draft } from './draft.ts'
import { effect } from './effect.ts'
import type {
  CreateEntryResult,
  EntryCommit,
  FindAccountResult,
  FindChoicesResult,
  FindEntryResult,
  FindSavedResult,
  FlowEntry,
  Found,
  IgnoreCommit,
  OptionsCommit,
  PublicValues,
  RestoreEntryResult,
  SaveResult,
  TryEntryResult,
  UpdateEntryResult,
} from './flow-result.ts'
import type {
  CheckSubentryResult,
  FindSubentryResult,
  FlowSubentry,
  SaveSubentryResult,
  SubentryCommit,
} from './subentry-result.ts'

/** The work of flows, by name. The engine performs it. */
export const configFlowActors = {
  findEntry: effect<FindEntryResult, { flowId: string; entryId: string | null }>('findEntry'),
  checkConnection: effect<
    CheckResult,
    { flowId: string; entryId: string | null; source: ConfigFlowSource; draft: Draft | null }
  >('checkConnection'),
  findChoices: effect<
    FindChoicesResult,
    {
      flowId: string
      page: number
      draft: Draft | null
      values: PublicValues
      subentry: FlowSubentry | null
    }
  >('findChoices'),
  createEntry: effect<CreateEntryResult, EntryCommit & { replacesIgnored: boolean }>('createEntry'),
  updateEntry: effect<
    UpdateEntryResult,
    EntryCommit & {
      entryId: string | null
      entry: FlowEntry | null
      mayRollBack: boolean
      settlesProposal: boolean
      repairs: boolean
    }
  >('updateEntry'),
  findSaved: effect<FindSavedResult, { flowId: string; connection: Connection | null }>('findSaved'),
  findAccount: effect<
    FindAccountResult,
    { flowId: string; source: ConfigFlowSource; found: Found | null; values: PublicValues }
  >('findAccount'),
  noticeEntry: effect<void, { flowId: string; entryId: string | null }>('noticeEntry'),
  withdrawProposal: effect<void, { flowId: string; entryId: string | null }>('withdrawProposal'),
  proposeAddress: effect<void, { flowId: string; entryId: string | null; values: PublicValues }>(
    'proposeAddress',
  ),
  saveOptions: effect<SaveResult, OptionsCommit>('saveOptions'),
  keepAddress: effect<void, { flowId: string; entryId: string | null; values: PublicValues }>('keepAddress'),
  ignoreAccount: effect<CreateEntryResult, IgnoreCommit>('ignoreAccount'),
  tryEntry: effect<TryEntryResult, { entryId: string | null; connection: Connection | null }>('tryEntry'),
  restoreEntry: effect<RestoreEntryResult, { flowId: string; entryId: string | null }>('restoreEntry'),
  findSubentry: effect<
    FindSubentryResult,
    { flowId: string; entryId: string | null; subentry: FlowSubentry }
  >('findSubentry'),
  checkSubentry: effect<
    CheckSubentryResult,
    { flowId: string; entryId: string | null; subentry: FlowSubentry; draft: Draft }
  >('checkSubentry'),
  saveSubentry: effect<SaveSubentryResult, SubentryCommit>('saveSubentry'),
  reloadEntry: effect<void, { entryId: string | null; connection: Connection | null }>('reloadEntry'),
} as const
