import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { notify } from '../../examples/webhooks/notify.ts'
import { receive } from '../../examples/webhooks/receiver.ts'
import type { WebhookPayload } from '../../src/index.ts'
import { addEntry, loseCredential } from '../engine/host.ts'
import { closeHosts, makeWebhookHost } from '../engine/webhooks/webhook-host.ts'

afterEach(closeHosts)

describe('the examples of docs/guides/webhooks.md', () => {
  it('tell a tenant once that an account needs its user', async () => {
    const host = await makeWebhookHost()
    const printed = jest.spyOn(console, 'log').mockImplementation(() => {})
    const secret = await notify(host.latchkey, 'tenant-1', host.server.url)
    expect(printed.mock.calls).toEqual([['delivered', 204]])
    printed.mockRestore()
    const scoped = { latchkey: host.latchkey.scope('tenant-1'), service: host.service }
    const entryId = await addEntry(scoped)
    await loseCredential(scoped, entryId)
    await host.deliver()
    const events: WebhookPayload[] = []
    const receiver = { seen: new Set<string>(), handle: (event: WebhookPayload) => events.push(event) }
    const answers: number[] = []
    const answered = async (key: string, { body, headers }: (typeof host.server.received)[0]) => {
      const request = new Request('https://example.org/hooks', {
        method: 'POST',
        body,
        headers: headers as Record<string, string>,
      })
      answers.push((await receive(request, { ...receiver, secret: key })).status)
    }
    for (const request of [...host.server.received, ...host.server.received]) await answered(secret, request)
    for (const request of host.server.received)
      await answered('whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', request)
    expect(answers).toEqual([204, 204, 204, 204, 401, 401])
    expect(events.map(({ type, data }) => [type, data.entryId, data.tags])).toEqual([
      ['webhook.test', null, { tenant: 'tenant-1' }],
      ['entry.reauth_required', entryId, { tenant: 'tenant-1' }],
    ])
  })
})
