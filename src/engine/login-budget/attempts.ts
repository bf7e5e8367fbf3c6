import { UnreadableRecordError } from '../../errors.ts'
import type { AttemptFailure, AttemptsRecord, Write } from '../../ports/store.ts'
import { MAX_RETRY_AFTER } from '../connections/service-calls.ts'
import type { Core } from '../kernel/core.ts'
import { isConflict } from '../lib/conflicts.ts'
import { KeyedSemaphore } from '../lib/keyed-locks.ts'
import { isAhead, isBelievable } from '../lib/stored-time.ts'

/** The attempts that are counted together: those of an entry, or of a domain in flows without an entry. */
export interface AttemptsKey {
  readonly scope: string
  readonly domain: string
  readonly entryId: string | null
  readonly principal: string
  /** Identifies the service, by `serviceKeyOf`. Absent for the stored service of an entry. */
  readonly service?: string
  /** Whether the attempts are those with secrets of sub-entries. They do not delay a sign-in of the entry. */
  readonly ofSubentries?: boolean
}

/** The maximum of a service's `Retry-After` that Latchkey honors for an account that is not linked: one hour. */
const MAX_NEW_WAIT = 3_600_000

/** The maximum number of services whose wait is stored in one record. */
const MAX_WAITS = 100

/** The failed attempts of a budget at the time of reading, and the limits that apply to them. */
export class Attempts {
  readonly #core: Core
  readonly #about: AttemptsKey
  readonly #key: string
  readonly #stored: AttemptsRecord | undefined

  private constructor(core: Core, about: AttemptsKey, stored: AttemptsRecord | undefined) {
    this.#core = core
    this.#about = about
    this.#key = storedKey(about)
    this.#stored = stored
  }

  static async read(core: Core, about: AttemptsKey): Promise<Attempts> {
    return new Attempts(core, about, await storedAttempts(core, about.scope, storedKey(about)))
  }

  /** Returns attempts without failures, for checks that do not contact the service. */
  static none(core: Core, about: AttemptsKey): Attempts {
    return new Attempts(core, about, undefined)
  }

  /** Identifies the budget in this process. */
  get id(): string {
    return `${this.#about.scope}\n${this.#key}`
  }

