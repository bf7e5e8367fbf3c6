import { afterEach, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { defineIntegration } from '../../../src/authoring/integration.ts'
import { closeHosts, makeWebhookHost } from './webhook-host.ts'

afterEach(closeHosts)

const DAY = 24 * 3_600_000

describe('a credential that expires soon', () => {
  it('is sent once to webhooks', async () => {
    let expiresAt = 0
    const key = defineIntegration({
      domain: 'key',
      title: 'Key',
      fields: z.object({ host: z.string() }),
      connect: async () => ({ client: {}, uniqueId: 'ann', expiresAt }),
    })
    const host = await makeWebhookHost({ integrations: [key] })
    expiresAt = host.clock.now() + 8 * DAY
    await host.hook({ events: ['entry.expiring'] })
    const form = await host.latchkey.flows.start({ domain: 'key', source: 'user' })
    const { entryId } = await host.latchkey.flows.submit(form.flowId, { host: 'h' }, form)
    await host.pass(10_000)
    await host.deliver()
    expect(host.server.received).toEqual([])
    await host.pass(DAY)
    for (let turn = 0; turn < 5; turn++) {
      await host.pass(10_000)
      await host.deliver()
    }
    const data = { entryId, domain: 'key', title: 'Key', reason: null }
    expect(host.server.payloads).toMatchObject([{ type: 'entry.expiring', data }])
    expect(host.server.payloads).toHaveLength(1)
  })
})
