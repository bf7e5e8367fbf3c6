import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { myHub } from '../../examples/my-hub/my-hub.ts'
import type { Access } from '../../src/http/index.ts'
import { createLatchkey } from '../../src/index.ts'
import { EventReader } from './event-reader.ts'
import { byName, Served } from './served.ts'

/** Makes intervals fire immediately. */
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

  it('begins with the attention list and counts, without entries, and continues with changes', async () => {
    await using served = await Served.open()
    const entryId = await served.link()
    await using stream = await EventReader.to(served)
    const first = await stream.next()
    expect(first).toEqual({
      id: expect.stringMatching(/-\d+$/),
      event: 'snapshot',
      data: {
        cursor: first.id,
        counts: { all: 1, attention: 0, offline: 0, connected: 1, disabled: 0 },
        attention: [],
        flows: [],
        ignored: [],
      },
    })
    await served.breakToken(entryId)
    const { data } = await stream.until('attention', ({ item }) => item !== null)
    expect(data).toMatchObject({ entryId, item: { reason: 'invalid_auth' } })
    const entry = await stream.until('entry', ({ state }) => state === 'reauth_required')
    expect(entry.data).toMatchObject({ entryId })
    await served.latchkey.entries.remove(entryId)
    expect((await stream.until('entry_removed')).data).toEqual({ entryId })
  })

  it('sends ignored entries separately, and discoveries', async () => {
    await using served = await Served.open()
    const { flows } = served.latchkey
    const find = (uniqueId: string) =>
      flows.start({ domain: 'my_hub', source: 'discovery', discovery: { uniqueId, values: {} } })
    const { entryId } = await flows.ignore((await find('hub-1')).flowId)
    const { flowId } = await find('hub-2')
    await using stream = await EventReader.to(served)
    expect((await stream.next()).data).toMatchObject({
      counts: { all: 0 },
      ignored: [{ entryId, ignored: true }],
      flows: [{ flowId, source: 'discovery' }],
    })
    await flows.ignore(flowId)
    expect((await stream.until('entry')).data).toMatchObject({ ignored: true, title: 'My Hub' })
    await served.latchkey.entries.remove(entryId ?? '')
    expect((await stream.until('entry_removed')).data).toEqual({ entryId })
  })

  it('has no flow that edits an entry: each attention item names its own', async () => {
    await using served = await Served.open()
    const entryId = await served.link()
    await served.breakToken(entryId)
    await using stream = await EventReader.to(served)
    const { data } = await stream.next()
    expect(data).toMatchObject({ flows: [], attention: [{ entryId, flowId: expect.any(String) }] })
  })

  it('begins with at most 1,000 items of a larger scope, and sends its counts when they have changed', async () => {
    await using served = await Served.open()
    const { store } = served
    const entryId = await served.link()
    const record = await store.getEntry('default', entryId)
    if (record === undefined) throw new Error('The entry was removed.')
    const reauth = { since: 1, reason: 'requested' } as const
    const writes = Array.from({ length: 10_001 }, (_, at) => {
      const copy = { ...record, entryId: `z-${at}`, uniqueId: `z-${at}`, revision: 1, reauth }
      return { put: 'entry', record: copy, ifRevision: 0 } as const
    })
    await store.apply('default', writes)
    holdIntervals()
    await using stream = await EventReader.to(served)
    const { data } = await stream.next()
    expect(data).toMatchObject({ counts: { all: 10_002, attention: 10_001 } })
    expect((data as { attention: unknown[] }).attention).toHaveLength(1_000)
    await served.latchkey.entries.disable(entryId)
    await jest.advanceTimersByTimeAsync(15_000)
    expect((await stream.until('counts')).data).toMatchObject({ all: 10_002, disabled: 1 })
    await jest.advanceTimersByTimeAsync(30_000)
    await served.latchkey.entries.remove(entryId)
    // The counts were not sent again before this change.
    expect((await stream.next()).event).not.toBe('counts')
  })

  it('sends the view of a flow after each transition, including work in progress', async () => {
    await using served = await Served.open()
    await using stream = await EventReader.to(served)
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

  it('resumes after a disconnect without repeating messages', async () => {
    await using served = await Served.open()
    const ids: string[] = []
    {
      await using stream = await EventReader.to(served)
      ids.push((await stream.next()).id)
      await served.latchkey.flows.start({ domain: 'my_hub', source: 'user' })
      ids.push((await stream.until('flow')).id)
    }
    const missed = await served.latchkey.flows.start({ domain: 'my_hub', source: 'user' })
    await using again = await EventReader.to(served, { lastId: ids[1] ?? '' })
    const message = await again.next()
    expect(message.event).not.toBe('snapshot')
    expect((await again.until('flow')).data).toMatchObject({ flowId: missed.flowId })
  })

  it.each(['', 'nonsense', 'another-3', '-1'])(
    'begins with a snapshot after an unknown id: %s',
    async (lastId) => {
      await using served = await Served.open()
      await using stream = await EventReader.to(served, { lastId })
      expect((await stream.next()).event).toBe('snapshot')
    },
  )

  it('begins with a snapshot if too many messages were missed', async () => {
    await using served = await Served.open()
    const lastId = await (async () => {
      await using stream = await EventReader.to(served)
      return (await stream.next()).id
    })()
    for (let number = 0; number < 700; number++) {
      const { flowId } = await served.latchkey.flows.start({ domain: 'my_hub', source: 'user' })
      await served.latchkey.flows.cancel(flowId)
    }
    await using stream = await EventReader.to(served, { lastId })
    expect((await stream.next()).event).toBe('snapshot')
  })

  it('sends each scope only its own events', async () => {
    const publicUrl = 'https://hub.example'
    await using served = await Served.open({ authorize: byName, publicUrl })
    await using stream = await EventReader.to(served, { token: 'b/bob/read', origin: publicUrl })
    expect((await stream.next()).data).toMatchObject({
      counts: { all: 0 },
      ignored: [],
      flows: [],
      attention: [],
    })
    await served.link('good', 'a')
    const own = await served.latchkey.scope('b').flows.start({ domain: 'my_hub', source: 'user' })
    expect((await stream.next()).data).toMatchObject({ id: own.flowId })
  })

  it('keeps the messages of a scope for a limited time after the last listener leaves', async () => {
    const publicUrl = 'https://hub.example'
    await using served = await Served.open({ authorize: byName, publicUrl })
    holdIntervals()
    // Another listener stays connected.
    await using _ = await EventReader.to(served, { token: 'b/bob/read', origin: publicUrl })
    const come = async (lastId: string) => {
      await using stream = await EventReader.to(served, { token: 'a/ada/read', origin: publicUrl, lastId })
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

  it('ends when the handler is closed', async () => {
    await using served = await Served.open()
    await using stream = await EventReader.to(served)
    await stream.next()
    served.handler.close()
    await expect(stream.next()).rejects.toThrow('The stream has ended.')
  })

  it('ends when the host begins to stop, and is not opened then', async () => {
    await using served = await Served.open()
    await served.link()
    await using stream = await EventReader.to(served)
    await stream.next()
    const listener = Promise.withResolvers<void>()
    served.latchkey.on('entry_unloaded', () => listener.promise)
    const stopped = served.latchkey.stop()
    expect((await served.call('GET', '/events')).body).toMatchObject({ code: 'STOPPED' })
    expect((await served.call('GET', '/entries')).status).toBe(200)
    await expect(stream.until('never')).rejects.toThrow('The stream has ended.')
    listener.resolve()
    await stopped
    expect((await served.call('GET', '/entries')).body).toMatchObject({ code: 'STOPPED' })
  })

  it('begins with changes that another process has made before', async () => {
    await using served = await Served.open()
    {
      await using stream = await EventReader.to(served)
      expect((await stream.next()).data).toMatchObject({ flows: [] })
    }
    const other = await createLatchkey({ integrations: [myHub], store: served.store })
    const { flowId } = await other.flows.start({ domain: 'my_hub', source: 'user' })
    await other.stop()
    await using stream = await EventReader.to(served)
    expect((await stream.next()).data).toMatchObject({ flows: [{ flowId }] })
  })

  it('begins even if events occur continuously', async () => {
    await using served = await Served.open()
    const { store, latchkey } = served
    const findEntries = store.findEntries.bind(store)
    let times = 0
    jest.spyOn(store, 'findEntries').mockImplementation(async (...query) => {
      if (times++ < 20) await latchkey.flows.start({ domain: 'my_hub', source: 'user' })
      return findEntries(...query)
    })
    await using stream = await EventReader.to(served)
    expect((await stream.next()).event).toBe('snapshot')
    // Read once: the ignored entries.
    expect(times).toBe(1)
    expect((await stream.until('flow')).data).toMatchObject({ step: 'user' })
  })

  it('rejects and cleans up if the store fails', async () => {
    await using served = await Served.open()
    holdIntervals()
    jest.spyOn(served.store, 'findEntries').mockRejectedValueOnce(new Error('The disk was removed.'))
    const answer = await served.call('GET', '/events')
    expect(answer).toMatchObject({ status: 500, body: { code: 'INTERNAL' } })
    expect(jest.getTimerCount()).toBe(0)
    await using stream = await EventReader.to(served)
    expect((await stream.next()).event).toBe('snapshot')
  })

  it('answers an unexpected error with 500 even if the log throws', async () => {
    const failing = () => {
      throw new Error('The worker has exited.')
    }
    await using served = await Served.open({ log: { info: failing, warn: failing, error: failing } })
    jest.spyOn(served.store, 'findEntries').mockRejectedValueOnce(new Error('The disk was removed.'))
    const answer = await served.call('GET', '/entries')
    expect(answer).toMatchObject({ status: 500, body: { code: 'INTERNAL' } })
  })

  it.each<[string, Access | null]>([
    ['is no longer authenticated', null],
    ['belongs to another scope', { scope: 'b', principal: 'ada', rights: ['manage'] }],
    ['is another user now', { scope: 'a', principal: 'bob', rights: ['read'] }],
    ['has lost the right to read', { scope: 'a', principal: 'ada', rights: [] }],
  ])('ends within a minute for a listener that %s', async (_, later) => {
    let access: Access | null = { scope: 'a', principal: 'ada', rights: ['read'] }
    const origin = 'https://hub.example'
    await using served = await Served.open({ authorize: () => access, publicUrl: origin })
    holdIntervals()
    await using stream = await EventReader.to(served, { origin })
    expect((await stream.next()).event).toBe('snapshot')
    await jest.advanceTimersByTimeAsync(60_000)
    access = later
    await jest.advanceTimersByTimeAsync(60_000)
    await expect(stream.next()).rejects.toThrow('The stream has ended.')
  })

  it('asks again after the interval that the host has set', async () => {
    let isKnown = true
    const origin = 'https://hub.example'
    const authorize = () => (isKnown ? ({ scope: 'a', principal: 'ada', rights: ['read'] } as const) : null)
    await using served = await Served.open({ authorize, publicUrl: origin, authorizeInterval: 5_000 })
    holdIntervals()
    await using stream = await EventReader.to(served, { origin })
    expect((await stream.next()).event).toBe('snapshot')
    isKnown = false
    await jest.advanceTimersByTimeAsync(5_000)
    await expect(stream.next()).rejects.toThrow('The stream has ended.')
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'cannot be opened with the interval %p',
    async (authorizeInterval) => {
      await expect(Served.open({ authorizeInterval })).rejects.toThrow(
        `Invalid authorizeInterval ${authorizeInterval}.`,
      )
    },
  )

  it('ends at once for a revoked principal, in one scope or in all', async () => {
    const publicUrl = 'https://hub.example'
    await using served = await Served.open({ authorize: byName, publicUrl })
    const open = async (token: string) => {
      const stream = await EventReader.to(served, { token, origin: publicUrl })
      expect((await stream.next()).event).toBe('snapshot')
      return stream
    }
    const change = (scope: string) =>
      served.latchkey.scope(scope).flows.start({ domain: 'my_hub', source: 'user' })
    await using inA = await open('a/ada/read')
    await using inB = await open('b/ada/read')
    await using other = await open('a/bob/read')
    served.handler.revoke('ada', 'a')
    await change('a')
    await expect(inA.next()).rejects.toThrow('The stream has ended.')
    expect((await other.next()).event).toBe('transition')
    await change('b')
    expect((await inB.next()).event).toBe('transition')
    served.handler.revoke('ada')
    await change('b')
    await expect(inB.until('none')).rejects.toThrow('The stream has ended.')
  })
})
