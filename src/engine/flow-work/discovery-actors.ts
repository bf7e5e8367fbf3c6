import type { ConfigFlowSource } from '../../../machines/config-flow-types.ts'
import type { FindAccountResult, PublicValues } from '../../../machines/flow-result.ts'
import type { Form } from '../../form.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord, FlowRecord } from '../../ports/store.ts'
import { type Compiled, methodOf } from '../integrations/compiled.ts'
import { matchKeyOf, normalizedValue } from '../integrations/match-key.ts'
import type { Core } from '../kernel/core.ts'
import { isConflict } from '../lib/conflicts.ts'
import { ENGINE } from '../lib/principals.ts'
import { type AuditKind, audit } from '../records/audit.ts'
import { checkEntry, ownEntry } from '../records/entry-record.ts'
import { openSecrets, sealSecrets } from '../secrets/vault.ts'
import type { AccountClaims } from './account-claims.ts'
import type { EntryHost } from './entry-host.ts'

/** What a flow looks for: who was found, under which key, and where. */
export interface ExpectedAccount {
  readonly source: ConfigFlowSource
  readonly found: { readonly uniqueId: string; readonly key: string | null } | null
  readonly values: PublicValues
}

/** How many keys of discoveries an entry remembers. */
const KEYS = 10

interface AccountWorkOptions {
  readonly core: Core
  readonly host: EntryHost
  readonly compiled: Compiled
  readonly claims: AccountClaims
  readonly flow: FlowRecord
}

/** What a discovery does about the account that was found, where it is linked already. */
export class DiscoveryActors {
  readonly #options: AccountWorkOptions
  #key: string | null = null

  constructor(options: AccountWorkOptions) {
    this.#options = options
  }

  async find({ source, found, values }: ExpectedAccount): Promise<FindAccountResult> {
    const { core, compiled, flow, claims } = this.#options
    const { scope, domain } = flow
    const { singleInstance, discovery } = compiled.integration
    this.#key = found?.key ?? null
    if (found !== null) {
      const entry = await this.#linked(found.uniqueId, values as JsonObject)
      if (entry !== undefined) {
        const { entryId } = entry
        const followed = discovery?.followAddress === true
        const moved = this.#hasMoved(entry, values as JsonObject, followed)
        return moved ? { type: 'moved', entryId, followed } : { type: 'known', entryId }
      }
      if (await claims.isHeld(flow, found.uniqueId)) return { type: 'held' }
    }
    if (singleInstance !== true) return { type: 'free' }
    // What a person ignores stands in nobody's way but a finder's.
    const query = { domain, limit: 1, ...(source === 'user' && { ignored: false }) }
    const { items } = await core.store.findEntries(scope, query)
    return items.length > 0 ? { type: 'only' } : { type: 'free' }
  }

