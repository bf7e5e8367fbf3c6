import { afterEach, describe, expect, it } from '@jest/globals'
import { addEntry, loseCredential } from '../host.ts'
import { until, verified } from './hook-server.ts'
import { closeHosts, makeWebhookHost } from './webhook-host.ts'

afterEach(closeHosts)

describe('webhooks', () => {
  it('send a signed event for each change of an account, with ids, domain, title and reason', async () => {
    const host = await makeWebhookHost()
    const { latchkey, service, server } = host
    const { secret } = await host.hook({ tags: { tenant: 't-1' } })
    const entryId = await addEntry(host)
    const { flowId, revision } = await loseCredential(host, entryId)
    service.accounts.set('fresh', 'ann')
    await latchkey.flows.submit(flowId, { token: 'fresh' }, { revision })
    await latchkey.entries.remove(entryId)
    await host.deliver()
    expect(server.received.every((request) => verified(request, secret))).toBe(true)
    const about = { scope: 'default', tags: { tenant: 't-1' }, entryId, domain: 'scripted' }
    const title = expect.any(String)
    expect([...server.payloads].sort((a, b) => (a.type < b.type ? -1 : 1))).toEqual(
      [
        {
          type: 'entry.added',
          timestamp: expect.any(String),
          data: { ...about, title, flowId: expect.any(String), reason: null },
        },
        {
          type: 'entry.reauth_required',
          timestamp: expect.any(String),
          data: { ...about, title, flowId: null, reason: 'invalid_auth' },
        },
        {
          type: 'entry.removed',
          timestamp: expect.any(String),
          data: { ...about, title, flowId: null, reason: null },
        },
        {
          type: 'entry.repaired',
          timestamp: expect.any(String),
          data: { ...about, title, flowId, reason: 'credential_updated' },
        },
      ].sort((a, b) => (a.type < b.type ? -1 : 1)),
    )
  })

  it('test', async () => {
    const host = await makeWebhookHost()
    const { id, secret } = await host.hook()
    const delivery = await host.latchkey.webhooks.test(id)
    expect(delivery).toMatchObject({
      type: 'webhook.test',
      state: 'delivered',
      attempts: [{ status: 204, code: null }],
    })
    expect(verified(host.server.received[0] as never, secret)).toBe(true)
    await until(() => true)
  })
})
