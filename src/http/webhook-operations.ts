import { definedOf, startBy } from './flow-operations.ts'
import { type AnyOperation, answer, operation } from './operation.ts'
import { reply } from './reply.ts'
import { IdempotencyKey, PageQuery } from './schemas.ts'
import * as wire from './webhook-schemas.ts'

/** The operations on webhooks. All require `manage`: an address can contain a secret of its owner. */
export const webhookOperations: readonly AnyOperation[] = [
  operation({
    method: 'get',
    path: '/webhooks',
    summary: 'List the webhooks, without their signing secrets.',
    right: 'manage',
    answers: { 200: { description: 'All webhooks.', schema: wire.Webhooks } },
    run: async ({ latchkey }) => answer(await latchkey.webhooks.list()),
  }),
  operation({
    method: 'post',
    path: '/webhooks',
    summary: 'Add a webhook. Its signing secret is not shown again.',
    right: 'manage',
    headers: IdempotencyKey,
    body: wire.AddWebhookBody,
    answers: { 201: { description: 'The webhook and its signing secret.', schema: wire.WebhookWithSecret } },
    run: async ({ latchkey, access, headers, body }) => {
      const by = startBy(access, headers['idempotency-key'])
      return answer(await latchkey.webhooks.add({ ...definedOf(body), url: body.url }, by), { status: 201 })
    },
  }),
  operation({
    method: 'patch',
    path: '/webhooks/{webhookId}',
    summary: 'Change a webhook, or turn it on or off.',
    right: 'manage',
    params: wire.WebhookParams,
    body: wire.ChangeWebhookBody,
    answers: { 200: { description: 'The webhook.', schema: wire.Webhook } },
    run: async ({ latchkey, access, params, body }) =>
      answer(await latchkey.webhooks.change(params.webhookId, definedOf(body), access)),
  }),
  operation({
    method: 'delete',
    path: '/webhooks/{webhookId}',
    summary: 'Remove a webhook. Its deliveries end.',
    right: 'manage',
    params: wire.WebhookParams,
    answers: { 204: { description: 'Done. The response has no body.' } },
    async run({ latchkey, access, params }) {
      await latchkey.webhooks.remove(params.webhookId, access)
      return reply(null, 204, {})
    },
  }),
  operation({
    method: 'post',
    path: '/webhooks/{webhookId}/test',
    summary: 'Send a test event once, and return its delivery.',
    right: 'manage',
    params: wire.WebhookParams,
    answers: { 200: { description: 'The delivery.', schema: wire.WebhookDelivery } },
    run: async ({ latchkey, access, params }) =>
      answer(await latchkey.webhooks.test(params.webhookId, access)),
  }),
  operation({
    method: 'post',
    path: '/webhooks/{webhookId}/secret',
    summary: 'Replace the signing secret. The previous one stays valid for a day.',
    right: 'manage',
    params: wire.WebhookParams,
    answers: {
      200: { description: 'The webhook and its new signing secret.', schema: wire.WebhookWithSecret },
    },
    run: async ({ latchkey, access, params }) =>
      answer(await latchkey.webhooks.rotateSecret(params.webhookId, access)),
  }),
  operation({
    method: 'get',
    path: '/webhooks/{webhookId}/deliveries',
    summary: 'List the deliveries of a webhook, newest first, with the status and time of each attempt.',
    right: 'manage',
    params: wire.WebhookParams,
    query: PageQuery,
    answers: { 200: { description: 'A page of deliveries.', schema: wire.WebhookDeliveries } },
    run: async ({ latchkey, params, query }) =>
      answer(await latchkey.webhooks.deliveries(params.webhookId, definedOf(query))),
  }),
]
