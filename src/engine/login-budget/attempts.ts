import type { Reservation } from '../../ports/lease.ts'
import type { AttemptFailure, AttemptsRecord, Budget, Write } from '../../ports/store.ts'
import { MAX_RETRY_AFTER } from '../connections/service-calls.ts'
import type { Core } from '../kernel/core.ts'
import { isConflict } from '../lib/conflicts.ts'
import { ENGINE } from '../lib/principals.ts'
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
  readonly #reservations: readonly Reservation[]
  /** The id of the reservation that this attempt settles; null without one. */
  readonly #reserved: string | null

  constructor(core: Core, about: AttemptsKey, budget: Budget, reserved: string | null = null) {
    this.#core = core
    this.#about = about
    this.#key = attemptsKey(about)
    this.#stored = recordOf(this.#key, about.scope, budget)
    this.#reservations = budget.reservations
    this.#reserved = reserved
  }

  static async read(core: Core, about: AttemptsKey, reserved: string | null = null): Promise<Attempts> {
    const budget = await core.store.leases.getBudget(about.scope, attemptsKey(about), core.clock.now())
    return new Attempts(core, about, budget, reserved)
  }

  /** Returns the attempts with a stored key, to fold their reservations. */
  static ofKey(core: Core, scope: string, key: string): Promise<Attempts> {
    const end = key.indexOf(':')
    const [kind, id] = [key.slice(0, end), key.slice(end + 1)] as const
    const isDomain = kind === 'domain'
    const about = { scope, domain: isDomain ? id : '', entryId: isDomain ? null : id, principal: ENGINE }
    return Attempts.read(core, { ...about, ofSubentries: kind === 'subentries' })
  }

  /** Returns attempts without failures, for checks that do not contact the service. */
  static none(core: Core, about: AttemptsKey): Attempts {
    return new Attempts(core, about, { attempts: null, reservations: [] })
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

  /** The number of attempts under way that were reserved before this one. */
  get rank(): number {
    const place = this.#reservations.findIndex(({ id }) => id === this.#reserved)
    return this.#underWay(place === -1 ? this.#reservations : this.#reservations.slice(0, place))
  }

  /** Whether the attempt may be made now. It must wait for others under way if the budget is not exhausted. */
  get mayBegin(): boolean {
    const { rank } = this
    return this.blockedUntil === null && (rank === 0 || rank < this.room)
  }

  /** Returns a time that is not further ahead than Latchkey waits for the service. */
  bounded(until: number): number {
    return Math.min(until, this.#core.clock.now() + this.#maxWait)
  }

  /** Counts a reserved login as refused before it is made. Returns false if the budget allows none. */
  async claim(): Promise<boolean> {
    const isAllowed = this.mayBegin
    await this.apply((current) => (isAllowed ? current.count('invalid_auth', undefined) : current.settle()))
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
    const { store, leases } = this.#core
    try {
      await store.apply(this.#about.scope, writes)
    } catch (error) {
      if (!isConflict(error, 'attempts')) throw error
      await (await Attempts.read(this.#core, this.#about, this.#reserved)).apply(writesOf)
      return
    }
    if (this.#reserved !== null) leases.settled(this.#reserved)
  }

  /** Returns the write that ends the reservation of this attempt, because the service did not refuse it. */
  settle(): readonly Write[] {
    return this.#reserved === null ? [] : [{ settle: this.#reserved, key: this.#key }]
  }

  /** Ends the reservation if no write has done so. Without the store, it lapses and counts as a refused login. */
  async leave(): Promise<void> {
    const { leases } = this.#core
    if (this.#reserved === null || !leases.isReserved(this.#reserved)) return
    leases.settled(this.#reserved)
    await leases.release({ scope: this.#about.scope, key: this.#key, id: this.#reserved })
  }

  /** Returns the writes that count the reservations which have lapsed as refused logins. */
  fold(): readonly Write[] {
    return this.#lapsed.length === 0 ? [] : this.#put(this.#failures(this.#core.clock.now()), undefined)
  }

  /** Returns the write that counts a failure; nothing if the failure does not count. */
  count(code: string, until: number | undefined): readonly Write[] {
    const counts = code === 'invalid_auth' || (code === 'cannot_connect' && this.#about.entryId === null)
    if (!counts && until === undefined) return this.settle()
    const at = this.#core.clock.now()
    const { principal } = this.#about
    return this.#put([...this.#failures(at), ...(counts ? [{ at, principal, code }] : [])], until)
  }

  /** Returns the writes that clear all failures. */
  clear(): readonly Write[] {
    if (this.#stored === undefined) return this.#settleAll()
    return [{ remove: 'attempts', id: this.#key, ifRevision: this.#stored.revision }, ...this.#settleAll()]
  }

  /** Returns the writes that end this reservation and those that have lapsed. */
  #settleAll(): readonly Write[] {
    return [...this.#lapsed.map(({ id }) => ({ settle: id, key: this.#key })), ...this.settle()]
  }

  /** The reservations of processes that have not settled them in time. */
  get #lapsed(): readonly Reservation[] {
    return this.#reservations.filter(({ lapsed, id }) => lapsed && id !== this.#reserved)
  }

  #underWay(reservations: readonly Reservation[]): number {
    const { entryId, principal } = this.#about
    const counted = reservations.filter((one) => entryId === null || one.principal === principal)
    return counted.filter(({ lapsed }) => !lapsed).length
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
    return [{ put: 'attempts', record, ifRevision: this.#stored?.revision ?? 0 }, ...this.#settleAll()]
  }

  #budgets(): readonly Limit[] {
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

  #counted({ code, principal }: Limit): readonly { readonly at: number }[] {
    return this.#failures(this.#core.clock.now()).filter(
      (failure) => failure.code === code && (principal === undefined || failure.principal === principal),
    )
  }

  /**
   * Returns the failures that count, stored or of a reservation that has lapsed. One after now was counted while a clock was
   * ahead.
   */
  #failures(now: number): AttemptsRecord['failures'] {
    const since = now - this.#core.limits.attemptsWindow
    const lapsed = this.#lapsed.map(({ at, principal }) => ({ at, principal, code: 'invalid_auth' }))
    const all: readonly AttemptFailure[] = [...(this.#stored?.failures ?? []), ...lapsed]
    return all.filter(({ at, until }) => until === undefined && at > since && isBelievable(at, now, 0))
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
  #freeAt(budget: Limit): number {
    const counted = this.#counted(budget)
    const oldest = counted[counted.length - budget.limit]
    return oldest === undefined ? 0 : oldest.at + this.#core.limits.attemptsWindow
  }
}

const endOf = ({ until }: Wait): number => until

/** A wait that a service has demanded. */
type Wait = AttemptFailure & { readonly until: number }

interface Limit {
  readonly code: string
  readonly limit: number
  readonly principal?: string
}

/** Returns the key of the attempts that are counted together. */
export const attemptsKey = ({
  entryId,
  domain,
  ofSubentries = false,
}: Pick<AttemptsKey, 'entryId' | 'domain' | 'ofSubentries'>): string => {
  if (entryId === null) return `domain:${domain}`
  return ofSubentries ? `subentries:${entryId}` : `entry:${entryId}`
}

/**
 * Returns the stored attempts. Damaged ones do not count, so that they cannot block all attempts, and the next write
 * replaces them.
 */
function recordOf(key: string, scope: string, { attempts }: Budget): AttemptsRecord | undefined {
  if (attempts === null) return undefined
  if ('failures' in attempts && isReadable(attempts)) return attempts
  const { revision, dueAt } = attempts
  return { scope, key, failures: [], blockedUntil: null, revision, dueAt }
}

const isReadable = ({ failures, blockedUntil }: AttemptsRecord): boolean =>
  Array.isArray(failures) &&
  failures.every((failure) => typeof failure?.at === 'number') &&
  (blockedUntil === null || typeof blockedUntil === 'number')
