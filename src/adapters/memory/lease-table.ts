import { RevisionConflictError } from '../../errors.ts'
import type {
  Lease,
  LeaseKind,
  LeaseName,
  LeaseOfRecord,
  LeaseTerm,
  Reservation,
  ReservationName,
} from '../../ports/lease.ts'
import type { Due, FlowRecord } from '../../ports/store.ts'
import { checkKey } from '../check-write.ts'
import { isLive, type LeaseTime } from '../lease-time.ts'
import { leaseConflict } from '../record-leases.ts'

type LeaseRow = Lease & LeaseTime & { readonly holder: string }

type ReservationRow = ReservationName & LeaseTime & Pick<LeaseTerm, 'holder'> & Omit<Reservation, 'lapsed'>

/** A condition on a lease. */
interface Held {
  readonly kind: LeaseOfRecord
  readonly id: string
  readonly fence: number
}

/** The leases and reservations of all scopes. */
export class LeaseTable {
  readonly #leases = new Map<string, LeaseRow>()
  /** By key of the attempts, in the order of reservation. */
  readonly #reservations = new Map<string, Map<string, ReservationRow>>()
  #fence = 0

  claim({ scope, kind, id }: LeaseName, { holder, ms, now }: LeaseTerm): number | null {
    checkKey(scope, { id })
    const key = keyOf(scope, kind, id)
    const present = this.#leases.get(key)
    if (present !== undefined && isLive(present, now)) return null
    const fence = ++this.#fence
    this.#leases.set(key, { scope, kind, id, holder, until: now + ms, ms, fence })
    return fence
  }

  renew({ holder, ms, now }: LeaseTerm): Lease[] {
    const renewed: Lease[] = []
    for (const [key, lease] of this.#leases) {
      if (lease.holder !== holder) continue
      this.#leases.set(key, { ...lease, until: now + ms, ms })
      renewed.push({ scope: lease.scope, kind: lease.kind, id: lease.id, fence: lease.fence })
    }
    for (const ofKey of this.#reservations.values()) {
      for (const [id, row] of ofKey) if (row.holder === holder) ofKey.set(id, { ...row, until: now + ms, ms })
    }
    return renewed
  }

  release(holder: string, names?: readonly (LeaseName | ReservationName)[]): void {
    if (names === undefined) {
      for (const [key, lease] of this.#leases) if (lease.holder === holder) this.#leases.delete(key)
      return
    }
    for (const name of names) {
      if ('key' in name) {
        const { scope, key, id } = name
        if (this.#reservations.get(keyOf(scope, key))?.get(id)?.holder === holder) this.settle(scope, key, id)
      } else if (this.#leases.get(leaseKey(name))?.holder === holder) this.#leases.delete(leaseKey(name))
    }
  }

  /** @throws RevisionConflictError if the lease has another fence or has ended */
  check(scope: string, { kind, id, fence }: Held): void {
    if (this.#leases.get(keyOf(scope, kind, id))?.fence !== fence) throw leaseConflict(kind, id)
  }

  /** Ends a lease and returns a function that undoes it. @throws RevisionConflictError as `check` does */
  end(scope: string, held: Held): () => void {
    this.check(scope, held)
    return this.drop(scope, held.kind, held.id)
  }

  /** Removes a lease if there is one, and returns a function that undoes it. */
  drop(scope: string, kind: LeaseKind, id: string): () => void {
    const key = keyOf(scope, kind, id)
    const lease = this.#leases.get(key)
    this.#leases.delete(key)
    return () => void (lease !== undefined && this.#leases.set(key, lease))
  }

  /** @throws RevisionConflictError if a process works on the flow */
  checkUnclaimed(scope: string, flowId: string, now: number): void {
    if (this.isWorking(scope, flowId, now)) throw new RevisionConflictError('flow', flowId)
  }

  isWorking(scope: string, flowId: string, now: number): boolean {
    const lease = this.#leases.get(keyOf(scope, 'flow', flowId))
    return lease !== undefined && isLive(lease, now)
  }

  isOwned(scope: string, entryId: string, now: number): boolean {
    const lease = this.#leases.get(keyOf(scope, 'connection', entryId))
    return lease !== undefined && isLive(lease, now)
  }

  /** Returns a flow with the end of its lease. */
  seen(flow: FlowRecord): FlowRecord
  seen(flow: FlowRecord | undefined): FlowRecord | undefined
  seen(flow: FlowRecord | undefined): FlowRecord | undefined {
    if (flow === undefined || this.#leases.size === 0) return flow
    const lease = this.#leases.get(keyOf(flow.scope, 'flow', flow.flowId))
    return lease === undefined ? flow : Object.freeze({ ...flow, workingUntil: lease.until })
  }

  reserve(
    { scope, key, id, principal }: ReservationName & { readonly principal: string },
    { holder, ms, now }: LeaseTerm,
  ): void {
    checkKey(scope, { key, id })
    const ofKey = this.#reservations.get(keyOf(scope, key)) ?? new Map<string, ReservationRow>()
    const at = ofKey.get(id)?.at ?? now
    ofKey.set(id, { scope, key, id, principal, holder, at, until: now + ms, ms })
    this.#reservations.set(keyOf(scope, key), ofKey)
  }

  reservationsOf(scope: string, key: string, now: number): Reservation[] {
    const rows = [...(this.#reservations.get(keyOf(scope, key))?.values() ?? [])]
    return rows.map((row) => ({
      id: row.id,
      principal: row.principal,
      at: row.at,
      lapsed: !isLive(row, now),
    }))
  }

  /** Ends a reservation if there is one, and returns a function that undoes it. */
  settle(scope: string, key: string, id: string): () => void {
    const name = keyOf(scope, key)
    const before = this.#reservations.get(name)
    if (before?.has(id) !== true) return () => {}
    const after = new Map(before)
    after.delete(id)
    if (after.size === 0) this.#reservations.delete(name)
    else this.#reservations.set(name, after)
    return () => void this.#reservations.set(name, before)
  }

  /** Returns the keys of attempts with a reservation that has lapsed. */
  *lapsed(now: number): Generator<Due> {
    for (const ofKey of this.#reservations.values()) {
      for (const row of ofKey.values()) {
        if (isLive(row, now)) continue
        yield { scope: row.scope, kind: 'reservation', id: row.key }
        break
      }
    }
  }
}

/** A key of several parts. Their lengths separate them. */
const keyOf = (...parts: readonly string[]): string => parts.map((part) => `${part.length} ${part}`).join('')

const leaseKey = ({ scope, kind, id }: LeaseName): string => keyOf(scope, kind, id)
