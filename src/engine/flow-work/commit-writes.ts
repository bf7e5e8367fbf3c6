import type { ConfigFlowOutput } from '../../../machines/config-flow-types.ts'
import type { FlowEnd } from '../../../machines/flow-end.ts'
import type { EntryCommit, FlowEntry, Found } from '../../../machines/flow-result.ts'
import type { RevisionConflictError } from '../../errors.ts'
import type { AuditDetail, AuditRow } from '../../ports/history.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord, FlowRecord, Write } from '../../ports/store.ts'
import type { LiveConnection } from '../connections/live-connection.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { Core } from '../kernel/core.ts'
import { isConflict, isTaken } from '../lib/conflicts.ts'
import { type AuditKind, audit, removedRow } from '../records/audit.ts'
import {
  checkEntry,
  type NewEntry,
  ownEntry,
  restorePointOf,
  withoutSetupFailure,
} from '../records/entry-record.ts'
import { matchKeysOf, replaceOldKeys, storedMatchKeyOf } from '../records/match-keys.ts'

/** The verified values for an existing entry, and the entry as the flow has read it. */
export type EntryUpdate = EntryCommit & {
  readonly entryId: string
  readonly entry: FlowEntry
  /**
   * Whether the entry must load with the new values first. Until then the flow stays open, and the entry keeps its
   * previous values.
   */
  readonly mayRollBack: boolean
  readonly settlesProposal: boolean
  /** Whether a new link gives its credential to the entry. It must still need one, and its reauthentication ends. */
  readonly repairs: boolean
}

/** The result of a flow that a commit records. `subentry`: the sub-entry that the flow was about. */
export type CommitEnd = FlowEnd & Pick<ConfigFlowOutput, 'subentry'>

/** The records of a write. `end`: null if the flow stays open. */
export interface Written extends Pick<Parallel, 'done'> {
  readonly entry: EntryRecord
  readonly flow: FlowRecord
  readonly end: CommitEnd | null
}

/** The verified values for a new entry. `replacesIgnored`: an ignored entry of the same account is removed. */
export type NewEntryCommit = EntryCommit & { readonly replacesIgnored: boolean }

/** The save of a new entry. */
export interface NewEntrySave {
  readonly end: FlowEnd
  readonly kind: AuditKind
  readonly replacesIgnored: boolean
  /** An ignored entry that the new one replaces. */
  readonly replaced: EntryRecord | null
  /** See {@link Parallel}. */
  readonly otherKeys?: readonly string[]
}

/** Additional changes of a commit: the ends of other flows, an ignored entry that is removed. */
export interface Parallel {
  readonly writes: readonly Write[]
  readonly replaced: EntryRecord | null
  /** Called when the write was made, also if its answer was lost and it was found later. */
  readonly done: () => Promise<void> | void
  /** The match keys that no other entry may have, in addition to the stored one. */
  readonly otherKeys?: readonly string[]
  /** The code of the history row. */
  readonly code?: string | null
  /** The change for the history row. */
  readonly detail?: AuditDetail
}

/** Returns the current values of an entry, to restore them if it does not load with the new ones. */
export function previousOf(entry: EntryRecord): NonNullable<EntryRecord['previous']> {
  const { reauth, rejectedRevision, credentialRevision } = entry
  return {
    why: 'reconfigured',
    ...restorePointOf(entry),
    reauth,
    rejected: rejectedRevision === credentialRevision,
  }
}

export const isConflictOn = (error: unknown, flowId: string): boolean =>
  isConflict(error, 'flow') && (error as RevisionConflictError).id === flowId

/** Whether another process has changed a record that the write depends on, or has opened a discovery. */
export const isOvertaken = (error: unknown): boolean =>
  isConflict(error, 'flow') || isConflict(error, 'entry') || isTaken(error, 'held')

/** Returns the ignored entry that holds an account; null if the holder is not ignored. */
export async function ignoredHolder(core: Core, scope: string, entryId: string): Promise<EntryRecord | null> {
  const holder = await core.store.getEntry(scope, entryId)
  return holder?.ignored === true ? checkEntry(holder) : null
}

/** Returns the writes that remove an ignored entry. */
export const removal = (
  replaced: EntryRecord,
  row: Pick<AuditRow, 'scope' | 'at' | 'who' | 'flowId'>,
): readonly Write[] => [
  { remove: 'entry', id: replaced.entryId, ifRevision: replaced.revision },
  removedRow(row, replaced),
]

