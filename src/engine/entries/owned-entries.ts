import { UnknownEntryError, UnreadableRecordError } from '../../errors.ts'
import type { EntryName, EntryRecord } from '../../ports/store.ts'
import type { Core } from '../kernel/core.ts'
import type { HeldLease } from '../kernel/leases.ts'
import { concurrently } from '../lib/concurrently.ts'
import { loggedError } from '../lib/redact.ts'
import type { EntryRun } from './entry-run.ts'

/** The time between two looks for entries without an owner, in milliseconds. */
const EVERY = 2_000

/** A process takes at most this many entries at once, so that several processes share them. */
const AT_ONCE = 32

/** The functions of `Entries` that this file needs. */
interface OwnableEntries {
  read(scope: string, entryId: string): Promise<EntryRecord>
  running(scope: string, entryId: string): EntryRun | undefined
  runOf(entry: EntryRecord): EntryRun
  serially<Result>(scope: string, entryId: string, work: () => Promise<Result>): Promise<Result>
  readonly idle: { forget(run: EntryRun): void; leave(run: EntryRun): void }
}

/**
 * The entries that this process keeps connected, because their integrations receive pushes or poll. A lease of each entry
 * ensures that no other process does the same.
 */
export class OwnedEntries {
  readonly #core: Core
  readonly #entries: OwnableEntries
  readonly #domains: readonly string[]
  readonly #owned = new Map<string, HeldLease>()
  readonly #connecting = new Set<Promise<void>>()
  #timer: unknown = null

  constructor(core: Core, entries: OwnableEntries) {
    this.#core = core
    this.#entries = entries
    const stay = [...core.integrations.values()].filter(
      ({ integration }) => integration.stayConnected === true,
    )
    this.#domains = core.lazy ? stay.map(({ domain }) => domain) : []
  }

  has(scope: string, entryId: string): boolean {
    return this.#owned.has(keyOf({ scope, entryId }))
  }

  /** Connects entries without an owner, and looks for others at an interval. */
  async start(): Promise<void> {
    if (this.#domains.length === 0 || this.#timer !== null) return
    await this.#look()
    this.#lookLater()
    await Promise.all(this.#connecting)
  }

  /** Ends the looks. The entries stay connected until they are unloaded. */
  stop(): void {
    this.#core.clock.clearTimeout(this.#timer)
  }

  /** Claims an entry whose integration must stay connected. Returns whether this process owns it now. */
  async claim({ scope, entryId, domain }: EntryName & { readonly domain: string }): Promise<boolean> {
    if (!this.#domains.includes(domain) || this.#timer === null) return false
    return this.#claim({ scope, entryId })
  }

  /** Forgets a removed entry. */
  forget(scope: string, entryId: string): void {
    const lease = this.#owned.get(keyOf({ scope, entryId }))
    this.#owned.delete(keyOf({ scope, entryId }))
    void lease?.release()
  }

  #lookLater(): void {
    const { clock, lifetime } = this.#core
    if (lifetime.ended) return
    this.#timer = clock.setTimeout(() => void this.#look().then(() => this.#lookLater()), EVERY)
  }

  async #look(): Promise<void> {
    try {
      await this.#takeUnowned()
    } catch (error) {
      this.#warn(error)
    }
  }

  async #takeUnowned(): Promise<void> {
    const { store, clock, lifetime } = this.#core
    const unowned = await store.findUnowned(this.#domains, clock.now(), AT_ONCE)
    await concurrently(AT_ONCE, unowned, async (name) => {
      if (lifetime.ended || !(await this.#claim(name))) return
      // Not awaited: a service that does not answer must not delay the others.
      const connecting = this.#connect(name).finally(() => this.#connecting.delete(connecting))
      this.#connecting.add(connecting)
    })
  }

  async #claim(name: EntryName): Promise<boolean> {
    const { scope, entryId } = name
    const lease = await this.#core.leases.claim({ scope, kind: 'connection', id: entryId })
    if (lease === null) return false
    lease.onLost = () => this.#lose(name, lease)
    this.#owned.set(keyOf(name), lease)
    const run = this.#entries.running(scope, entryId)
    if (run?.send({ type: 'keepConnected' }) === true) this.#entries.idle.forget(run)
    return true
  }

  async #connect({ scope, entryId }: EntryName): Promise<void> {
    try {
      const entry = await this.#entries.read(scope, entryId)
      const run = this.#entries.runOf(entry)
      await this.#entries.serially(scope, entryId, async () => {
        if (entry.disabled) run.send({ type: 'disable' })
        else if (run.state === 'not_loaded' && run.send({ type: 'setup' })) await run.settled()
      })
    } catch (error) {
      // It is in the attention list. Its lease remains, so that no process tries it in each look.
      if (error instanceof UnreadableRecordError) return
      this.forget(scope, entryId)
      if (!(error instanceof UnknownEntryError)) this.#warn(error, { scope, entryId })
    }
  }

  /** Leaves an entry to another process. Calls in progress keep their connection until they end. */
  #lose({ scope, entryId }: EntryName, lease: HeldLease): void {
    // It was claimed again after it had lapsed.
    if (this.#owned.get(keyOf({ scope, entryId })) !== lease) return
    this.#owned.delete(keyOf({ scope, entryId }))
    const run = this.#entries.running(scope, entryId)
    if (run?.send({ type: 'connectForCalls' }) === true) this.#entries.idle.leave(run)
  }

  #warn(error: unknown, fields: Partial<EntryName> = {}): void {
    if (this.#core.lifetime.ended) return
    this.#core.log.warn(
      { ...fields, error: loggedError(error) },
      'An entry that must stay connected could not be claimed.',
    )
  }
}

const keyOf = ({ scope, entryId }: EntryName): string => `${scope}\n${entryId}`
