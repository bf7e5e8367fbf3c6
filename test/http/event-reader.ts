import { createParser, type EventSourceMessage } from 'eventsource-parser'
import type { Served } from './served.ts'

/** Reads a stream of events with a third-party parser. */
export class EventReader implements AsyncDisposable {
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
    served: Pick<Served, 'handler'>,
    { token = served.handler.startToken, lastId = '', origin = 'http://127.0.0.1' } = {},
  ) {
    const headers = { authorization: `Bearer ${token}`, ...(lastId !== '' && { 'last-event-id': lastId }) }
    return new EventReader(await served.handler(new Request(`${origin}/events`, { headers })))
  }

  /** Returns the next message. */
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

  /** Returns the next message of this type that matches. */
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
