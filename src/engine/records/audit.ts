import type { AuditDetail, AuditRow } from '../../ports/history.ts'
import type { EntryRow, Write } from '../../ports/store.ts'

/** The kinds of history rows. */
export type AuditKind =
  | 'entry_created'
  | 'entry_ignored'
  | 'address_proposed'
  | 'address_followed'
  | 'address_discarded'
  | 'proposal_dismissed'
  | 'proposal_withdrawn'
  | 'entry_renamed'
  | 'entry_removed'
  | 'entry_disabled'
  | 'entry_enabled'
  | 'entry_migrated'
  | 'migration_failed'
  | 'credential_updated'
  | 'account_replaced'
  | 'credential_restored'
  | 'options_changed'
  | 'subentry_added'
  | 'subentry_changed'
  | 'subentry_removed'
  | 'reauth_required'
  | 'reauth_repaired'
  | 'reauth_withdrawn'
  | 'refresh_failed'
  | 'refresh_repaired'
  | 'client_refused'
  | 'client_accepted'
  | 'client_refusal_expired'
  | 'flow_started'
  | 'flow_rejected'
  | 'flow_finished'
  | 'attempts_reset'
  | 'links_revoked'
  | 'credential_expiring'
  | 'webhook_added'
  | 'webhook_changed'
  | 'webhook_secret_rotated'
  | 'webhook_removed'
  | 'webhook_off'

/** Returns the write of a history row. It contains ids and codes, and no value but those of `detail`, never a secret. */
export function audit(row: {
  readonly scope: string
  readonly at: number
  readonly who: string
  readonly entryId: string | null
  readonly flowId?: string | null
  readonly kind: AuditKind
  readonly code?: string | null
  readonly revision: number
  readonly entry?: NonNullable<AuditRow['entry']>
  readonly detail?: AuditDetail
}): Write {
  return { audit: { ...row, flowId: row.flowId ?? null, code: row.code ?? null } }
}

/** Returns the write of the history row of a removed entry. The code of an ignored one is `ignored`. */
export function removedRow(
  row: Pick<AuditRow, 'scope' | 'at' | 'who'> & { readonly flowId?: string | null },
  removed: EntryRow & { readonly title?: string; readonly ignored?: boolean },
): Write {
  const { entryId, domain, title = null, ignored = false, revision } = removed
  const code = ignored ? 'ignored' : null
  const about = { entryId, revision: revision + 1, entry: { domain, title } }
  return audit({ ...row, ...about, kind: 'entry_removed', code })
}
