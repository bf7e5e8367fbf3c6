import { RevisionConflictError } from '../errors.ts'
import type { LeaseOfRecord } from '../ports/lease.ts'
import type { Write } from '../ports/store.ts'

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

/** The leases of a kind of records. */
const LEASES_OF = {
  entry: ['token', 'connection'],
  flow: ['flow'],
  attempts: [],
  webhook: ['delivery'],
  removal: [],
} as const satisfies Record<RevisionConflictError['kind'], readonly LeaseOfRecord[]>

/** Returns the leases that end with a write: those of a flow that ends, and of a record that is removed. */
export function endedLeases(write: Write): readonly { readonly kind: LeaseOfRecord; readonly id: string }[] {
  if ('remove' in write) return LEASES_OF[write.remove].map((kind) => ({ kind, id: write.id }))
  const ends = 'put' in write && write.put === 'flow' && !write.record.open
  return ends ? [{ kind: 'flow', id: write.record.flowId }] : []
}
