/**
 * The kinds of leases. `flow`: a process works on a flow. `token`: a process refreshes the token of an entry.
 * `connection`: a process owns the connection of an entry. `delivery`: a process sends a delivery of a webhook. `task`: a
 * process runs a task.
 */
export type LeaseKind = 'flow' | 'token' | 'connection' | 'delivery' | 'task'

/** The kinds of leases that belong to a flow, an entry, or a row of the webhooks. */
export type LeaseOfRecord = Exclude<LeaseKind, 'task'>

/** The name of a lease. `id` is the id of the flow, entry, row or task. */
export interface LeaseName {
  readonly scope: string
  readonly kind: LeaseKind
  readonly id: string
}

/** A lease of a holder. Its fence is never used again, so that a process can distinguish its lease from a later one. */
export interface Lease extends LeaseName {
  readonly fence: number
}

/**
 * The holder of leases, and how long they last without a renewal.
 *
 * `now` is the time of the caller (ms since the epoch). A store that has a clock, such as a database server,
 * ignores it.
 */
export interface LeaseTerm {
  readonly holder: string
  /** The duration in milliseconds. */
  readonly ms: number
  readonly now: number
}

/** The name of a reservation. `key` is the key of the attempts that it belongs to. */
export interface ReservationName {
  readonly scope: string
  readonly key: string
  readonly id: string
}

/** A sign-in attempt that is reserved before the service is contacted. */
export interface Reservation {
  readonly id: string
  readonly principal: string
  /** When it was reserved (ms since the epoch): `now` of the caller. */
  readonly at: number
  /** Whether its process has not settled it in time. The attempt then counts as a refused login. */
  readonly lapsed: boolean
}

/** The end of a lease or of a reservation, as part of a transaction. See `Write`. */
export type LeaseWrite =
  | { readonly release: LeaseOfRecord; readonly id: string; readonly fence: number }
  | { readonly settle: string; readonly key: string }

/** A condition of a transaction on the lease of a record. See `Check`. */
export type LeaseCheck =
  | {
      readonly check: 'lease'
      readonly kind: LeaseOfRecord
      readonly id: string
      readonly fence: number
    }
  | { readonly check: 'unclaimed'; readonly flowId: string; readonly now: number }
