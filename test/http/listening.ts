import { createParser, type EventSourceMessage } from 'eventsource-parser'
import type { Served } from './served.ts'

/** A stream of events as it comes, read with somebody else's parser. */
export class Listening implements AsyncDisposable {
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
