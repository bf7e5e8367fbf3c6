import type { EntryRecord } from '../../ports/store.ts'
import type { AttentionItem } from '../api/entries.ts'
import type { Core } from '../kernel/core.ts'
import { isReadable } from '../records/entry-record.ts'
import type { Entries } from './entries.ts'
import type { EntryRun } from './entry-run.ts'

const PAGE = 500

/** The reasons that are not stored. */
const failures = ['wrong_account', 'setup_error', 'newer_version', 'pending_expiration'] as const

/** Whether an entry could not be set up in this process, and trying again will not help. */
const failed = ({ state }: EntryRun): boolean => state === 'setup_error' || state === 'migration_error'

/** The proposed address of an entry, until a user decides. */
function proposalOf({ data, proposal }: EntryRecord): NonNullable<AttentionItem['proposal']> | null {
  if (proposal?.dismissed !== false) return null
  const { since, values } = proposal
  const before = Object.keys(values).flatMap((field) => {
    const value = Object.hasOwn(data, field) ? data[field] : undefined
    return value === undefined ? [] : [[field, value] as const]
  })
  return { since, before: Object.fromEntries(before), values }
}

/**
 * The attention list: entries with a stored reason, and those that could not be set up in this process. An entry that
 * is disabled needs no attention until it is enabled.
 */
export class Attention {
  readonly #core: Core
  readonly #entries: Entries
  /** Rows that could not be read when the entries were set up. */
  readonly #unreadable = new Map<string, Set<string>>()

  constructor(core: Core, entries: Entries) {
    this.#core = core
    this.#entries = entries
  }

  markUnreadable(scope: string, entryId: string): void {
    const known = this.#unreadable.get(scope) ?? new Set()
    this.#unreadable.set(scope, known.add(entryId))
    this.#core.log.error('The row of an entry cannot be read.', { scope, entryId })
    this.#core.events.emit('attention_changed', { scope, entryId })
  }

  async list(scope: string): Promise<readonly AttentionItem[]> {
    const items = new Map<string, AttentionItem>()
    for (const entryId of this.#unreadable.get(scope) ?? []) {
      items.set(entryId, this.#damaged(scope, entryId))
    }
    let after: string | undefined
    do {
      const query = { needs: true, limit: PAGE, ...(after !== undefined && { after }) }
      const page = await this.#core.store.findEntries(scope, query)
      for (const entryId of page.unreadable) items.set(entryId, this.#damaged(scope, entryId))
      for (const entry of page.items) {
        if (entry.disabled) continue
        items.set(entry.entryId, await this.#ofEntry(entry, this.#failureOf(entry)))
      }
      after = page.next ?? undefined
    } while (after !== undefined)
    for (const run of this.#entries.runs()) {
      if (run.scope !== scope || items.has(run.entryId) || !failed(run)) continue
      const entry = await this.#core.store.getEntry(scope, run.entryId)
      if (entry?.disabled === false) items.set(run.entryId, await this.#ofEntry(entry, run.reason))
    }
    for (const { entryId } of await this.#core.store.findExpiring(scope, 0, this.#noticeUntil)) {
      const entry = items.has(entryId) ? undefined : await this.#core.store.getEntry(scope, entryId)
      if (entry !== undefined && this.#endsSoon(entry))
        items.set(entryId, await this.#ofEntry(entry, 'pending_expiration'))
    }
    return [...items.values()]
  }

  /** The line of one entry, if it has one. */
  async get(scope: string, entryId: string): Promise<AttentionItem | null> {
    if (this.#unreadable.get(scope)?.has(entryId)) return this.#damaged(scope, entryId)
    const entry = await this.#core.store.getEntry(scope, entryId)
    if (entry === undefined || entry.disabled) return null
    const failure = this.#failureOf(entry)
    const needs = entry.reauth !== null || entry.migrationError !== null || failure !== null
    return needs || entry.proposal?.dismissed === false ? this.#ofEntry(entry, failure) : null
  }

  get #noticeUntil(): number {
    return this.#core.clock.now() + this.#core.limits.expiryNotice
  }

  /** Whether the credential of a loaded entry expires soon. */
  #endsSoon({ expiresAt, disabled }: EntryRecord): boolean {
    return expiresAt != null && expiresAt <= this.#noticeUntil && !disabled
  }

  /** Returns the reason why an entry could not be set up in this process, or that its credential expires soon; else null. */
  #failureOf(entry: EntryRecord): string | null {
    const run = this.#entries.running(entry.scope, entry.entryId)
    if (run !== undefined && failed(run)) return run.reason
    return this.#endsSoon(entry) && entry.migrationError === null ? 'pending_expiration' : null
  }

  async #ofEntry(entry: EntryRecord, failure: string | null): Promise<AttentionItem> {
    const { scope, entryId, domain, title, reauth } = entry
    // An unreadable row affects only its own item.
    if (!isReadable(entry)) return this.#damaged(scope, entryId)
    const { items } = await this.#core.store.findFlows(scope, { entryId, edits: true, open: true, limit: 1 })
    const proposal = proposalOf(entry)
    // An expiry matters less than a reason that needs a user now.
    const worst = failure === 'pending_expiration' && proposal !== null ? null : failure
    const reason =
      reauth?.reason ??
      failures.find((known) => known === worst) ??
      (worst === null && entry.migrationError === null ? 'address_changed' : 'migration_error')
    return this.#core.languages.localizer.attention({
      scope,
      entryId,
      domain,
      title,
      reason,
      since: reauth?.since ?? (reason === 'address_changed' && proposal !== null ? proposal.since : null),
      flowId: items[0]?.flowId ?? null,
      ...(proposal !== null && { proposal }),
    })
  }

  #damaged(scope: string, entryId: string): AttentionItem {
    const item = { scope, entryId, reason: 'unreadable', since: null, flowId: null } as const
    return this.#core.languages.localizer.attention(item)
  }
}