  /** When the next attempt is allowed (ms since the epoch); null if it is allowed now. */
  get blockedUntil(): number | null {
    const now = this.#core.clock.now()
    const until = Math.max(this.#waitUntil(now), ...this.#budgets().map((budget) => this.#freeAt(budget)))
    return until > now ? until : null
  }

  /** The number of concurrent attempts that the budget allows now. */
  get room(): number {
    return Math.min(...this.#budgets().map((budget) => budget.limit - this.#counted(budget).length))
  }

  /** Returns a time that is not further ahead than Latchkey waits for the service. */
  bounded(until: number): number {
    return Math.min(until, this.#core.clock.now() + this.#maxWait)
  }

  /** Counts a login as refused before it is made. Returns false if the budget allows none. */
  async claim(): Promise<boolean> {
    let isAllowed = false
    await this.apply((current) => {
      isAllowed = current.blockedUntil === null
      return isAllowed ? current.count('invalid_auth', undefined) : []
    })
    return isAllowed
  }

  /** Returns the write that removes a claim, because the login was not refused. */
  release(until: number | undefined): readonly Write[] {
    const now = this.#core.clock.now()
    const failures = this.#failures(now)
    const claim = failures.findLast(({ principal }) => principal === this.#about.principal)
    const others = failures.filter((failure) => failure !== claim)
    const isEmpty = others.length === 0 && until === undefined && this.#waits(now).length === 0
    return isEmpty && this.#blockedUntil(now) === 0 ? this.clear() : this.#put(others, until)
  }

  /** Applies writes that depend on the attempts. Repeats them if another process has changed the attempts. */
  async apply(writesOf: (attempts: Attempts) => readonly Write[]): Promise<void> {
    const writes = writesOf(this)
    if (writes.length === 0) return
    try {
      await this.#core.store.apply(this.#about.scope, writes)
    } catch (error) {
      if (!isConflict(error, 'attempts')) throw error
      await (await Attempts.read(this.#core, this.#about)).apply(writesOf)
    }
  }

  /** Returns the write that counts a failure; nothing if the failure does not count. */
  count(code: string, until: number | undefined): readonly Write[] {
    const counts = code === 'invalid_auth' || (code === 'cannot_connect' && this.#about.entryId === null)
    if (!counts && until === undefined) return []
    const at = this.#core.clock.now()
    const { principal } = this.#about
    return this.#put([...this.#failures(at), ...(counts ? [{ at, principal, code }] : [])], until)
  }

  /** Returns the write that clears all failures. */
  clear(): readonly Write[] {
    if (this.#stored === undefined) return []
    return [{ remove: 'attempts', id: this.#key, ifRevision: this.#stored.revision }]
  }

  #put(failures: readonly AttemptFailure[], until: number | undefined): readonly Write[] {
    const now = this.#core.clock.now()
    const { scope, principal, service } = this.#about
    const end = until === undefined ? 0 : this.bounded(until)
    const waits = this.#waits(now)
    if (service !== undefined && end > now)
      waits.push({ at: now, principal, code: 'rate_limited', service, until: end })
    const blocked = Math.max(this.#blockedUntil(now), service === undefined ? end : 0)
    const record: AttemptsRecord = {
      scope,
      key: this.#key,
      failures: [...failures, ...waits.slice(-MAX_WAITS)],
      blockedUntil: blocked > now ? blocked : null,
      revision: (this.#stored?.revision ?? 0) + 1,
      dueAt: Math.max(now + this.#core.limits.attemptsWindow, blocked, ...waits.map(endOf)),
    }
    return [{ put: 'attempts', record, ifRevision: this.#stored?.revision ?? 0 }]
  }

  #budgets(): readonly Budget[] {
    const { attemptsPerEntry, attemptsPerDomain, unreachablePerDomain } = this.#core.limits
    if (this.#about.entryId !== null) {
      // A check refuses a sub-entry for other reasons than its secret, too.
      const limit = this.#about.ofSubentries === true ? attemptsPerDomain : attemptsPerEntry
      return [{ code: 'invalid_auth', limit, principal: this.#about.principal }]
    }
    return [
      { code: 'invalid_auth', limit: attemptsPerDomain },
      { code: 'cannot_connect', limit: unreachablePerDomain },
    ]
  }

  #counted({ code, principal }: Budget): readonly { readonly at: number }[] {
    return this.#failures(this.#core.clock.now()).filter(
      (failure) => failure.code === code && (principal === undefined || failure.principal === principal),
    )
  }

  /** Returns the stored failures that count. One after now was counted while a clock was ahead. */
  #failures(now: number): AttemptsRecord['failures'] {
    const since = now - this.#core.limits.attemptsWindow
    return (this.#stored?.failures ?? []).filter(
      ({ at, until }) => until === undefined && at > since && isBelievable(at, now, 0),
    )
  }

  /** Returns the waits that other services than that of the entry have demanded. */
  #waits(now: number): Wait[] {
    return (this.#stored?.failures ?? []).filter((failure): failure is Wait =>
      isAhead(failure.until, now, this.#maxWait),
    )
  }

  get #maxWait(): number {
    return this.#about.entryId === null ? MAX_NEW_WAIT : MAX_RETRY_AFTER
  }

  /** Returns the end of the wait that the service of this attempt has demanded; 0 without one. */
  #waitUntil(now: number): number {
    const { service } = this.#about
    if (service === undefined) return this.#blockedUntil(now)
    const own = this.#waits(now).filter((wait) => wait.service === service)
    return Math.max(0, ...own.map(endOf))
  }

  /** Returns the end of the wait that the stored service of the entry has demanded; 0 without one. */
  #blockedUntil(now: number): number {
    const until = this.#stored?.blockedUntil
    return isAhead(until, now, this.#maxWait) ? until : 0
  }

  /** Returns when the budget allows the next attempt (ms since the epoch). */
  #freeAt(budget: Budget): number {
    const counted = this.#counted(budget)
    const oldest = counted[counted.length - budget.limit]
    return oldest === undefined ? 0 : oldest.at + this.#core.limits.attemptsWindow
  }
}

const endOf = ({ until }: Wait): number => until

/** A wait that a service has demanded. */
type Wait = AttemptFailure & { readonly until: number }

interface Budget {
  readonly code: string
  readonly limit: number
  readonly principal?: string
}

const storedKey = ({ entryId, domain, ofSubentries = false }: AttemptsKey): string => {
  if (entryId === null) return `domain:${domain}`
  return ofSubentries ? `subentries:${entryId}` : `entry:${entryId}`
}

/**
 * Returns the stored attempts. Damaged ones do not count, so that they cannot block all attempts, and the next write
 * replaces them.
 */
async function storedAttempts(core: Core, scope: string, key: string): Promise<AttemptsRecord | undefined> {
  const record = await core.store.getAttempts(scope, key).catch((error: unknown) => {
    if (error instanceof UnreadableRecordError) return null
    throw error
  })
  if (record === undefined || (record !== null && isReadable(record))) return record
  const row = await core.store.getAttemptsRow(scope, key)
  return row && { scope, key, failures: [], blockedUntil: null, revision: row.revision, dueAt: row.dueAt }
}

const isReadable = ({ failures, blockedUntil }: AttemptsRecord): boolean =>
  Array.isArray(failures) &&
  failures.every((failure) => typeof failure?.at === 'number') &&
  (blockedUntil === null || typeof blockedUntil === 'number')

/** A permitted attempt. Call `leave` after it. */
interface Attempt {
  readonly attempts: Attempts
  readonly leave: () => void
}

/** Limits the concurrent attempts of one budget in this process, so that together they cannot exceed it. */
export class AttemptsGate {
  readonly #core: Core
  readonly #gate = new KeyedSemaphore()

  constructor(core: Core) {
    this.#core = core
  }

  /** Returns an attempt that does not count, for checks that do not contact the service. */
  pass(key: AttemptsKey): Attempt {
    return { attempts: Attempts.none(this.#core, key), leave: () => {} }
  }

  /** Waits until the budget has room for another attempt. Does not wait if the budget is exhausted. */
  async enter(key: AttemptsKey): Promise<Attempt> {
    for (;;) {
      const attempts = await Attempts.read(this.#core, key)
      if (attempts.blockedUntil !== null) return { attempts, leave: () => {} }
      const { id } = attempts
      if (this.#gate.enter(id, attempts.room)) return { attempts, leave: () => this.#gate.leave(id) }
      await this.#gate.someoneLeft(id)
    }
  }
}
