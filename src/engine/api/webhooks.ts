/**
 * The events that webhooks send. `entry.reauth_required`: the account needs the user. `entry.repaired`: it no longer does.
 * `entry.expiring`: its credential expires soon.
 */
export const WEBHOOK_EVENTS = [
  'entry.added',
  'entry.removed',
  'entry.reauth_required',
  'entry.repaired',
  'entry.expiring',
] as const

/** The type of an event. */
export type WebhookEventType = (typeof WEBHOOK_EVENTS)[number]

/** An address that receives the events of a scope, as its owner sets it. */
export interface WebhookRequest {
  /** An HTTPS address without credentials. The host's address policy must allow it. */
  readonly url: string
  /** The events to send. Defaults to all. */
  readonly events?: readonly WebhookEventType[]
  /** Texts that each payload repeats, for example an id of the tenant. At most 10. */
  readonly tags?: { readonly [name: string]: string }
}

/** A change of a webhook. Absent members stay as they are. */
export interface WebhookChange extends Partial<WebhookRequest> {
  /** False turns the webhook off. True turns it on, also after it failed. */
  readonly enabled?: boolean
}

/** A webhook without its signing secret. */
export interface WebhookView {
  readonly webhookId: string
  readonly url: string
  readonly events: readonly WebhookEventType[]
  readonly tags: { readonly [name: string]: string }
  /** `failing`: the last attempt failed, and Latchkey repeats it. `off`: it receives no events. */
  readonly state: 'active' | 'failing' | 'off'
  /** Since when it is in this state (ms since the epoch). */
  readonly since: number
  /**
   * The reason of `off`. `failed`: a delivery failed for a day. `gone`: the receiver answered 410. `turned_off`: a user
   * turned it off. Otherwise null.
   */
  readonly reason: 'failed' | 'gone' | 'turned_off' | null
  /** Until when the previous signing secret is valid, too (ms since the epoch); otherwise null. */
  readonly rotatedUntil: number | null
  readonly createdAt: number
  readonly updatedAt: number
}

/** A webhook and its new signing secret, which is shown only once. */
export interface WebhookWithSecret {
  readonly webhook: WebhookView
  /** The secret that verifies the signatures, as the Standard Webhooks specification writes it: `whsec_…`. */
  readonly secret: string
}

/** The webhooks of a scope. `unreadable` lists the ids of damaged ones, which can be removed. */
export interface WebhookList {
  readonly items: readonly WebhookView[]
  readonly unreadable: readonly string[]
}

/** An attempt of a delivery. */
export interface WebhookAttempt {
  /** When it was started (ms since the epoch). */
  readonly at: number
  /** The HTTP status of the answer; null without one. */
  readonly status: number | null
  /**
   * The reason for a missing answer: `timeout`, `cannot_connect`, `address_refused`, `not_https`, `not_signed`, or `interrupted`
   * if the process ended. Otherwise null.
   */
  readonly code: string | null
}

/** A delivery of an event to a webhook. */
export interface WebhookDelivery {
  /** The id of the message: the header `webhook-id` of each of its attempts. */
  readonly deliveryId: string
  readonly type: WebhookEventType | 'webhook.test'
  readonly state: 'waiting' | 'sending' | 'delivered' | 'given_up'
  /** The reason of `given_up`: `failed`, `gone` or `receiver_off`. Otherwise null. */
  readonly reason: string | null
  readonly createdAt: number
  /** When the next attempt is due (ms since the epoch); otherwise null. */
  readonly nextAt: number | null
  /** The attempts, oldest first. */
  readonly attempts: readonly WebhookAttempt[]
}

/** A page of deliveries, newest first. */
export interface WebhookDeliveryPage {
  readonly items: readonly WebhookDelivery[]
  /** Pass this as `after` to get the next page; null on the last page. */
  readonly next: string | null
}

/** The body of a webhook request, as the Standard Webhooks specification defines it. */
export interface WebhookPayload {
  readonly type: WebhookEventType | 'webhook.test'
  /** When the event happened, as ISO 8601. */
  readonly timestamp: string
  readonly data: {
    readonly scope: string
    readonly tags: { readonly [name: string]: string }
    /** Null in a test. */
    readonly entryId: string | null
    readonly flowId: string | null
    /** Null if the entry was removed before it could be read. */
    readonly domain: string | null
    readonly title: string | null
    /** The code of the reason; null without one. */
    readonly reason: string | null
  }
}
