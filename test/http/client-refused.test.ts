import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { ClientRefusedError, defineIntegration, memoryStore, secret } from '../../src/index.ts'
import { EventReader } from './event-reader.ts'
import { Served } from './served.ts'

describe('an application that its service refuses', () => {
  it('is in the attention list, and each change of it in the stream', async () => {
    const service = { refuses: true }
    const account = defineIntegration({
      domain: 'account',
      title: 'Account',
      fields: z.object({ token: secret(), ends: z.number() }),
      expiresAt: ({ ends }) => ends,
      refresh: async () => {
        if (service.refuses) throw new ClientRefusedError()
        return { ends: Date.now() + 3_600_000 }
      },
      connect: async () => ({ client: {}, uniqueId: 'ann' }),
    })
    await using served = await Served.open({}, [account], memoryStore())
    const { latchkey } = served
    await using stream = await EventReader.to(served)
    const form = await latchkey.flows.start({ domain: 'account', source: 'user' })
    const { entryId } = await latchkey.flows.submit(form.flowId, { token: 't', ends: 1 }, form)
    const use = () => latchkey.entries.use(account, entryId ?? '', () => 'ok')
    await expect(use()).rejects.toMatchObject({ reason: 'client_refused' })
    const item = { entryId: null, domain: 'account', title: 'Account', reason: 'client_refused' }
    const { data } = await stream.until('attention', ({ entryId: id }) => id === null)
    expect(data).toMatchObject({ entryId: null, domain: 'account', item })
    const { status, body } = await served.call('GET', '/attention')
    expect([status, body.items]).toEqual([200, [expect.objectContaining(item)]])

    service.refuses = false
    await latchkey.entries.reload(entryId ?? '')
    const gone = await stream.until('attention', ({ entryId: id, item: now }) => id === null && now === null)
    expect(gone.data).toMatchObject({ domain: 'account' })
  })
})
