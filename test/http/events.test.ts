import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { myHub } from '../../examples/my-hub/my-hub.ts'
import type { Access } from '../../src/http/index.ts'
import { createLatchkey } from '../../src/index.ts'
import { Listening } from './listening.ts'
import { byName, Served } from './served.ts'

/** Lets no time pass of itself for what is done again and again. */
function holdIntervals(): void {
  jest.useFakeTimers({
    doNotFake: ['Date', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'setTimeout'],
  })
}

describe('GET /events', () => {
  afterEach(() => {
    jest.useRealTimers()
    jest.restoreAllMocks()
  })

  it('begins with how everything stands, and tells what happens', async () => {
    await using served = await Served.open()
    const entryId = await served.link()
    await using stream = await Listening.to(served)
    const first = await stream.next()
    expect(first).toMatchObject({
      event: 'snapshot',
      data: { entries: [{ entryId, state: 'loaded' }], flows: [], attention: [] },
    })
    await served.breakToken(entryId)
    const { data } = await stream.until('attention', ({ item }) => item !== null)
    expect(data).toMatchObject({ entryId, item: { reason: 'invalid_auth' } })
    const entry = await stream.until('entry', ({ state }) => state === 'reauth_required')
    expect(entry.data).toMatchObject({ entryId })
    await served.latchkey.entries.remove(entryId)
    expect((await stream.until('entry_removed')).data).toEqual({ entryId })
  })

  it('tells what is ignored apart from the entries, and of what was found', async () => {
    await using served = await Served.open()
    const { flows } = served.latchkey
    const find = (uniqueId: string) =>
      flows.start({ domain: 'my_hub', source: 'discovery', discovery: { uniqueId, values: {} } })
    const { entryId } = await flows.ignore((await find('hub-1')).flowId)
    const { flowId } = await find('hub-2')
    await using stream = await Listening.to(served)
    expect((await stream.next()).data).toMatchObject({
      ...{ entries: [], ignored: [{ entryId, ignored: true }], flows: [{ flowId, source: 'discovery' }] },
    })
    await flows.ignore(flowId)
    expect((await stream.until('entry')).data).toMatchObject({ ignored: true, title: 'My Hub' })
    await served.latchkey.entries.remove(entryId ?? '')
    expect((await stream.until('entry_removed')).data).toEqual({ entryId })
  })

  it('tells the views of flows as they move, work included', async () => {
    await using served = await Served.open()
    await using stream = await Listening.to(served)
    expect((await stream.next()).event).toBe('snapshot')
    const form = await served.latchkey.flows.start({ domain: 'my_hub', source: 'user' })
    expect((await stream.until('flow')).data).toEqual(form)
    const input = { host: served.service.host, apiToken: 'good' }
    const end = await served.latchkey.flows.submit(form.flowId, input, { revision: 1 })
    expect((await stream.until('transition', ({ to }) => to === 'checkingConnection')).data).toMatchObject({
      id: form.flowId,
    })
    expect((await stream.until('flow', ({ type }) => type === 'create_entry')).data).toEqual(end)
  })

  it('goes on where somebody was cut off, and tells nothing twice', async () => {
    await using served = await Served.open()
    const ids: string[] = []
    {
      await using stream = await Listening.to(served)
      ids.push((await stream.next()).id)
      await served.latchkey.flows.start({ domain: 'my_hub', source: 'user' })
      ids.push((await stream.until('flow')).id)
    }
    const missed = await served.latchkey.flows.start({ domain: 'my_hub', source: 'user' })
    await using again = await Listening.to(served, { lastId: ids[1] ?? '' })
    const message = await again.next()
    expect(message.event).not.toBe('snapshot')
    expect((await again.until('flow')).data).toMatchObject({ flowId: missed.flowId })
  })

  it.each(['', 'nonsense', 'another-3', '-1'])(
    'begins anew after an id that is not its own: %s',
    async (lastId) => {
      await using served = await Served.open()
      await using stream = await Listening.to(served, { lastId })
      expect((await stream.next()).event).toBe('snapshot')
    },
  )

  it('begins anew where more was missed than is kept', async () => {
    await using served = await Served.open()
    const lastId = await (async () => {
      await using stream = await Listening.to(served)
      return (await stream.next()).id
    })()
    for (let number = 0; number < 700; number++) {
      const { flowId } = await served.latchkey.flows.start({ domain: 'my_hub', source: 'user' })
      await served.latchkey.flows.cancel(flowId)
    }
    await using stream = await Listening.to(served, { lastId })
    expect((await stream.next()).event).toBe('snapshot')
  })

  it('tells each scope its own', async () => {
    const publicUrl = 'https://hub.example'
    await using served = await Served.open({ authorize: byName, publicUrl })
    await using stream = await Listening.to(served, { token: 'b/bob/read', origin: publicUrl })
    expect((await stream.next()).data).toEqual({ entries: [], ignored: [], flows: [], attention: [] })
    await served.link('good', 'a')
    const own = await served.latchkey.scope('b').flows.start({ domain: 'my_hub', source: 'user' })
    expect((await stream.next()).data).toMatchObject({ id: own.flowId })
  })

  it('remembers a scope for a while after nobody listens, and not for ever', async () => {
    const publicUrl = 'https://hub.example'
    await using served = await Served.open({ authorize: byName, publicUrl })
    holdIntervals()
    // Somebody else listens all the time.
    await using _ = await Listening.to(served, { token: 'b/bob/read', origin: publicUrl })
    const come = async (lastId: string) => {
      await using stream = await Listening.to(served, { token: 'a/ada/read', origin: publicUrl, lastId })
      await served.latchkey.scope('a').flows.start({ domain: 'my_hub', source: 'user' })
      return stream.next()
    }
    const first = await come('')
    expect(first.event).toBe('snapshot')
    await jest.advanceTimersByTimeAsync(4 * 60_000)
    const second = await come(first.id)
    expect(second.event).not.toBe('snapshot')
    await jest.advanceTimersByTimeAsync(6 * 60_000)
    expect((await come(second.id)).event).toBe('snapshot')
  })

  it('ends with the handler', async () => {
    await using served = await Served.open()
    await using stream = await Listening.to(served)
    await stream.next()
    served.handler.close()
    await expect(stream.next()).rejects.toThrow('The stream has ended.')
  })

  it('begins with what another process has written meanwhile', async () => {
    await using served = await Served.open()
    {
      await using stream = await Listening.to(served)
      expect((await stream.next()).data).toMatchObject({ flows: [] })
    }
    const other = await createLatchkey({ integrations: [myHub], store: served.store })
    const { flowId } = await other.flows.start({ domain: 'my_hub', source: 'user' })
    await other.stop()
    await using stream = await Listening.to(served)
    expect((await stream.next()).data).toMatchObject({ flows: [{ flowId }] })
  })

  it('begins also where something happens all the time', async () => {
    await using served = await Served.open()
    const { store, latchkey } = served
    const findEntries = store.findEntries.bind(store)
    let times = 0
    jest.spyOn(store, 'findEntries').mockImplementation(async (...query) => {
      if (times++ < 20) await latchkey.flows.start({ domain: 'my_hub', source: 'user' })
      return findEntries(...query)
    })
    await using stream = await Listening.to(served)
    expect((await stream.next()).event).toBe('snapshot')
    // It was read once: the entries, what is ignored, and what needs a person.
    expect(times).toBe(3)
    expect((await stream.until('flow')).data).toMatchObject({ step: 'user' })
  })

  it('is refused where the store fails, and leaves nothing behind', async () => {
    await using served = await Served.open()
    holdIntervals()
    jest.spyOn(served.store, 'findEntries').mockRejectedValueOnce(new Error('The disk is gone.'))
    const answer = await served.call('GET', '/events')
    expect(answer).toMatchObject({ status: 500, body: { code: 'INTERNAL' } })
    expect(jest.getTimerCount()).toBe(0)
    await using stream = await Listening.to(served)
    expect((await stream.next()).event).toBe('snapshot')
  })

  it.each<[string, Access | null]>([
    ['is nobody any more', null],
    ['belongs to another scope', { scope: 'b', principal: 'ada', rights: ['manage'] }],
    ['may not read any more', { scope: 'a', principal: 'ada', rights: [] }],
  ])('ends within a quarter of an hour for somebody who %s', async (_, later) => {
    let access: Access | null = { scope: 'a', principal: 'ada', rights: ['read'] }
    const origin = 'https://hub.example'
    await using served = await Served.open({ authorize: () => access, publicUrl: origin })
    holdIntervals()
    await using stream = await Listening.to(served, { origin })
    expect((await stream.next()).event).toBe('snapshot')
    await jest.advanceTimersByTimeAsync(15 * 60_000)
    access = later
    await jest.advanceTimersByTimeAsync(15 * 60_000)
    await expect(stream.next()).rejects.toThrow('The stream has ended.')
  })
})
