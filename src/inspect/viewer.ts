import type { WebSocket } from 'ws'
import type { ShownActor, Wire } from './shown-actor.ts'

/** Somebody who looks on: is told, and never heard. */
export class Viewer {
  readonly #socket: WebSocket
  readonly #wire: Wire
  readonly #bufferLimit: number
  readonly #met = new Set<string>()

  constructor(socket: WebSocket, wire: Wire, bufferLimit: number) {
    this.#socket = socket
    this.#wire = wire
    this.#bufferLimit = bufferLimit
    // What breaks a connection closes it; there is nobody to be told.
    socket.on('error', () => socket.terminate())
  }

  /** Introduces the actors that live, no faster than they are read. */
  async meet(actors: Iterable<ShownActor>): Promise<void> {
    for (const actor of actors) {
      if (this.#met.has(actor.id)) continue
      await this.show(actor)
      if (this.#socket.readyState !== this.#socket.OPEN) return
    }
  }

  /** Tells where an actor stands. Resolves when that has left, or never will. */
  async show(actor: ShownActor): Promise<void> {
    const isMet = this.#met.has(actor.id)
    if (actor.status === 'active') this.#met.add(actor.id)
    // Nobody is introduced to what is over.
    else if (!this.#met.delete(actor.id)) return
    const messages = isMet ? this.#wire.stepped(actor) : this.#wire.registered(actor)
    await Promise.all(messages.map((message) => this.#send(message)))
  }

  #send(message: string): Promise<void> {
    const socket = this.#socket
    if (socket.bufferedAmount + Buffer.byteLength(message) > this.#bufferLimit) socket.terminate()
    return new Promise((resolve) => socket.send(message, () => resolve()))
  }
}
