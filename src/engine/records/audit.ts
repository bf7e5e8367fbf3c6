import type { Write } from '../../ports/store.ts'

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
  | 'flow_started'
  | 'flow_rejected'
  | 'flow_finished'
  | 'attempts_reset'
  | 'links_revoked'

/** Returns the write of a history row. It contains ids and codes, never a value. */
export function audit(row: {
  readonly scope: string
  readonly at: number
  readonly who: string
  readonly entryId: string | null
  readonly flowId?: string | null
  readonly kind: AuditKind
  readonly code?: string | null
  readonly revision: number
}): Write {
  return { audit: { ...row, flowId: row.flowId ?? null, code: row.code ?? null } }
}
