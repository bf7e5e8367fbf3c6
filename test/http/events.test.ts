import { describe, expect, it } from '@jest/globals'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { byName, Served } from './served.ts'

/** A stream of events as it comes, read with somebody else's parser. */
class Listening implements AsyncDisposable {
  readonly status: number
  readonly #messages: EventSourceMessage[] = []
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #parser = createParser({ onEvent: (message) => this.#messages.push(message) })
  readonly #decoder = new TextDecoder()

  private constructor(response: Response) {
    this.status = response.status
    this.#reader = (response.body as ReadableStream<Uint8Array>).getReader()
  }

  static async to(
    served: Served,
    { token = served.handler.startToken, lastId = '', origin = 'http://127.0.0.1' } = {},
  ) {
    const headers = { authorization: `Bearer ${token}`, ...(lastId !== '' && { 'last-event-id': lastId }) }
    return new Listening(await served.handler(new Request(`${origin}/events`, { headers })))
  }

  /** The next message. */
  async next(): Promise<{ id: string; event: string; data: Record<string, unknown> }> {
    for (;;) {
      const message = this.#messages.shift()
      if (message !== undefined) {
        return { id: message.id ?? '', event: message.event ?? '', data: JSON.parse(message.data) }
      }
      const { done, value } = await this.#reader.read()
      if (done) throw new Error('The stream has ended.')
      this.#parser.feed(this.#decoder.decode(value, { stream: true }))
    }
  }

  /** The next message of a type that fits. */
  async until(event: string, fits: (data: Record<string, unknown>) => boolean = () => true) {
    for (;;) {
      const message = await this.next()
      if (message.event === event && fits(message.data)) return message
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel()
  }
}

describe('GET /events', () => {
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
    expect((await stream.next()).data).toEqual({ entries: [], flows: [], attention: [] })
    await served.link('good', 'a')
    const own = await served.latchkey.scope('b').flows.start({ domain: 'my_hub', source: 'user' })
    expect((await stream.next()).data).toMatchObject({ id: own.flowId })
  })

  it('ends with the handler', async () => {
    await using served = await Served.open()
    await using stream = await Listening.to(served)
    await stream.next()
    served.handler.close()
    await expect(stream.next()).rejects.toThrow('The stream has ended.')
  })
})
