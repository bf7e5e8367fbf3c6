import type { ConfigFlowOutput } from '../../../machines/config-flow-types.ts'
import type {
  CreateEntryResult,
  EntryCommit,
  FlowEntry,
  Found,
  IgnoreCommit,
  UpdateEntryResult,
} from '../../../machines/flow-result.ts'
import { RevisionConflictError, SlotTakenError } from '../../errors.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { AuditRow, EntryRecord, FlowRecord, Write } from '../../ports/store.ts'
import { liveConnectionOf } from '../connections/live-connection.ts'
import { continuedRecordOf, tombstoneOf } from '../flow-state/flow-record.ts'
import { withFollowUp } from '../flow-state/follow-up.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { matchKeyOf } from '../integrations/match-key.ts'
import { splitStoredValues } from '../integrations/stored-values.ts'
import type { Core } from '../kernel/core.ts'
import { isConflict } from '../lib/conflicts.ts'
import type { Attempts } from '../login-budget/attempts.ts'
import { type AuditKind, audit } from '../records/audit.ts'
import { checkEntry, ownEntry } from '../records/entry-record.ts'
import { newEntry } from '../records/new-entry.ts'
import { restorePointOf } from '../records/restore-point.ts'
import { sealSecrets } from '../secrets/vault.ts'
import type { AccountClaims, Ending } from './account-claims.ts'
import { withKey } from './discovery-actors.ts'
import type { EntryHost } from './entry-host.ts'

export interface FlowRunOptions extends FlowCommitOptions {
  readonly host: EntryHost
  /** The entry as it was read when the work began; null for a new one. */
  readonly entry: EntryRecord | null
}

/** What was proven for an entry that exists, and the entry as the flow knew it when it began. */
export type EntryUpdate = EntryCommit & {
  readonly entryId: string
  readonly entry: FlowEntry
  /** Whether the entry has to prove itself with it: until then what it replaces is kept, and the flow goes on. */
  readonly mayRollBack: boolean
  readonly settlesProposal: boolean
}

/** What was proven for a new entry; `replacesIgnored`: also where a person wanted nothing of the account before. */
export type NewEntryCommit = EntryCommit & { readonly replacesIgnored: boolean }

export interface FlowCommitOptions {
  readonly core: Core
  readonly compiled: Compiled
  /** The flow's record, as it is stored. */
  readonly flow: FlowRecord
  readonly attempts: Attempts
  readonly principal: string
  /** The flows that hold accounts. */
  readonly claims: AccountClaims
}

/** The end of a flow that a commit records; `subentry`: what under the entry it was about. */
export type CommitEnd = EntryCommit['end'] & Pick<ConfigFlowOutput, 'subentry'>

/** What a commit changes beside its entry: a flow that ends with it, an ignored entry that it replaces. */
interface ParallelFlow {
  readonly ending: Ending | null
  readonly replaced: EntryRecord | null
}

/** Saves what a flow has proven: the entry, the flow's end, the history and the forgiven attempts in one transaction. */
export class FlowCommit {
  readonly core: Core
  readonly principal: string
  /** The flow's record, as it is stored. */
  flow: FlowRecord
  readonly #options: FlowCommitOptions
  /** The entry, once it is written. */
  entry: EntryRecord | null = null
  /** The flow's end, once it is written. */
  tombstone: FlowRecord | null = null
  /** Set when somebody else has moved the flow's record. */
  superseded = false

  constructor(options: FlowCommitOptions) {
    this.core = options.core
    this.principal = options.principal
    this.flow = options.flow
    this.#options = options
  }

  /** Saves a new entry for what was proven. @throws StoreError */
  async create({ replacesIgnored, ...proven }: NewEntryCommit): Promise<CreateEntryResult> {
    const { core, compiled, flow } = this.#options
    const { data, secrets } = splitStoredValues(compiled, proven.draft.reveal().values as JsonObject)
    const { title, expiresAt } = liveConnectionOf(proven.connection)
    const { uniqueId } = proven
    const matchKey = await matchKeyOf(compiled, data)
    const made = await newEntry(core, { flow, compiled }, { uniqueId, title, data, secrets, expiresAt })
    const entry = matchKey === undefined ? made : ownEntry({ ...made, matchKey })
    return this.#saveNew(entry, { end: proven.end, kind: 'entry_created', replacesIgnored })
  }

