import type { ScopesLatchkey } from '../../src/index.ts'

// #region add
/** Sends the events of a tenant to an address. Returns the secret: store it at the receiver. */
export async function notify(latchkey: ScopesLatchkey, tenant: string, url: string): Promise<string> {
  const { webhooks } = latchkey.scope(tenant)
  const { webhook, secret } = await webhooks.add({
    url,
    events: ['entry.reauth_required', 'entry.repaired'],
    tags: { tenant },
  })
  const { state, attempts } = await webhooks.test(webhook.webhookId)
  console.log(state, attempts.at(-1)?.status)
  return secret
}
// #endregion
