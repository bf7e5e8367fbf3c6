import { RevisionConflictError } from '../errors.ts'
import type { LeaseOfRecord } from '../ports/lease.ts'

/** The kinds of records that leases belong to. */
const KINDS = {
  flow: 'flow',
  token: 'entry',
  connection: 'entry',
  delivery: 'webhook',
} as const satisfies Record<LeaseOfRecord, RevisionConflictError['kind']>

/** Returns the error of a lease that has ended or has another fence. It names the record of the lease. */
export const leaseConflict = (kind: LeaseOfRecord, id: string): RevisionConflictError =>
  new RevisionConflictError(KINDS[kind], id)
