import type { Clock } from '../../ports/clock.ts'
import type { LeaseName, LeaseTerm, LeaseWrite, ReservationName } from '../../ports/lease.ts'
import type { Check, Store } from '../../ports/store.ts'
import { ignore } from '../lib/ignore.ts'
import { newId } from '../lib/new-id.ts'

/** A part of the lease's duration: leases are renewed at this interval. */
const RENEWAL = 1 / 3

/** A right that this process holds, until another process takes it after its time was up. */
export class HeldLease {
  readonly name: LeaseName
  readonly fence: number
  /** When the lease ends unless it is renewed (ms since the epoch), by the clock of this process. */
  until: number
  /** Called when the lease is lost. */
  onLost: () => void = ignore
  /** Whether the lease ended without a release: another process may have taken it. */
  isLost = false
  readonly #leases: Leases

  constructor(leases: Leases, name: LeaseName, { fence, until }: Pick<HeldLease, 'fence' | 'until'>) {
    this.#leases = leases
    this.name = name
    this.fence = fence
    this.until = until
  }

  /** The condition that the lease is still held, for a transaction. */
  get check(): Check {
    const { kind, id } = this.name
    return { check: 'lease', kind: kind as 'flow', id, fence: this.fence }
  }

  /** The end of the lease as part of a transaction. Call {@link forget} after it. */
  get end(): LeaseWrite {
    const { kind, id } = this.name
    return { release: kind as 'flow', id, fence: this.fence }
  }

  /** Stops renewing the lease, because a transaction has ended it. */
  forget(): void {
    this.#leases.forget(this)
  }

  /** Ends the lease. Without the store, it lapses. */
  async release(): Promise<void> {
    if (!this.#leases.has(this)) return
    this.forget()
    await this.#leases.release(this.name)
  }

  /** Records that another process may have the lease. */
  lose(): void {
    if (!this.#leases.has(this)) return
    this.forget()
    this.isLost = true
    this.onLost()
  }
}

/** The leases and reservations that this process holds. One timer renews all of them, while it holds any. */
export class Leases {
  readonly #store: Store
  readonly #clock: Clock
  readonly #duration: number
  readonly #holder = newId()
  readonly #held = new Set<HeldLease>()
  /** The ids of the reserved attempts. */
  readonly #reserved = new Set<string>()
  /** The names that the store did not release. Each renewal would extend them. */
  readonly #unreleased = new Set<LeaseName | ReservationName>()
  #timer: unknown = null
  #isRenewing = false
  #isStopped = false

  /** `duration`: how long a lease lasts without a renewal, in milliseconds. */
  constructor(store: Store, clock: Clock, duration: number) {
    this.#store = store
    this.#clock = clock
    this.#duration = duration
  }

  /** The term of a lease that is claimed now. */
  get term(): LeaseTerm {
    return { holder: this.#holder, ms: this.#duration, now: this.#clock.now() }
  }

  has(lease: HeldLease): boolean {
    return this.#held.has(lease)
  }

  /** Claims a lease. Returns null if another process holds it, or this process has stopped. @throws StoreError */
  async claim(name: LeaseName): Promise<HeldLease | null> {
    if (this.#isStopped) return null
    const { term } = this
    const fence = await this.claiming([name], () => this.#store.leases.claim(name, term))
    return fence === null ? null : this.hold(name, fence, term)
  }

  /** Runs a call of the store that claims or reserves. If its answer is lost, ends what the store may have claimed. */
  async claiming<Result>(
    names: readonly (LeaseName | ReservationName)[],
    claim: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await claim()
    } catch (error) {
      await this.release(...names.filter((name) => !this.#isHeld(name)))
      throw error
    }
  }

  /** Renews a lease that was claimed with a term from now on. */
  hold(name: LeaseName, fence: number, { now, ms }: LeaseTerm): HeldLease {
    const lease = new HeldLease(this, name, { fence, until: now + ms })
    this.#held.add(lease)
    this.#renewLater()
    return lease
  }

  /** Renews a reservation from now on, until it is settled. */
  reserved({ id }: Pick<ReservationName, 'id'>): void {
    this.#reserved.add(id)
    this.#renewLater()
  }

  isReserved(id: string): boolean {
    return this.#reserved.has(id)
  }

  /** Stops renewing a reservation, because it was settled or released. */
  settled(id: string): void {
    this.#reserved.delete(id)
    this.#stopIfIdle()
  }

  forget(lease: HeldLease): void {
    this.#held.delete(lease)
    this.#stopIfIdle()
  }

  /** Ends leases and reservations. If the store fails, they end at a later renewal, or lapse. */
  async release(...names: readonly (LeaseName | ReservationName)[]): Promise<void> {
    for (const name of names) this.#unreleased.add(name)
    try {
      await this.#store.leases.release(this.#holder, names)
      for (const name of names) this.#unreleased.delete(name)
    } catch {
      // Each renewal of another lease would extend them.
    }
  }

  /** Ends all leases, because the process stops. The reservations of calls whose result is unknown lapse. */
  async stop(): Promise<void> {
    const held = [...this.#held]
    this.#isStopped = true
    this.#held.clear()
    this.#reserved.clear()
    this.#unreleased.clear()
    this.#stopIfIdle()
    if (held.length > 0) await this.#store.leases.release(this.#holder).catch(ignore)
  }

  #isHeld(name: LeaseName | ReservationName): boolean {
    if ('key' in name) return this.#reserved.has(name.id)
    const { scope, kind, id } = name
    return [...this.#held].some(
      ({ name: held }) => held.scope === scope && held.kind === kind && held.id === id,
    )
  }

  /** Ends what the store did not release before. */
  async #releaseAgain(): Promise<void> {
    const names = [...this.#unreleased].filter((name) => !this.#isHeld(name))
    this.#unreleased.clear()
    if (names.length > 0) await this.release(...names)
  }

  #renewLater(): void {
    if (!this.#isRenewing && !this.#isStopped)
      this.#timer ??= this.#clock.setTimeout(() => void this.#renew(), this.#duration * RENEWAL)
  }

  #stopIfIdle(): void {
    if (this.#held.size + this.#reserved.size > 0) return
    this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  async #renew(): Promise<void> {
    const { term } = this
    const before = [...this.#held]
    this.#timer = null
    this.#isRenewing = true
    try {
      if (this.#unreleased.size > 0) await this.#releaseAgain()
      const renewed = new Set((await this.#store.leases.renew(term)).map(({ fence }) => fence))
      for (const lease of before) {
        if (renewed.has(lease.fence)) lease.until = term.now + term.ms
        else lease.lose()
      }
    } catch {
      // Retried while the leases last. A write without its lease fails.
    }
    this.#isRenewing = false
    if (this.#held.size + this.#reserved.size > 0) this.#renewLater()
  }
}