/** Emits the events of a new entry. `replaced` is an ignored entry that it has replaced. */
export function announceNew({ events }: Core, entry: EntryRecord, replaced: EntryRecord | null): void {
  const { scope, entryId, domain, expiresAt } = entry
  if (replaced !== null) events.emit('entry_removed', { scope, entryId: replaced.entryId, domain })
  events.emit('entry_added', { scope, entryId, domain })
  // Its credential can expire soon.
  if (expiresAt != null) events.emit('attention_changed', { scope, entryId })
}

/** Emits the events of an entry with new values. `replaced` as for a new entry. */
export function announceUpdate({ events }: Core, entry: EntryRecord, replaced: EntryRecord | null): void {
  const { scope, entryId, domain, revision } = entry
  if (replaced !== null) events.emit('entry_removed', { scope, entryId: replaced.entryId, domain })
  events.emit('entry_updated', { scope, entryId, domain, revision })
  events.emit('attention_changed', { scope, entryId })
}

/** Whether an entry takes the title that its service gives it now. */
export const adoptsTitle = (
  { integration }: Compiled,
  { titleFromService }: EntryRecord,
  { namesTitle }: LiveConnection,
): boolean => integration.adoptTitle === true && namesTitle && titleFromService === true

/** Returns the history row of a title that an entry has taken; none if it is unchanged. */
export function renamedRow(
  row: Pick<AuditRow, 'scope' | 'at' | 'who' | 'flowId'>,
  before: EntryRecord,
  { entryId, title, revision }: EntryRecord,
): readonly Write[] {
  if (title === before.title) return []
  const detail = { field: 'title', before: before.title, after: title }
  return [audit({ ...row, entryId, kind: 'entry_renamed', revision, detail })]
}

/** Returns the texts that users see, and the expiration time, as a new connection of an entry reports them. */
export const namedBy = (
  { title, account, address, expiresAt }: LiveConnection,
  before: EntryRecord,
  takesTitle: boolean,
): Partial<EntryRecord> => ({
  ...(takesTitle && { title, titleFromService: true }),
  ...((account ?? before.account) != null && { account }),
  ...((address ?? before.address) != null && { address }),
  expiresAt: expiresAt ?? null,
})

/** Returns the members of an entry that change with each new verified credential. */
export const verifiedAfter = (before: EntryRecord) =>
  ({
    revision: before.revision + 1,
    credentialRevision: before.credentialRevision + 1,
    rejectedRevision: null,
    reauth: null,
    migrationError: null,
    ...(before.migrationPath != null && { migrationPath: null }),
    ...(before.refreshFailure != null && { refreshFailure: null }),
    ...withoutSetupFailure(before),
    // Ends the refresh of a process of an earlier version, whose token is now outdated.
    lease: null,
  }) as const

/** Returns the key of a discovery; null if the flow is not one. */
export const keyIn = ({ found }: { readonly found?: unknown }): string | null =>
  (found as Found | undefined)?.key ?? null

/** A match key, and the codes of the same values under the other keys of the cipher. */
interface MatchKeys {
  readonly matchKey: string | undefined
  readonly otherKeys: readonly string[]
}

/** Returns a new entry with its match key: that of its values, or that of its announcement. @throws StoreError */
export async function withMatchKey(
  { core, compiled }: { readonly core: Core; readonly compiled: Compiled },
  created: EntryRecord,
  { data, secrets }: Pick<NewEntry, 'data' | 'secrets'>,
  announcedAs: string | undefined,
): Promise<Pick<MatchKeys, 'otherKeys'> & { readonly entry: EntryRecord }> {
  const place = { core, scope: created.scope, compiled }
  const [matchKey = announcedAs, ...otherKeys] = await matchKeysOf(place, { ...data, ...secrets })
  if (matchKey === undefined) return { entry: created, otherKeys }
  const entry = ownEntry({ ...created, matchKey, ...(announcedAs !== undefined && { announcedAs }) })
  return { entry, otherKeys }
}

/**
 * Returns the match key of the entry with new data. If its fields are unchanged, the entry keeps its key, or stays
 * without one.
 */
export async function matchKeyAfter(
  core: Core,
  compiled: Compiled,
  before: EntryRecord,
  values: JsonObject,
): Promise<MatchKeys> {
  const place = { core, scope: before.scope, compiled }
  const [matchKey, ...otherKeys] = await matchKeysOf(place, values)
  if (matchKey === (await storedMatchKeyOf(place, before)))
    return { matchKey: before.matchKey, otherKeys: [] }
  await replaceOldKeys(place, matchKey)
  return { matchKey, otherKeys }
}
