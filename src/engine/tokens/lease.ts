import type { EntryRecord } from '../../ports/store.ts'
import type { Core } from '../kernel/core.ts'
import { newId } from '../lib/new-id.ts'
import { isLeased, ownEntry } from '../records/entry-record.ts'

/**
 * The exclusive right to refresh the token of an entry, stored in the entry. One process holds it for a limited time.
 */
export class Lease {
  readonly #core: Core
  readonly #entry: { readonly scope: string; readonly entryId: string }
  readonly #holder = newId()
  #until = 0
  #timer: unknown = null

  constructor(core: Core, entry: { readonly scope: string; readonly entryId: string }) {
    this.#core = core
    this.#entry = entry
  }

  /** Whether this process holds the lease. */
  get held(): boolean {
    return this.#core.clock.now() < this.#until
  }

  /** Whether another process holds the lease. */
  isHeldByOther({ lease }: EntryRecord): boolean {
    return lease?.holder !== this.#holder && isLeased(this.#core, lease)
  }

  /** Takes the lease, unless the entry has changed since it was read. @throws RevisionConflictError, StoreError */
  async claim(entry: EntryRecord): Promise<EntryRecord> {
    const until = this.#core.clock.now() + this.#core.limits.refreshLease
    const record = await this.#write(entry, { holder: this.#holder, until })
    this.#until = until
    this.#extendLater()
    return record
  }

  /** Releases the lease, so that other processes need not wait for its end. Ignores errors. */
  async release(): Promise<void> {
    if (!this.forget()) return
    try {
      const entry = await this.#readHeld()
      if (entry !== null) await this.#write(entry, null)
    } catch {
      // The lease expires.
    }
  }

  /** Stops extending the lease, because another write has ended it. Returns whether it was held. */
  forget(): boolean {
    this.#core.clock.clearTimeout(this.#timer)
    const held = this.#until > 0
    this.#until = 0
    return held
  }

  #extendLater(): void {
    this.#timer = this.#core.clock.setTimeout(() => void this.#extend(), this.#core.limits.refreshLease / 3)
  }

  async #extend(): Promise<void> {
    const until = this.#core.clock.now() + this.#core.limits.refreshLease
    try {
      const entry = await this.#readHeld()
      // The lease has expired and another process took it, or a new credential has ended it.
      if (entry === null) {
        this.forget()
        return
      }
      await this.#write(entry, { holder: this.#holder, until })
      if (this.#until > 0) this.#until = until
    } catch {
      // Retried while the lease is held.
    }
    if (this.#until > 0) this.#extendLater()
  }

  async #readHeld(): Promise<EntryRecord | null> {
    const { scope, entryId } = this.#entry
    const entry = await this.#core.store.getEntry(scope, entryId)
    return entry?.lease?.holder === this.#holder ? entry : null
  }

  async #write(entry: EntryRecord, lease: EntryRecord['lease']): Promise<EntryRecord> {
    const record = ownEntry({ ...entry, lease: lease ?? null, revision: entry.revision + 1 })
    await this.#core.store.apply(entry.scope, [{ put: 'entry', record, ifRevision: entry.revision }])
    return record
  }
}
