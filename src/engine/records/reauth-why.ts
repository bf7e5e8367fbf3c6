import type { ReauthWhy } from '../../../machines/flow-result.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { Core } from '../kernel/core.ts'

/** Returns why the user of an entry signs in again. A refusal of the service is more important than a request. */
export function reauthWhy({ clock, limits }: Core, entry: EntryRecord): ReauthWhy {
  const { reauth, rejectedRevision, credentialRevision, setupFailure, expiresAt } = entry
  if (reauth?.reason === 'invalid_auth' || rejectedRevision === credentialRevision) return 'invalid_auth'
  if (setupFailure?.reason === 'wrong_account') return 'wrong_account'
  const expiresSoon = expiresAt != null && expiresAt <= clock.now() + limits.expiryNotice
  return expiresSoon ? 'pending_expiration' : 'requested'
}
