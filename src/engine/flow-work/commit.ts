import type { ConfigFlowSource } from '../../../machines/config-flow-types.ts'
import type { CreateEntryResult, IgnoreCommit, UpdateEntryResult } from '../../../machines/flow-result.ts'
import { mayRepair } from '../../../machines/may-repair.ts'
import { SlotTakenError } from '../../errors.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord, FlowRecord, Write } from '../../ports/store.ts'
import { liveConnectionOf } from '../connections/live-connection.ts'
import { chartOf } from '../flow-state/flow-charts.ts'
import { continuedRecordOf, type OpenFlow, tombstoneOf } from '../flow-state/flow-record.ts'
import { withFollowUp } from '../flow-state/follow-up.ts'
import { withoutSignIn } from '../flow-state/granted-draft.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { splitStoredValues } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import type { HeldLease } from '../kernel/leases.ts'
import { loggedError } from '../lib/redact.ts'
import type { Attempts } from '../login-budget/attempts.ts'
import { type AuditKind, audit } from '../records/audit.ts'
import { checkEntry, newEntry, ownEntry } from '../records/entry-record.ts'
import { versionMisfit } from '../records/entry-versions.ts'
import { replacedAccount } from '../records/history-detail.ts'
import { lostGrants } from '../records/lost-grants.ts'
import { assertUnmatched } from '../records/match-keys.ts'
import { isSameAddress, withoutProposal } from '../records/proposals.ts'
import { nextRefresh } from '../records/refresh-time.ts'
import { beginRemovals } from '../removals/removals.ts'
import { sealSecrets } from '../secrets/vault.ts'
import { type AccountClaims, endingWrite, NOTHING_SETTLED } from './account-claims.ts'
import type {
  CommitEnd,
  EntryUpdate,
  NewEntryCommit,
  NewEntrySave,
  Parallel,
  Written,
} from './commit-writes.ts'
import {
  adoptsTitle,
  announceNew,
  announceUpdate,
  ignoredHolder,
  isConflictOn,
  isOvertaken,
  keyIn,
  matchKeyAfter,
  namedBy,
  previousOf,
  removal,
  renamedRow,
  verifiedAfter,
  withMatchKey,
} from './commit-writes.ts'
import { announcedKey, withKey } from './discovery-actors.ts'
import { formerEntry, linkedEntry } from './linked-entry.ts'
import { withKeptSecrets } from './with-kept-secrets.ts'

/** The options of {@link FlowCommit}. */
export interface FlowCommitOptions {
  readonly core: Core
  readonly compiled: Compiled
  /** The stored record of the flow. */
  readonly flow: FlowRecord
  readonly attempts: Attempts
  readonly principal: string
  /** The lease of the flow. Absent if the flow is not stored yet. */
  readonly lease?: HeldLease
  /** The stored entry of the flow, as read with the claim. */
  readonly stored?: EntryRecord | null
  readonly claims: AccountClaims
}

/**
 * Saves the result of a flow. The entry, the end of the flow, the history and the cleared attempts are one
 * transaction.
 */
export class FlowCommit {
  readonly core: Core
  readonly principal: string
  /** The stored record of the flow; the new one after a commit. */
  flow: FlowRecord
  readonly #options: FlowCommitOptions
  /** The last write: the entry, the flow, and its end. */
  written: Written | null = null
  #read: EntryRecord | null
  /** The entry after the commit. */
  entry: EntryRecord | null = null
  /** The record of the ended flow after the commit. */
  tombstone: FlowRecord | null = null
  /** Whether another process has changed the flow's record, so that this run ends without a result. */
  superseded = false
  /** Whether the answer to a write of the flow's work was lost: the entry and the flow must be read again. */
  isUncertain = false

  constructor(options: FlowCommitOptions) {
    this.core = options.core
    this.principal = options.principal
    this.flow = options.flow
    this.#read = options.stored ?? null
    this.#options = options
  }

