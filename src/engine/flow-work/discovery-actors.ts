import type { ConfigFlowSource } from '../../../machines/config-flow-types.ts'
import type { FindAccountResult, Found, PublicValues } from '../../../machines/flow-result.ts'
import type { Form } from '../../form.ts'
import type { AuditDetail } from '../../ports/history.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord, FlowRecord } from '../../ports/store.ts'
import { type Compiled, methodOf } from '../integrations/compiled.ts'
import { announcedKeyOf, foundKeyOf } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import { isConflict } from '../lib/conflicts.ts'
import { ENGINE } from '../lib/principals.ts'
import { type AuditKind, audit } from '../records/audit.ts'
import { checkEntry, ownEntry } from '../records/entry-record.ts'
import { movedAddress } from '../records/history-detail.ts'
import { findMatching } from '../records/match-keys.ts'
import { dismissedOf, isSameAddress, pendingOf, withoutProposal } from '../records/proposals.ts'
import type { AccountClaims } from './account-claims.ts'
import type { EntryHost } from './entry-host.ts'
import { isRepairable } from './linked-entry.ts'

/** The account that a discovery or user flow is about: its unique id, discovery key and address. */
export interface ExpectedAccount {
  readonly source: ConfigFlowSource
  readonly found: Found | null
  readonly values: PublicValues
}

const PAGE_SIZE = 500

/** Maximum number of discovery keys that an entry stores. */
const MAX_KEYS = 10

interface DiscoveryActorsOptions {
  readonly core: Core
  readonly host: EntryHost
  readonly compiled: Compiled
  readonly claims: AccountClaims
  readonly flow: FlowRecord
}

/** The actors of a discovery. They compare the account with the existing entries, and update its entry. */
export class DiscoveryActors {
  readonly #options: DiscoveryActorsOptions
  #key: string | null = null

  constructor(options: DiscoveryActorsOptions) {
    this.#options = options
  }

  async find({ source, found, values }: ExpectedAccount): Promise<FindAccountResult> {
    const { core, compiled, flow, claims } = this.#options
    const { scope, domain } = flow
    const { singleInstance, discovery } = compiled.integration
    this.#key = found?.key ?? null
    if (found !== null) {
      const entry = await this.#findLinked(found, values as JsonObject)
      if (entry !== undefined) {
        const { entryId } = entry
        // The announcement does not say where the account of the entry is.
        if (entry.uniqueId !== found.uniqueId && entry.announcedAs === (await keysOf(found)).here)
          return { type: 'known', entryId }
        // Without a unique id, the account that answers at the new address cannot be verified.
        const followed = discovery?.followAddress === true && entry.uniqueId !== null
        const type = this.#compare(entry, values as JsonObject, followed)
        return type === 'moved' ? { type, entryId, followed } : { type, entryId }
      }
      if (await claims.isHeld(flow, found.uniqueId)) return { type: 'held' }
    }
    if (singleInstance !== true) return { type: 'free' }
    // An ignored entry does not block a user from adding the service.
    const query = { domain, limit: 1, ...(source === 'user' && { ignored: false }) }
    const { items } = await core.store.findEntries(scope, query)
    const [only] = items
    // A new sign-in may repair the one entry.
    return only === undefined || isRepairable(source, only)
      ? { type: 'free' }
      : { type: 'only', entryId: only.entryId }
  }

