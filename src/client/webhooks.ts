import type {
  WebhookChange,
  WebhookDelivery,
  WebhookDeliveryPage,
  WebhookList,
  WebhookRequest,
  WebhookView,
  WebhookWithSecret,
} from '../engine/api/webhooks.ts'
import type { Repeatable } from './lost-starts.ts'
import type { Call } from './requests.ts'

/** The calls on webhooks. All require the right `manage`. */
export interface WebhookCalls {
  list(): Promise<WebhookList>
  /**
   * Adds a webhook. Show its secret: it cannot be read again. If the answer is lost, the next call with the same request
   * returns the webhook that the first one added, with its secret.
   */
  add(request: WebhookRequest): Promise<WebhookWithSecret>
  /** Changes a webhook, or turns it on or off. */
  change(webhookId: string, change: WebhookChange): Promise<WebhookView>
  remove(webhookId: string): Promise<void>
  /** Sends a test event once. */
  test(webhookId: string): Promise<WebhookDelivery>
  /** Replaces the signing secret. Show the new one: it cannot be read again. */
  rotateSecret(webhookId: string): Promise<WebhookWithSecret>
  /** Lists the deliveries, newest first. */
  deliveries(
    webhookId: string,
    query?: { readonly after?: string; readonly limit?: number },
  ): Promise<WebhookDeliveryPage>
}

/** Returns the calls on webhooks. */
export function webhookCalls(
  call: <Answer>(path: string, details?: Call) => Promise<Answer>,
  once: Repeatable,
): WebhookCalls {
  const pathOf = (id: string, rest = ''): string => `/webhooks/${encodeURIComponent(id)}${rest}`
  return {
    list: () => call('/webhooks'),
    add: (body) => once(JSON.stringify(body), (key) => call('/webhooks', { method: 'POST', key, body })),
    change: (id, change) => call(pathOf(id), { method: 'PATCH', body: change }),
    remove: (id) => call(pathOf(id), { method: 'DELETE' }),
    test: (id) => call(pathOf(id, '/test'), { method: 'POST' }),
    rotateSecret: (id) => call(pathOf(id, '/secret'), { method: 'POST' }),
    deliveries: (id, query = {}) => call(pathOf(id, '/deliveries'), { query: { ...query } }),
  }
}
