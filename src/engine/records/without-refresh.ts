import { StoreError } from '../../errors.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { Core } from '../kernel/core.ts'
import type { HeldLease } from '../kernel/leases.ts'

/**
 * Runs work that encrypts the credential of an entry again, while no process refreshes its token: a refresh compares the
 * encrypted values with those that it replaces. The work must end the lease with its write. Returns null if a process
 * refreshes the token.
 */
export async function withoutRefresh<Result>(
  { leases }: Core,
  { scope, entryId: id }: Pick<EntryRecord, 'scope' | 'entryId'>,
  work: (lease: HeldLease) => Promise<Result>,
): Promise<Result | null> {
  const lease = await leases.claim({ scope, kind: 'token', id })
  if (lease === null) return null
  try {
    return await work(lease)
  } finally {
    await lease.release()
  }
}

/** Returns the error of work that must wait for the end of a refresh. */
export const refreshing = (): StoreError =>
  new StoreError('The token of the entry is being refreshed. Retry after that.')