  /** Saves a new entry. @throws StoreError */
  async create({ replacesIgnored, end, ...verified }: NewEntryCommit): Promise<CreateEntryResult> {
    const { core, compiled, flow } = this.#options
    const { data, secrets } = splitStoredValues(compiled, verified.draft.reveal().values as JsonObject)
    const live = liveConnectionOf(verified.connection)
    const content = { uniqueId: verified.uniqueId, title: live.title, data, secrets, live }
    const announcedAs = await announcedKey(flow, verified.uniqueId)
    const created = await newEntry(core, { flow, compiled }, content)
    const { entry, otherKeys } = await withMatchKey(this.#options, created, content, announcedAs)
    const former = await formerEntry(core, flow, live.formerUniqueIds)
    const replaces = replacesIgnored && former?.ignored === true
    if (former !== null && !replaces) return this.#takenBy(former, true, false)
    const replaced = former === null ? null : checkEntry(former)
    return this.#saveNew(entry, { end, kind: 'entry_created', replacesIgnored, replaced, otherKeys })
  }

  /** Saves a discovered account as ignored. @throws StoreError */
  async ignore({ end, found: { uniqueId, title: name } }: IgnoreCommit): Promise<CreateEntryResult> {
    const { core, compiled, flow } = this.#options
    const title = name ?? compiled.integration.title
    const created = await newEntry(core, { flow, compiled }, { uniqueId, title, data: {}, secrets: {} })
    // Disabled, so that no process sets it up.
    const entry = ownEntry({ ...created, disabled: true, ignored: true })
    return this.#saveNew(entry, { end, kind: 'entry_ignored', replacesIgnored: false, replaced: null })
  }

  /** Writes a new entry. Ends another flow that holds the account, and removes an ignored entry of it. */
  async #saveNew(
    entry: EntryRecord,
    { end, kind, replacesIgnored, replaced: first, otherKeys = [] }: NewEntrySave,
  ): Promise<CreateEntryResult> {
    const { core, flow, claims } = this.#options
    let replaced = first
    for (;;) {
      const { endings, writes } = await claims.settledBy(flow, entry)
      const keys = [keyIn(flow.context), ...endings.map(({ key }) => key)]
      const discoveryKeys = withKey(replaced?.discoveryKeys ?? [], ...keys)
      const record = discoveryKeys.length === 0 ? entry : ownEntry({ ...entry, discoveryKeys })
      const removed = replaced
      const done = () => {
        for (const ending of endings) claims.announce(ending)
        announceNew(core, record, removed)
        return this.#settle(record)
      }
      try {
        await this.write(record, 0, end, kind, { writes, replaced, otherKeys, done })
        return { type: 'created', entryId: entry.entryId }
      } catch (error) {
        if (isConflictOn(error, flow.flowId)) return this.supersede()
        // The other flow or the ignored entry has changed. Read them again.
        if (isOvertaken(error)) {
          replaced = null
          continue
        }
        if (!(error instanceof SlotTakenError)) throw error
        if (error.slot !== 'identity' && error.slot !== 'exclusive') throw error
        const holder = await core.store.getEntry(flow.scope, error.holder)
        // The other entry was removed.
        if (holder === undefined) continue
        // An earlier commit of this flow may have succeeded although its answer was lost.
        if (holder.createdBy === flow.flowId) return { type: 'created', entryId: holder.entryId }
        const replaces = replacesIgnored && holder.ignored === true && error.slot === 'identity'
        if (!replaces)
          return this.#takenBy(holder, holder.uniqueId === entry.uniqueId, error.slot === 'exclusive')
        replaced = checkEntry(holder)
      }
    }
  }

