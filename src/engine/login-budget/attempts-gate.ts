import type { ReservationName } from '../../ports/lease.ts'
import type { Budget } from '../../ports/store.ts'
import type { Core } from '../kernel/core.ts'
import { newId } from '../lib/new-id.ts'
import { Attempts, type AttemptsKey, attemptsKey } from './attempts.ts'

/** The interval at which an attempt that waits for those of other processes looks again, in milliseconds. */
const LOOK = 250

/** An attempt that was reserved together with another read of the store, and the budget that it found. */
export interface Reserved {
  readonly id: string
  readonly budget: Budget
}

/**
 * Limits the concurrent attempts of one budget, so that together they cannot exceed it, in any number of processes. Each
 * attempt is reserved in the store before it is made.
 */
export class AttemptsGate {
  readonly #core: Core
  /** The attempts that wait for others of the same budget. */
  readonly #waiting = new Map<string, Set<() => void>>()

  constructor(core: Core) {
    this.#core = core
  }

  /** Returns an attempt that does not count, for checks that do not contact the service. */
  pass(key: AttemptsKey): Attempts {
    return Attempts.none(this.#core, key)
  }

  /**
   * Reserves an attempt, and waits until the budget has room for it. Does not wait if the budget is exhausted. Call
   * {@link AttemptsGate.leave} after the attempt.
   */
  async enter(key: AttemptsKey, reserved: Reserved | null): Promise<Attempts> {
    for (let own = reserved; ; own = null) {
      const { id, budget } = own ?? (await this.#reserve(key))
      const attempts = new Attempts(this.#core, key, budget, id)
      if (attempts.mayBegin || attempts.blockedUntil !== null) return attempts
      await this.leave(key, attempts)
      await this.#room(key)
    }
  }

  /** Reserves an attempt without waiting for others. Call {@link Attempts.claim} or {@link Attempts.leave} then. */
  async reserve(key: AttemptsKey): Promise<Attempts> {
    const { id, budget } = await this.#reserve(key)
    return new Attempts(this.#core, key, budget, id)
  }

  /** Ends an attempt, and lets those of this process continue that wait for it. */
  async leave(key: AttemptsKey, attempts: Attempts): Promise<void> {
    await attempts.leave()
    for (const wake of this.#waiting.get(placeOf(key)) ?? []) wake()
  }

  async #reserve(about: AttemptsKey): Promise<Reserved> {
    const { store, leases } = this.#core
    const { scope, principal } = about
    const name: ReservationName = { scope, key: attemptsKey(about), id: newId() }
    const budget = await leases.claiming([name], () =>
      store.leases.reserve({ ...name, principal }, leases.term),
    )
    leases.reserved(name)
    return { id: name.id, budget }
  }

  /** Waits until another attempt may be reserved: the budget has room, or is exhausted. */
  async #room(key: AttemptsKey): Promise<void> {
    for (;;) {
      await this.#nextLook(placeOf(key))
      const attempts = await Attempts.read(this.#core, key)
      if (attempts.mayBegin || attempts.blockedUntil !== null) return
    }
  }

  /** Resolves when an attempt of this process has ended, or after a time. */
  #nextLook(place: string): Promise<void> {
    const { clock } = this.#core
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(place) ?? new Set()
      this.#waiting.set(place, waiting)
      const wake = () => {
        clock.clearTimeout(timer)
        waiting.delete(wake)
        if (waiting.size === 0) this.#waiting.delete(place)
        resolve()
      }
      const timer = clock.setTimeout(wake, LOOK)
      waiting.add(wake)
    })
  }
}

const placeOf = (key: AttemptsKey): string => `${key.scope}\n${attemptsKey(key)}`
