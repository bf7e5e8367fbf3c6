import type { WebSocket } from 'ws'
import type { ShownActor, Wire } from './shown-actor.ts'

/** A connected viewer. It only receives messages. */
export class Viewer {
  readonly #socket: WebSocket
  readonly #wire: Wire
  readonly #bufferLimit: number
  readonly #announced = new Set<string>()

  constructor(socket: WebSocket, wire: Wire, bufferLimit: number) {
    this.#socket = socket
    this.#wire = wire
    this.#bufferLimit = bufferLimit
    // An error closes the connection.
    socket.on('error', () => socket.terminate())
  }

  /** Announces the live actors, no faster than the viewer reads. */
  async announce(actors: Iterable<ShownActor>): Promise<void> {
    for (const actor of actors) {
      if (this.#announced.has(actor.id)) continue
      await this.show(actor)
      if (this.#socket.readyState !== this.#socket.OPEN) return
    }
  }

  /** Sends the state of an actor. Resolves when the message was sent or dropped. */
  async show(actor: ShownActor): Promise<void> {
    const isAnnounced = this.#announced.has(actor.id)
    if (actor.status === 'active') this.#announced.add(actor.id)
    // An ended actor is not announced to a viewer that does not know it.
    else if (!this.#announced.delete(actor.id)) return
    const messages = isAnnounced ? this.#wire.update(actor) : this.#wire.announce(actor)
    await Promise.all(messages.map((message) => this.#send(message)))
  }

  #send(message: string): Promise<void> {
    const socket = this.#socket
    if (socket.bufferedAmount + Buffer.byteLength(message) > this.#bufferLimit) socket.terminate()
    return new Promise((resolve) => socket.send(message, () => resolve()))
  }
}