  /**
   * Reacts to a device at its known address: retries an entry that waits for it, and ends another flow of the
   * account.
   */
  async notice(entryId: string): Promise<void> {
    const { host, claims, flow } = this.#options
    host.retryNow(flow.scope, entryId)
    const entry = await this.#update(entryId, async (before) => {
      const known = before.discoveryKeys ?? []
      const discoveryKeys = withKey(known, this.#key)
      return discoveryKeys === known ? null : { kind: null, record: { ...before, discoveryKeys } }
    })
    if (entry !== null) await claims.settle(entry)
  }

  /** Reacts to a device that is back at its known address: as `notice`, and withdraws the open proposal. */
  async withdraw(entryId: string): Promise<void> {
    const { core, flow } = this.#options
    await this.notice(entryId)
    await this.#update(entryId, async (before) => {
      if (pendingOf(before) === null) return null
      // Only a proposal that users have seen has a history.
      const kind = before.proposal?.followed === true ? null : 'proposal_withdrawn'
      return { kind, record: { ...before, ...withoutProposal(before) } }
    })
    core.events.emit('attention_changed', { scope: flow.scope, entryId })
  }

  /** Stores the new address as a proposal. The user must confirm it. */
  async propose(entryId: string, values: JsonObject): Promise<void> {
    const { core, flow } = this.#options
    await this.#update(entryId, async (before) => {
      const open = before.proposal?.dismissed === false ? before.proposal : null
      const since = open === null ? core.clock.now() : open.since
      const proposal = { since, values: this.#confirmable(before, values), dismissed: false }
      // A single history row, even if the address changes again before the user looks at it.
      const kind = open === null ? 'address_proposed' : null
      const record = { ...before, ...withoutProposal(before), proposal, discoveryKeys: this.#keys(before) }
      return { kind, record, ...movedAddress(this.#options.compiled, before, proposal.values) }
    })
    core.events.emit('attention_changed', { scope: flow.scope, entryId })
  }

  /** Keeps the new address for the next time that the connection is lost. Retries an entry that waits for it. */
  async keep(entryId: string, values: JsonObject): Promise<void> {
    const { core, flow, host } = this.#options
    await this.#update(entryId, async (before) => {
      const address = this.#confirmable(before, values)
      const proposal = { since: core.clock.now(), values: address, dismissed: true, followed: true }
      const discoveryKeys = this.#keys(before)
      return { kind: null, record: { ...before, ...withoutProposal(before), proposal, discoveryKeys } }
    })
    core.events.emit('attention_changed', { scope: flow.scope, entryId })
    host.retryNow(flow.scope, entryId)
  }

  /** Returns the entry of the account: by its unique id, by the match key, or by its address if it has no other id. */
  async #findLinked(announced: Found, values: JsonObject): Promise<EntryRecord | undefined> {
    const { core, compiled, flow } = this.#options
    const { scope, domain } = flow
    const { uniqueId, anonymous } = announced
    const found = async (by: { uniqueId: string } | { matchKey: string }) =>
      (await core.store.findEntries(scope, { domain, ...by, limit: 1 })).items[0]
    const linked = (await found({ uniqueId })) ?? (await findMatching({ core, scope, compiled }, values))
    if (linked !== undefined) return linked
    if (anonymous === true) return this.#findFirst((entry) => this.#isAt(entry, values))
    const keys = Object.values(await keysOf(announced))
    // The entry has a key of its match values instead, so no index finds it.
    if (compiled.integration.abortIfEntriesMatch !== undefined)
      return this.#findFirst(({ announcedAs }) => announcedAs !== undefined && keys.includes(announcedAs))
    for (const matchKey of keys) {
      const entry = await found({ matchKey })
      if (entry !== undefined) return entry
    }
    return undefined
  }

  /** Whether an entry has an address. */
  #isAt(entry: EntryRecord, values: JsonObject): boolean {
    const address = this.#confirmable(entry, values)
    const method = methodOf(this.#options.compiled, entry.method)
    return Object.keys(address).length > 0 && isSameAddress(method, address, entry.data)
  }

  /** Returns the first entry with a property. Reads all entries of the integration, because addresses have no index. */
  async #findFirst(has: (entry: EntryRecord) => boolean): Promise<EntryRecord | undefined> {
    const { core, flow } = this.#options
    const { scope, domain } = flow
    let after: string | undefined
    do {
      const query = { domain, ignored: false, limit: PAGE_SIZE, ...(after !== undefined && { after }) }
      const page = await core.store.findEntries(scope, query)
      const entry = page.items.find(has)
      if (entry !== undefined) return entry
      after = page.next ?? undefined
    } while (after !== undefined)
    return undefined
  }

  /** Compares the discovered address with that of the entry, and with its proposal and the dismissed ones. */
  #compare(entry: EntryRecord, values: JsonObject, followed: boolean): 'moved' | 'returned' | 'known' {
    if (entry.disabled) return 'known'
    const method = methodOf(this.#options.compiled, entry.method)
    const address = this.#confirmable(entry, values)
    const isAt = (stored: JsonObject) => isSameAddress(method, address, stored)
    const pending = pendingOf(entry)
    if (isAt(entry.data)) {
      const isOwn = pending !== null && Object.keys(pending).every((field) => Object.hasOwn(address, field))
      return isOwn ? 'returned' : 'known'
    }
    const isPending = pending !== null && (entry.proposal?.followed === true) === followed && isAt(pending)
    return isPending || dismissedOf(entry).some(isAt) ? 'known' : 'moved'
  }

  /** Returns the discovered values that a user can confirm: stored fields that the reconfiguration form shows. */
  #confirmable({ method }: EntryRecord, values: JsonObject): JsonObject {
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

  /**
   * Changes an entry, and repeats the change if another process has changed it. @returns the entry; null if it was
   * removed
   */
  async #update(
    entryId: string,
    next: (before: EntryRecord) => Promise<{
      readonly record: EntryRecord
      readonly kind: AuditKind | null
      readonly detail?: AuditDetail
    } | null>,
  ): Promise<EntryRecord | null> {
    const { core, flow } = this.#options
    const { scope, domain, flowId } = flow
    for (;;) {
      const stored = await core.store.getEntry(scope, entryId)
      if (stored === undefined) return null
      const before = checkEntry(stored)
      const changed = await next(before)
      if (changed === null) return before
      const { kind, detail } = changed
      const at = core.clock.now()
      const revision = before.revision + 1
      const record = ownEntry({ ...changed.record, revision, updatedAt: at })
      const row = { scope, at, who: ENGINE, entryId, flowId, revision }
      try {
        await core.store.apply(scope, [
          { put: 'entry', record, ifRevision: before.revision },
          ...(kind === null ? [] : [audit({ ...row, kind, ...(detail && { detail }) })]),
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

/** Returns the newest keys with the added ones; the same list if all are known. */
export function withKey(known: readonly string[], ...keys: readonly (string | null)[]): readonly string[] {
  const added = keys.filter((key): key is string => key !== null && !known.includes(key))
  return added.length === 0 ? known : [...known, ...new Set(added)].slice(-MAX_KEYS)
}

/** Returns the keys of an announcement: at any address, and only at this one. */
const keysOf = async ({ uniqueId, address = '' }: Found) => ({
  anywhere: foundKeyOf(uniqueId),
  here: await announcedKeyOf(uniqueId, address),
})

/** Returns the key of an account with another unique id than announced, so that the next announcement finds its entry. */
export async function announcedKey(
  { context }: FlowRecord,
  uniqueId: string | null,
): Promise<string | undefined> {
  const found = context.found as Found | undefined
  if (found === undefined || found.anonymous === true || uniqueId === found.uniqueId) return undefined
  const { anywhere, here } = await keysOf(found)
  return uniqueId === null ? anywhere : here
}
