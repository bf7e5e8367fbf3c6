import { UnreadableRecordError } from '../../errors.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { AttentionItem, AttentionPage } from '../api/entries.ts'
import type { Core } from '../kernel/core.ts'
import { addressOf } from '../records/address-of.ts'
import { isReadable } from '../records/entry-record.ts'
import { ClientRefusals } from '../tokens/client-refusals.ts'
import { offReceivers } from '../webhooks/off-receivers.ts'
import type { Entries } from './entries.ts'
import { misfitOf } from './stored-state.ts'

const PAGE_SIZE = 500
/** The number of entries that this process could not set up and that are counted. */
const MAX_UNSTORED = 100

/** Reasons other than those of a reauthentication, of a migration and of a proposed address. */
const failures = [
  'wrong_account',
  'setup_error',
  'integration_missing',
  'newer_version',
  'refresh_failed',
  'identity_taken',
  'pending_expiration',
] as const

/** Reasons of entries that run. */
const minor: ReadonlySet<string> = new Set(['identity_taken', 'pending_expiration'])

/** Whether an enabled entry is in the list, with the reason of a failure or null. */
const needsUser = ({ reauth, migrationError, proposal }: EntryRecord, failure: string | null): boolean =>
  reauth !== null || migrationError !== null || failure !== null || proposal?.dismissed === false

/** Returns since when a token refresh has failed, and the user must know of it; null otherwise. */
const overdueSince = ({ refreshFailure }: EntryRecord): number | null =>
  refreshFailure?.overdue === true ? refreshFailure.since : null

/** Returns the proposed address of an entry with the current values; null without an open proposal. */
function proposalOf({ data, proposal }: EntryRecord): NonNullable<AttentionItem['proposal']> | null {
  if (proposal?.dismissed !== false) return null
  const { since, values } = proposal
  const before = Object.keys(values).flatMap((field) => {
    const value = Object.hasOwn(data, field) ? data[field] : undefined
    return value === undefined ? [] : [[field, value] as const]
  })
  return { since, before: Object.fromEntries(before), values }
}

/** Returns since when an entry needs attention for a reason that is not a reauthentication; null if unknown. */
function sinceOf(entry: EntryRecord, reason: AttentionItem['reason']): number | null {
  if (reason === 'refresh_failed') return overdueSince(entry)
  if (reason === entry.setupFailure?.reason) return entry.setupFailure.since
  const proposal = proposalOf(entry)
  return reason === 'address_changed' && proposal !== null ? proposal.since : null
}

/** The attention list: the entries that need the user according to the store. Disabled entries need no attention. */
export class Attention {
  readonly #core: Core
  readonly #entries: Entries
  readonly #refusals: ClientRefusals

  constructor(core: Core, entries: Entries) {
    this.#core = core
    this.#entries = entries
    this.#refusals = new ClientRefusals(core)
  }

  /** Lists all items, read page by page. */
  async list(scope: string): Promise<readonly AttentionItem[]> {
    const items = new Map<string, AttentionItem>()
    for (let after: string | null | undefined; after !== null; ) {
      const page = await this.page(scope, { limit: PAGE_SIZE, ...(after !== undefined && { after }) })
      for (const item of page.items) items.set(item.entryId ?? `${item.domain} ${item.webhookId}`, item)
      after = page.next
    }
    return [...items.values()]
  }