  /** An entry that waits for its device is tried at once; a flow that was left open beside it ends. */
  async notice(entryId: string): Promise<void> {
    const { host, claims, flow } = this.#options
    host.retryNow(flow.scope, entryId)
    const entry = await this.#rewrite(entryId, async (before) => {
      const known = before.discoveryKeys ?? []
      const discoveryKeys = withKey(known, this.#key)
      return discoveryKeys === known ? null : { kind: null, record: { ...before, discoveryKeys } }
    })
    if (entry?.uniqueId != null) await claims.end(flow, entry.uniqueId)
  }

  /** Keeps the new address apart from the entry's own until a person confirms it. */
  async propose(entryId: string, values: JsonObject): Promise<void> {
    const { core, flow } = this.#options
    await this.#rewrite(entryId, async (before) => {
      const isOpen = before.proposal?.dismissed === false
      const since = isOpen ? before.proposal.since : core.clock.now()
      const proposal = { since, values: this.#shown(before, values), dismissed: false }
      // One line of history, however often the address changes before somebody looks.
      const kind = isOpen ? null : 'address_proposed'
      return { kind, record: { ...before, proposal, discoveryKeys: this.#keys(before) } }
    })
    core.events.emit('attention_changed', { scope: flow.scope, entryId })
  }

  /** Moves the entry to the new address, and connects it there. */
  async follow(entryId: string, values: JsonObject): Promise<void> {
    const { core, compiled, host } = this.#options
    const entry = await this.#rewrite(entryId, async (before) => {
      const data = { ...before.data, ...this.#shown(before, values) }
      const matchKey = await matchKeyOf(compiled, data)
      const credentialRevision = before.credentialRevision + 1
      const isRejected = before.rejectedRevision === before.credentialRevision
      const record = {
        ...before,
        data,
        sealed: await sealSecrets(core, { ...before, data }, await openSecrets(core, before)),
        credentialRevision,
        // What was refused stays refused wherever it is sent.
        rejectedRevision: isRejected ? credentialRevision : before.rejectedRevision,
        proposal: null,
        lease: null,
        discoveryKeys: this.#keys(before),
        ...(matchKey !== undefined && { matchKey }),
      }
      return { kind: 'address_followed', record }
    })
    if (entry !== null) await host.reloadStored(entry)
  }

  /** The entry of what was found: by its identity, or by the values by which entries match. */
  async #linked(uniqueId: string, values: JsonObject): Promise<EntryRecord | undefined> {
    const { core, compiled, flow } = this.#options
    const { scope, domain } = flow
    const { items } = await core.store.findEntries(scope, { domain, uniqueId, limit: 1 })
    const { abortIfEntriesMatch } = compiled.integration
    if (items[0] !== undefined || abortIfEntriesMatch === undefined) return items[0]
    const matchKey = (await matchKeyOf(compiled, values)) as string
    return (await core.store.findEntries(scope, { domain, matchKey, limit: 1 })).items[0]
  }

  /** Whether it is elsewhere now, and nobody has been told so yet. */
  #hasMoved(entry: EntryRecord, values: JsonObject, followed: boolean): boolean {
    if (entry.disabled) return false
    const way = methodOf(this.#options.compiled, entry.method)
    const differs = (kept: JsonObject) =>
      Object.entries(this.#shown(entry, values)).some(
        ([field, value]) => normalizedValue(way, field, value) !== normalizedValue(way, field, kept[field]),
      )
    const isTold = !followed && entry.proposal != null && !differs(entry.proposal.values)
    return differs(entry.data) && !isTold
  }

  /** What a person could confirm: the fields that are kept, and that a reconfiguration of the entry shows. */
  #shown({ method }: EntryRecord, values: JsonObject): JsonObject {
    const { steps, storedForm } = methodOf(this.#options.compiled, method)
    const { order } = steps.get('reconfigure') as Form
    const shown = Object.entries(values).filter(
      ([field]) => order.includes(field) && storedForm.order.includes(field),
    )
    return Object.fromEntries(shown)
  }

  #keys({ discoveryKeys }: EntryRecord): readonly string[] {
    return withKey(discoveryKeys ?? [], this.#key)
  }

  /** Writes an entry anew, however often somebody else was quicker. @returns it; null where it is gone */
  async #rewrite(
    entryId: string,
    next: (
      before: EntryRecord,
    ) => Promise<{ readonly record: EntryRecord; readonly kind: AuditKind | null } | null>,
  ): Promise<EntryRecord | null> {
    const { core, flow } = this.#options
    const { scope, domain, flowId } = flow
    for (;;) {
      const stored = await core.store.getEntry(scope, entryId)
      if (stored === undefined) return null
      const before = checkEntry(stored)
      const changed = await next(before)
      if (changed === null) return before
      const { kind } = changed
      const at = core.clock.now()
      const revision = before.revision + 1
      const record = ownEntry({ ...changed.record, revision, updatedAt: at })
      const row = { scope, at, who: ENGINE, entryId, flowId, revision }
      try {
        await core.store.apply(scope, [
          { put: 'entry', record, ifRevision: before.revision },
          ...(kind === null ? [] : [audit({ ...row, kind })]),
        ])
      } catch (error) {
        if (isConflict(error, 'entry')) continue
        throw error
      }
      core.events.emit('entry_updated', { scope, entryId, domain, revision })
      return record
    }
  }
}

/** The newest keys, with those that are new; the same list where none is. */
export function withKey(known: readonly string[], ...keys: readonly (string | null)[]): readonly string[] {
  const added = keys.filter((key): key is string => key !== null && !known.includes(key))
  return added.length === 0 ? known : [...known, ...new Set(added)].slice(-KEYS)
}
