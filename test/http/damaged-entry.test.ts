import { describe, expect, it } from '@jest/globals'
import { Served } from './served.ts'

describe('a damaged entry over HTTP', () => {
  it('is in the attention list, can be removed, and its account can be linked again', async () => {
    await using served = await Served.open()
    const entryId = await served.link()
    const record = await served.store.getEntry('default', entryId)
    const damaged = { ...structuredClone(record), title: 5, revision: 2 } as never
    await served.store.apply('default', [{ put: 'entry', record: damaged, ifRevision: 1 }])
    expect(await served.call('GET', `/entries/${entryId}`)).toMatchObject({
      status: 409,
      body: { code: 'UNREADABLE_RECORD', detail: expect.stringContaining(entryId) },
    })
    expect((await served.call('GET', '/entries')).body).toMatchObject({ items: [], unreadable: [entryId] })
    const { body } = await served.call('GET', '/attention')
    expect(body.items).toMatchObject([
      { entryId, reason: 'unreadable', text: 'Its saved data can’t be read.' },
    ])
    expect((await served.call('DELETE', `/entries/${entryId}`)).status).toBe(204)
    expect((await served.call('GET', '/attention')).body.items).toEqual([])
    expect(await served.link()).not.toBe(entryId)
  })

  it('has a flow that cannot be read, but can be cancelled', async () => {
    await using served = await Served.open()
    const { flowId } = await served.latchkey.flows.start({ domain: 'my_hub', source: 'user' })
    const record = await served.store.getFlow('default', flowId)
    const damaged = { ...structuredClone(record), machine: 'config-flow@9', revision: 2 } as never
    await served.store.apply('default', [{ put: 'flow', record: damaged, ifRevision: 1 }])
    expect(await served.call('GET', `/flows/${flowId}`)).toMatchObject({ status: 409 })
    const cancelled = await served.call('DELETE', `/flows/${flowId}`)
    expect(cancelled).toMatchObject({ status: 200, body: { reason: 'cancelled' } })
  })
})