  /** Returns the entry that has the account, for a flow that may repair it. */
  async #takenBy(holder: EntryRecord, isSame: boolean, isExclusive: boolean): Promise<CreateEntryResult> {
    const { core, compiled, flow } = this.#options
    const { entryId } = holder
    const source = flow.source as ConfigFlowSource
    const linked = isSame ? linkedEntry(core, holder) : null
    const isOnly = isExclusive && compiled.integration.singleInstance === true && !mayRepair(source, linked)
    return isOnly ? { type: 'only', entryId } : { type: 'taken', entryId, linked }
  }

  /** Ends what another process has found while the entry was written. A failure leaves it to its expiry. */
  async #settle(entry: EntryRecord): Promise<void> {
    if (entry.matchKey === undefined) return
    const { core, claims, flow } = this.#options
    try {
      await claims.settle(entry)
    } catch (error) {
      const { scope, entryId, domain } = entry
      const fields = { scope, entryId, domain, flowId: flow.flowId, error: loggedError(error) }
      core.log.warn(fields, 'The discoveries of a linked account could not be ended.')
    }
  }

  /**
   * Saves the verified values of an existing entry, unless its credential has changed since the flow read it. @throws
   * StoreError
   */
  async update(verified: EntryUpdate): Promise<UpdateEntryResult> {
    const { core, compiled, claims } = this.#options
    const { flow } = this
    const stored = await this.entryOf(verified.entryId)
    if (stored === undefined) return { type: 'missing' }
    const before = checkEntry(stored)
    if (before.disabled) return { type: 'disabled' }
    if (verified.repairs && before.reauth === null) return { type: 'repaired' }
    if (before.credentialRevision !== verified.entry.credentialRevision) return { type: 'changed' }
    // A newer version of the integration has migrated the entry. These values belong to the old version.
    const misfit = versionMisfit(compiled, before)
    if (misfit !== null && misfit.version > misfit.supported) return { type: 'changed' }
    const { data, secrets: given } = splitStoredValues(compiled, verified.draft.reveal().values as JsonObject)
    const { previous: _, matchKey: __, ...rest } = before
    // The machine has accepted it: the entry's own unique id, an adopted one, or that of the replacement.
    const { uniqueId } = verified
    const replaces = flow.source === 'replace'
    const secrets = await withKeptSecrets(core, compiled, { before, uniqueId, data, secrets: given })
    const { matchKey, otherKeys } = await matchKeyAfter(core, compiled, before, { ...data, ...secrets })
    const live = liveConnectionOf(verified.connection)
    const entry = ownEntry({
      ...rest,
      ...nextRefresh(core, compiled, before, { ...data, ...secrets }),
      ...(verified.mayRollBack && { previous: previousOf(before) }),
      ...namedBy(live, before, replaces || adoptsTitle(compiled, before, live)),
      uniqueId,
      data,
      ...(matchKey !== undefined && { matchKey }),
      // A new link may have used another method.
      ...(before.method !== undefined && { method: compiled.method }),
      ...(verified.settlesProposal &&
        withoutProposal(before, (address) => replaces || isSameAddress(compiled, address, data))),
      sealed: await sealSecrets(core, { ...before, uniqueId, data }, secrets),
      version: compiled.version,
      ...verifiedAfter(before),
      updatedAt: core.clock.now(),
    })
    const isMoved = uniqueId !== before.uniqueId || matchKey !== before.matchKey
    const { endings, writes } = isMoved ? await claims.settledBy(flow, entry) : NOTHING_SETTLED
    const reauth = verified.repairs ? await claims.endingOfReauth(flow.scope, before.entryId) : null
    const end = verified.mayRollBack ? null : verified.end
    const kind = replaces ? 'account_replaced' : 'credential_updated'
    const code = before.reauth === null ? null : 'repaired'
    const detail = replaces && { detail: replacedAccount(before, entry) }
    const row = { scope: flow.scope, at: entry.updatedAt, who: this.principal, flowId: flow.flowId }
    const removals = lostGrants(core, before, replaces ? null : entry)
    const renamed = replaces ? [] : renamedRow(row, before, entry)
    for (let replaced: EntryRecord | null = null; ; ) {
      const discoveryKeys = withKey(entry.discoveryKeys ?? [], ...(replaced?.discoveryKeys ?? []))
      const record = replaced === null ? entry : ownEntry({ ...entry, discoveryKeys })
      const all = [...writes, ...removals, ...(reauth === null ? [] : [endingWrite(reauth)]), ...renamed]
      const ended = reauth === null ? endings : [...endings, reauth]
      const removed = replaced
      const done = async () => {
        announceUpdate(core, record, removed)
        beginRemovals(core, removals)
        for (const ending of ended) claims.announce(ending)
        if (isMoved) await this.#settle(record)
      }
      try {
        const parallel = { writes: all, replaced, otherKeys, done, code, ...detail }
        await this.write(record, before.revision, end, kind, parallel)
        return { type: 'updated' }
      } catch (error) {
        if (isConflictOn(error, flow.flowId)) return this.supersede()
        // The entry or another flow has changed. Read them again.
        if (isOvertaken(error)) return { type: 'outdated' }
        if (!(error instanceof SlotTakenError)) throw error
        replaced = error.slot === 'identity' ? await ignoredHolder(core, flow.scope, error.holder) : null
        if (replaced !== null) continue
        const keepsItsId = before.uniqueId !== null && live.formerUniqueIds.includes(before.uniqueId)
        // Another entry has the new unique id of the account. The next setup tells the user.
        return keepsItsId && uniqueId !== before.uniqueId
          ? this.update({ ...verified, uniqueId: before.uniqueId })
          : { type: 'taken' }
      }
    }
  }

  /**
   * Writes the entry, the end of the flow (null if it stays open), the history and the cleared attempts in one
   * transaction. Repeats it if the attempts have changed.
   */
  async write(
    entry: EntryRecord,
    ifRevision: number,
    end: CommitEnd | null,
    kind: AuditKind,
    { writes, replaced, otherKeys = [], done, code: change = null, detail }: Parallel,
  ): Promise<void> {
    const { core, compiled, principal } = this.#options
    const { flow } = this
    const { scope, entryId, revision } = entry
    const now = core.clock.now()
    const times = { now, expiresAt: now + core.limits.tombstone }
    const next =
      end === null
        ? continuedRecordOf(withoutSignIn(compiled, flow as OpenFlow), entry, now)
        : withFollowUp(core, tombstoneOf(flow, { ...end, entryId }, times), principal)
    const row = { scope, at: now, who: principal, flowId: flow.flowId }
    const code = end?.subentry == null ? change : `${end.subentry.type}/${end.subentry.subentryId}`
    this.written = { entry, flow: next, end, done }
    await assertUnmatched(core, entry, otherKeys)
    await this.#options.attempts.apply((attempts) => [
      ...(replaced === null ? [] : removal(replaced, row)),
      ...writes,
      { put: 'entry', record: entry, ifRevision },
      ...this.leaseWrites(end !== null),
      { put: 'flow', record: next, ifRevision: flow.revision },
      audit({ ...row, entryId, kind, code, revision, ...(detail && { detail }) }),
      // A sub-entry does not show that the credential of its entry works.
      ...(chartOf(flow).connects ? attempts.clear() : attempts.settle()),
    ])
    await this.saved(this.written)
  }

  /** Records that a write was made, and takes the steps after it. */
  async saved({ entry, flow, end, done }: Written): Promise<void> {
    if (end !== null) this.#options.lease?.forget()
    this.entry = entry
    this.flow = flow
    this.tombstone = end === null ? null : flow
    await done()
  }

  /** Returns an entry: first as it was read with the claim. The write fails if it has changed since. */
  async entryOf(entryId: string): Promise<EntryRecord | undefined> {
    const read = this.#read
    this.#read = null
    return read?.entryId === entryId ? read : this.core.store.getEntry(this.flow.scope, entryId)
  }

  /** Returns the condition that this process still works on the flow. With `ends`, the write ends that. */
  leaseWrites(ends: boolean): readonly Write[] {
    const { lease } = this.#options
    return lease === undefined ? [] : [ends ? lease.end : lease.check]
  }

  /** Ends this run without a result, because another process has changed the flow. */
  supersede(): { readonly type: 'ended' } {
    this.superseded = true
    return { type: 'ended' }
  }
}