  /** Saves that a person wants nothing of what was found. @throws StoreError */
  async ignore({ end, found: { uniqueId, title: name } }: IgnoreCommit): Promise<CreateEntryResult> {
    const { core, compiled, flow } = this.#options
    const title = name ?? compiled.integration.title
    const made = await newEntry(core, { flow, compiled }, { uniqueId, title, data: {}, secrets: {} })
    // Nobody may set it up: it is switched off for good.
    const entry = ownEntry({ ...made, disabled: true, ignored: true })
    return this.#saveNew(entry, { end, kind: 'entry_ignored', replacesIgnored: false })
  }

  /** Saves an entry that there is not yet, and ends the flow that holds its account. */
  async #saveNew(
    entry: EntryRecord,
    { end, kind, replacesIgnored }: { end: EntryCommit['end']; kind: AuditKind; replacesIgnored: boolean },
  ): Promise<CreateEntryResult> {
    const { core, compiled, flow, claims } = this.#options
    let replaced: EntryRecord | null = null
    for (;;) {
      const ending = await claims.ending(flow, entry.uniqueId)
      const keys = [foundIn(flow.context)?.key ?? null, ending?.before.context.found?.key ?? null]
      const discoveryKeys = withKey(replaced?.discoveryKeys ?? [], ...keys)
      const record = discoveryKeys.length === 0 ? entry : ownEntry({ ...entry, discoveryKeys })
      try {
        await this.write(record, 0, end, kind, { ending, replaced })
        if (ending !== null) claims.announce(ending)
        this.#announceNew(record, replaced)
        return { type: 'created', entryId: entry.entryId }
      } catch (error) {
        if (isConflictOn(error, flow.flowId)) return this.supersede()
        // What gives way was moved by somebody else: it is looked for anew.
        if (isConflict(error, 'flow') || isConflict(error, 'entry')) {
          replaced = null
          continue
        }
        if (!(error instanceof SlotTakenError)) throw error
        if (error.slot === 'exclusive') {
          return { type: compiled.integration.singleInstance === true ? 'only' : 'taken' }
        }
        if (error.slot !== 'identity') throw error
        // A commit whose answer was lost has already made this flow's own entry.
        const holder = await core.store.getEntry(flow.scope, error.holder)
        if (holder?.createdBy === flow.flowId) return { type: 'created', entryId: holder.entryId }
        if (!replacesIgnored || holder?.ignored !== true) return { type: 'taken' }
        replaced = checkEntry(holder)
      }
    }
  }

  #announceNew(entry: EntryRecord, replaced: EntryRecord | null): void {
    const { events } = this.#options.core
    const { scope, entryId, domain } = entry
    if (replaced !== null) events.emit('entry_removed', { scope, entryId: replaced.entryId, domain })
    events.emit('entry_added', { scope, entryId, domain })
    this.entry = entry
  }

  /** Saves a new credential of an entry, if nobody has given it another meanwhile. @throws StoreError */
  async update(proven: EntryUpdate): Promise<UpdateEntryResult> {
    const { core, compiled } = this.#options
    const { flow } = this
    const stored = await core.store.getEntry(flow.scope, proven.entryId)
    if (stored === undefined) return { type: 'missing' }
    const before = checkEntry(stored)
    if (before.disabled) return { type: 'disabled' }
    if (before.credentialRevision !== proven.entry.credentialRevision) return { type: 'changed' }
    // A newer version of the integration has written it: what this one has proven is not in its form.
    if (before.version > compiled.version) return { type: 'changed' }
    const { data, secrets } = splitStoredValues(compiled, proven.draft.reveal().values as JsonObject)
    const { previous: _, ...rest } = before
    // The entry's own; or the one that it adopts or that takes its place, as the machine has let it pass.
    const { uniqueId } = proven
    const matchKey = await this.#matchKeyAfter(before, data)
    const replaces = flow.source === 'replace'
    const entry = ownEntry({
      ...rest,
      ...(proven.mayRollBack && { previous: previousOf(before) }),
      ...(replaces && { title: liveConnectionOf(proven.connection).title }),
      uniqueId,
      data,
      ...(matchKey !== undefined && { matchKey }),
      ...(proven.settlesProposal && before.proposal != null && { proposal: null }),
      sealed: await sealSecrets(core, { ...before, uniqueId, data }, secrets),
      version: compiled.version,
      revision: before.revision + 1,
      credentialRevision: before.credentialRevision + 1,
      rejectedRevision: null,
      reauth: null,
      migrationError: null,
      // Whoever renews the token that was there is overtaken.
      lease: null,
      expiresAt: liveConnectionOf(proven.connection).expiresAt ?? null,
      updatedAt: core.clock.now(),
    })
    try {
      const end = proven.mayRollBack ? null : proven.end
      await this.write(entry, before.revision, end, replaces ? 'account_replaced' : 'credential_updated')
    } catch (error) {
      if (isConflictOn(error, flow.flowId)) return this.supersede()
      if (error instanceof RevisionConflictError) return { type: 'outdated' }
      if (error instanceof SlotTakenError) return { type: 'taken' }
      throw error
    }
    const { scope, entryId, domain, revision } = entry
    core.events.emit('entry_updated', { scope, entryId, domain, revision })
    core.events.emit('attention_changed', { scope, entryId })
    return { type: 'updated' }
  }

  /** The entry, the flow's end (null while it goes on), the history and the forgiven attempts: one transaction. */
  async write(
    entry: EntryRecord,
    ifRevision: number,
    end: CommitEnd | null,
    kind: AuditKind,
    { ending, replaced }: ParallelFlow = { ending: null, replaced: null },
  ): Promise<void> {
    const { core, principal } = this.#options
    const { flow } = this
    const { scope, entryId, revision } = entry
    const now = core.clock.now()
    const times = { now, expiresAt: now + core.limits.tombstone }
    const next =
      end === null
        ? continuedRecordOf(flow, entry, now)
        : withFollowUp(core, tombstoneOf(flow, { ...end, entryId }, times), principal)
    const told = { scope, at: now, who: principal, flowId: flow.flowId }
    const code = end?.subentry == null ? null : `${end.subentry.type}/${end.subentry.subentryId}`
    const row = audit({ ...told, entryId, kind, code, revision })
    let attempts = this.#options.attempts
    for (;;) {
      try {
        await core.store.apply(scope, [
          ...(replaced === null ? [] : replacing(replaced, told)),
          ...(ending === null
            ? []
            : [{ put: 'flow', record: ending.next, ifRevision: ending.before.revision } as const]),
          { put: 'entry', record: entry, ifRevision },
          { put: 'flow', record: next, ifRevision: flow.revision },
          row,
          ...attempts.clear(),
        ])
        this.entry = entry
        this.flow = next
        this.tombstone = end === null ? null : next
        return
      } catch (error) {
        if (!isConflict(error, 'attempts')) throw error
        attempts = await attempts.reread()
      }
    }
  }

  /** An entry that matches others by other values than before; one that does not keeps what it has. */
  async #matchKeyAfter(before: EntryRecord, data: JsonObject): Promise<string | undefined> {
    const { compiled } = this.#options
    const matchKey = await matchKeyOf(compiled, data)
    return matchKey === (await matchKeyOf(compiled, before.data)) ? before.matchKey : matchKey
  }

  /** Somebody else has moved the flow. */
  supersede(): { readonly type: 'ended' } {
    this.superseded = true
    return { type: 'ended' }
  }
}

/** What an entry holds, to be put back where it does not run with what replaces it. */
function previousOf(entry: EntryRecord): NonNullable<EntryRecord['previous']> {
  const { reauth, rejectedRevision, credentialRevision } = entry
  return {
    why: 'reconfigured',
    ...restorePointOf(entry),
    reauth,
    rejected: rejectedRevision === credentialRevision,
  }
}

const isConflictOn = (error: unknown, flowId: string): boolean =>
  isConflict(error, 'flow') && (error as RevisionConflictError).id === flowId

/** An ignored entry makes room for one that a person wants after all. */
const replacing = (
  replaced: EntryRecord,
  told: Pick<AuditRow, 'scope' | 'at' | 'who' | 'flowId'>,
): readonly Write[] => [
  { remove: 'entry', id: replaced.entryId, ifRevision: replaced.revision },
  audit({ ...told, entryId: replaced.entryId, kind: 'entry_removed', revision: replaced.revision + 1 }),
]

/** What was found, if the flow is a discovery. */
const foundIn = (context: JsonObject): Found | undefined => context.found as Found | undefined
