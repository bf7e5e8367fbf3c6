import type { AuditRow } from '../../ports/history.ts'
import type { WebhookEventType, WebhookPayload } from '../api/webhooks.ts'

/** An event in the history of a scope. */
export interface WebhookEvent {
  readonly type: WebhookEventType
  readonly at: number
  readonly entryId: string
  readonly flowId: string | null
  readonly reason: string | null
  /** The names of an entry that was removed. */
  readonly removed?: EventEntry
}

/** The entry of an event. */
export type EventEntry = Pick<WebhookPayload['data'], 'domain' | 'title'>

/** Returns the event that a history row stands for; null if webhooks do not send it. */
export function eventOf({ kind, code, at, entryId, flowId, entry }: AuditRow): WebhookEvent | null {
  if (entryId === null) return null
  const event = (type: WebhookEventType, reason: string | null): WebhookEvent => ({
    ...{ type, at, entryId, flowId, reason },
  })
  switch (kind) {
    case 'entry_created':
      return event('entry.added', null)
    case 'entry_removed':
      if (code === 'ignored') return null
      return { ...event('entry.removed', null), removed: { domain: null, title: null, ...entry } }
    case 'reauth_required':
      return event('entry.reauth_required', code)
    case 'credential_restored':
      // The previous credential needed the user already.
      return code === null ? null : event('entry.reauth_required', code)
    case 'credential_updated':
    case 'account_replaced':
      return code === 'repaired' ? event('entry.repaired', kind) : null
    case 'reauth_repaired':
    case 'reauth_withdrawn':
      return event('entry.repaired', kind)
    case 'credential_expiring':
      return event('entry.expiring', null)
    default:
      return null
  }
}

/** Returns the JSON of an event for a receiver. It contains ids, codes, the title and the tags, never a field value. */
export function payloadOf(
  scope: string,
  {
    type,
    at,
    entryId,
    flowId,
    reason,
  }: Omit<WebhookEvent, 'type' | 'entryId'> & {
    readonly type: WebhookPayload['type']
    readonly entryId: string | null
  },
  { domain, title }: EventEntry,
  tags: WebhookPayload['data']['tags'],
): string {
  const payload: WebhookPayload = {
    type,
    timestamp: new Date(at).toISOString(),
    data: { scope, tags, entryId, flowId, domain, title, reason },
  }
  return JSON.stringify(payload)
}
