import type { EntryRecord } from '../../ports/store.ts'
import type { Core } from '../kernel/core.ts'
import { newId } from '../lib/new-id.ts'
import { ownEntry } from '../records/entry-record.ts'

/** The right to refresh the token of one entry, stored in its row: held by one process until it expires. */
export class Lease {
  readonly #core: Core
  readonly #of: { readonly scope: string; readonly entryId: string }
  readonly #holder = newId()
  #until = 0
  #timer: unknown = null

  constructor(core: Core, of: { readonly scope: string; readonly entryId: string }) {
    this.#core = core
    this.#of = of
  }

  /** Whether another process holds it. */
  get held(): boolean {
    return this.#core.clock.now() < this.#until
  }

  isHeldElsewhere({ lease }: EntryRecord): boolean {
    return lease != null && lease.holder !== this.#holder && lease.until > this.#core.clock.now()
  }

  /** Takes it, if the entry is unchanged since it was read. @throws RevisionConflictError, StoreError */
  async claim(entry: EntryRecord): Promise<EntryRecord> {
    const until = this.#core.clock.now() + this.#core.limits.refreshLease
    const record = await this.#write(entry, { holder: this.#holder, until })
    this.#until = until
    this.#renewLater()
    return record
  }

  /** Releases it before it expires. */
  async release(): Promise<void> {
    if (!this.forget()) return
    try {
      const entry = await this.#own()
      if (entry !== null) await this.#write(entry, null)
    } catch {
      // It ends by itself.
    }
  }

  /** Marks it as released by another write. False if it was not held. */
  forget(): boolean {
    this.#core.clock.clearTimeout(this.#timer)
    const held = this.#until > 0
    this.#until = 0
    return held
  }

  #renewLater(): void {
    this.#timer = this.#core.clock.setTimeout(() => void this.#renew(), this.#core.limits.refreshLease / 3)
  }

  async #renew(): Promise<void> {
    const until = this.#core.clock.now() + this.#core.limits.refreshLease
    try {
      const entry = await this.#own()
      // Another process took it after it had expired, or a new credential has ended it.
      if (entry === null) {
        this.forget()
        return
      }
      await this.#write(entry, { holder: this.#holder, until })
      if (this.#until > 0) this.#until = until
    } catch {
      // Another try follows, as long as it is held.
    }
    if (this.#until > 0) this.#renewLater()
  }

  async #own(): Promise<EntryRecord | null> {
    const { scope, entryId } = this.#of
    const entry = await this.#core.store.getEntry(scope, entryId)
    return entry?.lease?.holder === this.#holder ? entry : null
  }

  async #write(entry: EntryRecord, lease: EntryRecord['lease']): Promise<EntryRecord> {
    const record = ownEntry({ ...entry, lease: lease ?? null, revision: entry.revision + 1 })
    await this.#core.store.apply(entry.scope, [{ put: 'entry', record, ifRevision: entry.revision }])
    return record
  }
}
