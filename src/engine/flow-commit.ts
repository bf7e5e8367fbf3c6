import type { CreateEntryResult, FlowEntry, Proven, UpdateEntryResult } from '../../machines/flow-result.ts'
import { RevisionConflictError, SlotTakenError } from '../errors.ts'
import type { JsonObject } from '../ports/json.ts'
import type { EntryRecord, FlowRecord } from '../ports/store.ts'
import type { Attempts } from './attempts.ts'
import { type AuditKind, audit } from './audit.ts'
import type { Compiled } from './compile.ts'
import { isConflict } from './conflict.ts'
import type { Core } from './core.ts'
import { checkEntry, ownEntry } from './entry-record.ts'
import { tombstoneOf } from './flow-record.ts'
import { liveOf } from './live-of.ts'
import { newId } from './new-id.ts'
import { splitValues } from './split-values.ts'
import { sealSecrets } from './vault.ts'

/** What was proven for an entry that exists, and the entry as the flow knew it when it began. */
export type ProvenUpdate = Proven & {
  readonly entryId: string
  readonly entry: FlowEntry
  /** Whether the entry has to prove itself with it: until then what it replaces is kept, and the flow goes on. */
  readonly mayRollBack: boolean
}

export interface FlowCommitOptions {
  readonly core: Core
  readonly compiled: Compiled
  /** The flow's record, as it is stored. */
  readonly flow: FlowRecord
  readonly attempts: Attempts
  readonly principal: string
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
  async create(proven: Proven): Promise<CreateEntryResult> {
    const { core, compiled, flow } = this.#options
    const live = liveOf(proven.connection)
    const now = core.clock.now()
    const { data, secrets } = splitValues(compiled, proven.draft.reveal().values as JsonObject)
    const bound = {
      scope: flow.scope,
      entryId: newId(),
      domain: flow.domain,
      uniqueId: proven.uniqueId,
      data,
    }
    const entry = ownEntry({
      ...bound,
      title: live.title,
      sealed: await sealSecrets(core, bound, secrets),
      options: {},
      version: compiled.version,
      revision: 1,
      credentialRevision: 1,
      rejectedRevision: null,
      reauth: null,
      disabled: false,
      migrationError: null,
      ...(compiled.methods.size > 0 && { method: compiled.method }),
      ...(live.expiresAt != null && { expiresAt: live.expiresAt }),
      createdBy: flow.flowId,
      createdAt: now,
      updatedAt: now,
    })
    try {
      await this.write(entry, 0, proven.end, 'entry_created')
    } catch (error) {
      if (isFlowConflict(error)) return this.supersede()
      if (!(error instanceof SlotTakenError) || error.slot !== 'identity') throw error
      // A commit whose answer was lost has already made this flow's own entry.
      const holder = await core.store.getEntry(flow.scope, error.holder)
      return holder?.createdBy === flow.flowId
        ? { type: 'created', entryId: holder.entryId }
        : { type: 'taken' }
    }
    core.events.emit('entry_added', { scope: entry.scope, entryId: entry.entryId, domain: entry.domain })
    return { type: 'created', entryId: entry.entryId }
  }

  /** Saves a new credential of an entry, if nobody has given it another meanwhile. @throws StoreError */
  async update(proven: ProvenUpdate): Promise<UpdateEntryResult> {
    const { core, compiled } = this.#options
    const { flow } = this
    const stored = await core.store.getEntry(flow.scope, proven.entryId)
    if (stored === undefined) return { type: 'missing' }
    const before = checkEntry(stored)
    if (before.disabled) return { type: 'disabled' }
    if (before.credentialRevision !== proven.entry.credentialRevision) return { type: 'changed' }
    // A newer version of the integration has written it: what this one has proven is not in its form.
    if (before.version > compiled.version) return { type: 'changed' }
    const { data, secrets } = splitValues(compiled, proven.draft.reveal().values as JsonObject)
    const { previous: _, ...rest } = before
    // The entry's own; or the one that it adopts, as the machine has let it pass.
    const { uniqueId } = proven
    const entry = ownEntry({
      ...rest,
      ...(proven.mayRollBack && { previous: previousOf(before) }),
      uniqueId,
      data,
      sealed: await sealSecrets(core, { ...before, uniqueId, data }, secrets),
      version: compiled.version,
      revision: before.revision + 1,
      credentialRevision: before.credentialRevision + 1,
      rejectedRevision: null,
      reauth: null,
      migrationError: null,
      // Whoever renews the token that was there is overtaken.
      lease: null,
      expiresAt: liveOf(proven.connection).expiresAt ?? null,
      updatedAt: core.clock.now(),
    })
    try {
      const end = proven.mayRollBack ? null : proven.end
      await this.write(entry, before.revision, end, 'credential_updated')
    } catch (error) {
      if (isFlowConflict(error)) return this.supersede()
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
    end: Proven['end'] | null,
    kind: AuditKind,
  ): Promise<void> {
    const { core, principal } = this.#options
    const { flow } = this
    const { scope, entryId, revision } = entry
    const now = core.clock.now()
    const times = { now, expiresAt: now + core.limits.tombstone }
    const next =
      end === null
        ? { ...flow, revision: flow.revision + 1, updatedAt: now }
        : tombstoneOf(flow, { ...end, entryId }, times)
    const row = audit({ scope, at: now, who: principal, entryId, flowId: flow.flowId, kind, revision })
    let attempts = this.#options.attempts
    for (;;) {
      try {
        await core.store.apply(scope, [
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

  /** Somebody else has moved the flow. */
  supersede(): { readonly type: 'ended' } {
    this.superseded = true
    return { type: 'ended' }
  }
}

/** What an entry holds, to be put back where it does not run with what replaces it. */
function previousOf(entry: EntryRecord): NonNullable<EntryRecord['previous']> {
  const { version, data, sealed, options, reauth, rejectedRevision, credentialRevision } = entry
  const rejected = rejectedRevision === credentialRevision
  return { why: 'reconfigured', version, data, sealed, options, reauth, rejected }
}

const isFlowConflict = (error: unknown): boolean => isConflict(error, 'flow')