  /**
   * Lists a page of items. The first page also has the items of integrations and webhooks, and those of at most `limit` entries that
   * this process could not read, and as many that it could not set up for lack of their integration.
   */
  async page(
    scope: string,
    { after, limit }: { readonly after?: string; readonly limit: number },
  ): Promise<AttentionPage> {
    const items = new Map<string, AttentionItem>()
    const query = { expiringUntil: this.#noticeUntil, limit, ...(after !== undefined && { after }) }
    const page = await this.#core.store.findAttention(scope, query)
    for (const entryId of page.unreadable) items.set(entryId, this.#damaged(scope, entryId))
    for (const { entry, editFlowId } of page.items) {
      if (entry.disabled) continue
      const failure = await this.#failureOf(entry)
      if (needsUser(entry, failure)) items.set(entry.entryId, await this.#itemOf(entry, failure, editFlowId))
    }
    if (after !== undefined) return { items: [...items.values()], next: page.next }
    for (const entryId of [...(this.#entries.unreadable.get(scope) ?? [])].slice(0, limit))
      if (await this.#isUnreadable(scope, entryId)) items.set(entryId, this.#damaged(scope, entryId))
    for (const entryId of [...(this.#entries.misfits.get(scope) ?? [])].slice(0, limit)) {
      const item = items.has(entryId) ? null : await this.#misfitItem(scope, entryId)
      if (item !== null) items.set(entryId, item)
    }
    const others = [...(await this.#clientItems(scope)), ...(await this.#webhookItems(scope))]
    return { items: [...items.values(), ...others], next: page.next }
  }

  /** Returns the entries of a page of the list, without damaged ones. */
  async entries(
    scope: string,
    { after, limit }: { readonly after?: string; readonly limit: number },
  ): Promise<{ readonly entries: readonly EntryRecord[]; readonly next: string | null }> {
    const query = { expiringUntil: this.#noticeUntil, limit, ...(after !== undefined && { after }) }
    const page = await this.#core.store.findAttention(scope, query)
    const entries: EntryRecord[] = []
    for (const { entry } of page.items) {
      if (entry.disabled || !isReadable(entry)) continue
      if (needsUser(entry, await this.#failureOf(entry))) entries.push(entry)
    }
    if (after === undefined) entries.push(...(await this.#unstored(scope, limit)))
    return { entries, next: page.next }
  }

  /** Counts entries that need attention for a reason that only this process knows, at most 100. */
  async countUnstored(scope: string): Promise<number> {
    return (await this.#unstored(scope, MAX_UNSTORED)).length
  }

  /** Returns entries that this process could not set up for lack of their integration, if they need attention for no stored reason. */
  async #unstored(scope: string, limit: number): Promise<readonly EntryRecord[]> {
    const ids = [...(this.#entries.misfits.get(scope) ?? [])].slice(0, limit)
    const found = await this.#entries.readSome(scope, ids)
    return found.filter((entry) => this.#isUnstored(entry))
  }

  #isUnstored(entry: EntryRecord): boolean {
    const { disabled, refreshFailure, setupFailure, identityHeldBy } = entry
    return (
      !disabled &&
      misfitOf(this.#core, entry) !== null &&
      !needsUser(entry, null) &&
      refreshFailure?.overdue !== true &&
      setupFailure?.retryAt !== null &&
      identityHeldBy == null
    )
  }

  /** Returns the attention item of an entry; null if it needs none. */
  async get(scope: string, entryId: string): Promise<AttentionItem | null> {
    if (await this.#isUnreadable(scope, entryId)) return this.#damaged(scope, entryId)
    const entry = await this.#core.store.getEntry(scope, entryId)
    if (entry === undefined || entry.disabled) return null
    const failure = await this.#failureOf(entry)
    return needsUser(entry, failure) ? this.#itemOf(entry, failure, await this.#editFlowOf(entry)) : null
  }

  async #editFlowOf({ scope, entryId }: EntryRecord): Promise<string | null> {
    const { items } = await this.#core.store.findFlows(scope, { entryId, edits: true, open: true, limit: 1 })
    return items[0]?.flowId ?? null
  }

  /** Returns the item of an entry that this process could not set up; null if it can now, or if it was removed. */
  async #misfitItem(scope: string, entryId: string): Promise<AttentionItem | null> {
    const entry = await this.#core.store.getEntry(scope, entryId)
    if (entry !== undefined && misfitOf(this.#core, entry) !== null)
      return entry.disabled
        ? null
        : this.#itemOf(entry, await this.#failureOf(entry), await this.#editFlowOf(entry))
    this.#entries.misfits.get(scope)?.delete(entryId)
    return null
  }

  /** Whether the content of an entry cannot be read. It may have been removed or restored since it was noticed. */
  async #isUnreadable(scope: string, entryId: string): Promise<boolean> {
    try {
      const entry = await this.#core.store.getEntry(scope, entryId)
      if (entry !== undefined && !isReadable(entry)) return true
    } catch (error) {
      if (!(error instanceof UnreadableRecordError)) throw error
      return true
    }
    this.#entries.unreadable.get(scope)?.delete(entryId)
    return false
  }

  /** Returns the item of an integration whose service refuses the host's application; null if it accepts it. */
  async ofClient(scope: string, domain: string): Promise<AttentionItem | null> {
    return (await this.#clientItems(scope)).find((item) => item.domain === domain) ?? null
  }

  /** Returns the item of a webhook that was turned off because its deliveries failed; null if it was not. */
  async ofWebhook(scope: string, webhookId: string): Promise<AttentionItem | null> {
    return (await this.#webhookItems(scope)).find((item) => item.webhookId === webhookId) ?? null
  }

  async #webhookItems(scope: string): Promise<readonly AttentionItem[]> {
    const { languages } = this.#core
    return (await offReceivers(this.#core, scope)).map((item) => languages.localizer.attention(item))
  }

  async #clientItems(scope: string): Promise<readonly AttentionItem[]> {
    const items: AttentionItem[] = []
    for (const { domain, since } of await this.#refusals.list(scope)) {
      const { items: linked } = await this.#core.store.findEntries(scope, { domain, limit: 1 })
      // After the last entry was removed, no refresh shows that the service accepts the application again.
      if (linked.length === 0) continue
      const title = this.#core.integrations.get(domain)?.integration.title ?? domain
      const item = {
        scope,
        entryId: null,
        domain,
        title,
        reason: 'client_refused',
        since,
        flowId: null,
      } as const
      items.push(this.#core.languages.localizer.attention(item))
    }
    return items
  }

  get #noticeUntil(): number {
    return this.#core.clock.now() + this.#core.limits.expiryNotice
  }

  /** Whether the credential of an enabled entry expires soon. */
  #expiresSoon({ expiresAt, disabled }: EntryRecord): boolean {
    return expiresAt != null && expiresAt <= this.#noticeUntil && !disabled
  }

  /** Returns the reason of a failed setup, or that the credential expires soon; null if neither applies. */
  async #failureOf(entry: EntryRecord): Promise<string | null> {
    const { reason, retryAt } = entry.setupFailure ?? { reason: null, retryAt: 0 }
    const failure =
      (this.#isMisfit(entry) ? misfitOf(this.#core, entry) : null) ?? (retryAt === null ? reason : null)
    if (failure !== null) return failure
    if (overdueSince(entry) !== null && entry.migrationError === null) return 'refresh_failed'
    if (await this.#hasTakenIdentity(entry)) return 'identity_taken'
    return this.#expiresSoon(entry) && entry.migrationError === null ? 'pending_expiration' : null
  }

  /** Whether this process could not set up an entry whose integration it does not have, or not in this version. */
  #isMisfit({ scope, entryId }: EntryRecord): boolean {
    return this.#entries.misfits.get(scope)?.has(entryId) === true
  }

  async #itemOf(entry: EntryRecord, failure: string | null, flowId: string | null): Promise<AttentionItem> {
    const { scope, entryId, domain, title, reauth, expiresAt, method } = entry
    // A damaged row affects only its own item.
    if (!isReadable(entry)) return this.#damaged(scope, entryId)
    const address = entry.address ?? addressOf(this.#core.integrations.get(domain), entry.data)
    const proposal = proposalOf(entry)
    // A proposal is more urgent than an entry that runs, or a credential that expires soon.
    const worst = failure !== null && minor.has(failure) && proposal !== null ? null : failure
    const reason =
      // No flow helps without the integration.
      (worst === 'integration_missing' ? worst : reauth?.reason) ??
      failures.find((known) => known === worst) ??
      (worst === null && entry.migrationError === null ? 'address_changed' : 'migration_error')
    return this.#core.languages.localizer.attention({
      scope,
      entryId,
      domain,
      title,
      ...(address !== undefined && { address }),
      ...(method !== undefined && { method }),
      reason,
      since: reauth?.since ?? sinceOf(entry, reason),
      flowId,
      ...(reauth?.message !== undefined && { message: reauth.message }),
      ...(reason === entry.setupFailure?.reason && entry.setupFailure.explained),
      ...(reason === 'migration_error' && entry.migrationPath != null && { path: entry.migrationPath }),
      ...(proposal !== null && { proposal }),
      ...(reason === 'pending_expiration' && expiresAt != null && { expiresAt }),
      ...(reason === 'identity_taken' && { other: await this.#otherOf(entry) }),
    })
  }

  /** Whether another entry has the identity of this one. After its removal, the next setup takes the identity. */
  async #hasTakenIdentity({ scope, identityHeldBy: other }: EntryRecord): Promise<boolean> {
    return other != null && (await this.#core.store.getEntry(scope, other)) !== undefined
  }

  /** Returns the entry that has the identity of another one. */
  async #otherOf({ scope, identityHeldBy }: EntryRecord): Promise<NonNullable<AttentionItem['other']>> {
    const entryId = String(identityHeldBy)
    return { entryId, title: String((await this.#core.store.getEntry(scope, entryId))?.title) }
  }

  #damaged(scope: string, entryId: string): AttentionItem {
    const item = { scope, entryId, reason: 'unreadable', since: null, flowId: null } as const
    return this.#core.languages.localizer.attention(item)
  }
}
