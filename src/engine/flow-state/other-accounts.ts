import { liveConnectionOf } from '../connections/live-connection.ts'
import type { Core } from '../kernel/core.ts'
import { isLink } from '../lib/principals.ts'
import { loggedError } from '../lib/redact.ts'
import { DRAFT_LIFETIME } from './flow-record.ts'
import { closePendingConnection, type PendingConnection } from './pending-connections.ts'

/** The verified connection of another account than that of the entry, which ended a flow. */
export interface OtherAccount extends PendingConnection {
  readonly scope: string
  readonly entryId: string
  /** The ended flow. */
  readonly flowId: string
  /** The principal that signed in. */
  readonly principal: string
  /** The credential that the entry had. */
  readonly credentialRevision: number
}

/** Names a connection of another account, for the caller that takes it. */
type Wanted = Pick<OtherAccount, 'scope' | 'flowId' | 'principal'> & { readonly entryId: string | null }

interface Kept {
  readonly other: OtherAccount
  readonly until: number
  readonly timer: unknown
  /** Ends the listening for changes by other processes. */
  readonly stop: () => void
}

type Parts = Pick<Core, 'clock' | 'lifetime' | 'events' | 'changes' | 'store' | 'log'>

/**
 * The verified connections of other accounts, kept open in this process for ten minutes, so that a user can switch the
 * entry to that account without a second sign-in. If that becomes impossible, the connection is closed and its grant
 * revoked: after the time, with a change or the end of the entry, with its next flow, when the user closes the result,
 * and at the end of the process.
 */
export class OtherAccounts {
  readonly #core: Parts
  /** By entry. */
  readonly #kept = new Map<string, Kept>()

  constructor(core: Parts) {
    this.#core = core
    const { events } = core
    events.on('entry_removed', (entry) => void this.#release(keyOf(entry)))
    events.on('entry_updated', (entry) => void this.#recheck(keyOf(entry)))
    events.on('other_process_changed', ({ scope, entryIds, reset }) => {
      const keys = reset ? [...this.#kept.keys()] : entryIds.map((entryId) => keyOf({ scope, entryId }))
      for (const key of keys) void this.#recheck(key)
    })
    events.on('flow_started', ({ scope, entryId, source }) => {
      if (entryId !== null && edits.has(source)) void this.#release(keyOf({ scope, entryId }))
    })
  }

  /** Keeps a connection, instead of an earlier one of the same entry. That of a repair link is closed. */
  async keep(other: OtherAccount): Promise<void> {
    await this.#release(keyOf(other))
    if (isLink(other.principal)) await closePendingConnection(other)
    else await this.#hold(other, this.#core.clock.now() + DRAFT_LIFETIME)
  }

  /** Whether a user can continue with the account that ended a flow. */
  has(flow: Omit<Wanted, 'principal'>): boolean {
    return this.#kept.get(keyOf(flow))?.other.flowId === flow.flowId
  }

  /** Passes a connection to its caller, which uses it or puts it back. Null if this process has none. */
  take(wanted: Wanted): TakenAccount | null {
    const key = keyOf(wanted)
    const kept = this.#kept.get(key)
    if (kept?.other.flowId !== wanted.flowId || kept.other.principal !== wanted.principal) return null
    this.#forget(key)
    return { other: kept.other, until: kept.until, isUsed: false }
  }

  /** Closes the connection of a result that its user has closed. */
  async discard(wanted: Wanted): Promise<void> {
    const taken = this.take(wanted)
    if (taken !== null) await closePendingConnection(taken.other)
  }

  /** Keeps a connection again that was taken, unless a flow has used it. */
  async putBack({ other, until, isUsed }: TakenAccount): Promise<void> {
    if (!isUsed) await this.#hold(other, until)
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#kept.keys()].map((key) => this.#release(key)))
  }

  async #hold(other: OtherAccount, until: number): Promise<void> {
    const { clock, changes, lifetime } = this.#core
    const key = keyOf(other)
    if (lifetime.ended || until <= clock.now()) return closePendingConnection(other)
    const timer = clock.setTimeout(() => void this.#release(key), until - clock.now())
    this.#kept.set(key, { other, until, timer, stop: changes.hear(other.scope) })
    // The entry may have changed before it was listened for.
    await this.#recheck(key)
  }

  /** Closes a connection if its entry was removed or disabled, or has another credential. */
  async #recheck(key: string): Promise<void> {
    const kept = this.#kept.get(key)
    if (kept === undefined) return
    const { scope, entryId, credentialRevision } = kept.other
    try {
      const entry = await this.#core.store.getEntry(scope, entryId)
      if (entry?.disabled === false && entry.credentialRevision === credentialRevision) return
    } catch (error) {
      const fields = { scope, entryId, error: loggedError(error) }
      this.#core.log.warn(
        fields,
        'The entry of a kept connection could not be read. The connection is closed.',
      )
    }
    if (this.#kept.get(key) === kept) await this.#release(key)
  }

  async #release(key: string): Promise<void> {
    const other = this.#forget(key)
    if (other !== null) await closePendingConnection(other)
  }

  #forget(key: string): OtherAccount | null {
    const kept = this.#kept.get(key)
    if (kept === undefined) return null
    this.#core.clock.clearTimeout(kept.timer)
    kept.stop()
    this.#kept.delete(key)
    return kept.other
  }
}

/** A connection that was taken, and when its time ends. */
export interface TakenAccount {
  readonly other: OtherAccount
  readonly until: number
  /** Whether a flow has the connection now, or has closed it. */
  isUsed: boolean
}

/** Returns the title of a kept account. */
export const titleOf = ({ other: { connection } }: TakenAccount): string => liveConnectionOf(connection).title

/** The sources of flows that change the credential of an entry. */
const edits: ReadonlySet<string> = new Set(['reauth', 'reconfigure', 'replace'])

const keyOf = ({ scope, entryId }: Pick<Wanted, 'scope' | 'entryId'>): string => `${scope}\n${entryId}`
