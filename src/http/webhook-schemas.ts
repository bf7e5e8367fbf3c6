import { z } from '@hono/zod-openapi'
import { WEBHOOK_EVENTS } from '../engine/api/webhooks.ts'

/** The schemas of webhooks, for the OpenAPI document and for the validation of requests. */

const at = z.number()
const url = z.string().max(2_000)
const events = z.array(z.enum(WEBHOOK_EVENTS)).max(WEBHOOK_EVENTS.length)
const tags = z.record(z.string(), z.string())

export const WebhookParams = z.object({
  webhookId: z.string().min(1).max(200).openapi({ description: 'The id of the webhook.' }),
})

export const AddWebhookBody = z
  .strictObject({ url, events: events.optional(), tags: tags.optional() })
  .openapi('AddWebhook')

export const ChangeWebhookBody = z
  .strictObject({
    url: url.optional(),
    events: events.optional(),
    tags: tags.optional(),
    enabled: z.boolean().optional(),
  })
  .openapi('ChangeWebhook')

export const Webhook = z
  .object({
    webhookId: z.string(),
    url: z.string(),
    events,
    tags,
    state: z.enum(['active', 'failing', 'off']),
    since: at,
    reason: z.enum(['failed', 'gone', 'turned_off']).nullable(),
    rotatedUntil: at.nullable(),
    createdAt: at,
    updatedAt: at,
  })
  .openapi('Webhook')

export const Webhooks = z.object({ items: z.array(Webhook), unreadable: z.array(z.string()) })

export const WebhookWithSecret = z
  .object({ webhook: Webhook, secret: z.string() })
  .openapi('WebhookWithSecret')

export const WebhookDelivery = z
  .object({
    deliveryId: z.string(),
    type: z.enum([...WEBHOOK_EVENTS, 'webhook.test']),
    state: z.enum(['waiting', 'sending', 'delivered', 'given_up']),
    reason: z.string().nullable(),
    createdAt: at,
    nextAt: at.nullable(),
    attempts: z.array(z.object({ at, status: z.int().nullable(), code: z.string().nullable() })),
  })
  .openapi('WebhookDelivery')

export const WebhookDeliveries = z.object({ items: z.array(WebhookDelivery), next: z.string().nullable() })
