import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import type { ShownActor, Wire } from './shown-actor.ts'
import { Viewer } from './viewer.ts'

export interface InspectServerOptions {
  /** 0 selects a free port. */
  readonly port: number
  /** The origins of pages that may connect. */
  readonly origins: readonly string[]
  /** Maximum of unread bytes of a viewer. Past it the viewer is disconnected. */
  readonly bufferLimit: number
  /** The message formats by path. */
  readonly wires: ReadonlyMap<string, Wire>
  /** The actors to announce to a new viewer. */
  readonly actors: ReadonlyMap<string, ShownActor>
}

const HOST = '127.0.0.1'
/** The accepted subprotocol. The token is offered as a second one, and not returned. */
const PROTOCOL = 'latchkey'
/** Maximum size of a message from a viewer. Messages are ignored. */
const MAX_MESSAGE_SIZE = 65_536

/** A WebSocket server on the loopback interface. Viewers authenticate with its token. */
export class InspectServer {
  /** The subprotocols that a viewer must offer. */
  readonly protocols: readonly string[] = [PROTOCOL, `${PROTOCOL}.${randomBytes(32).toString('base64url')}`]
  readonly #options: InspectServerOptions
  readonly #server: WebSocketServer
  readonly #viewers = new Set<Viewer>()

  private constructor(options: InspectServerOptions) {
    this.#options = options
    this.#server = new WebSocketServer({
      host: HOST,
      port: options.port,
      maxPayload: MAX_MESSAGE_SIZE,
      verifyClient: ({ req }, answer) => {
        const refusal = this.#refusal(req)
        answer(refusal === null, refusal ?? undefined)
      },
      handleProtocols: () => PROTOCOL,
    })
    this.#server.on('connection', (socket, request) => {
      const wire = options.wires.get(request.url ?? '') as Wire
      const viewer = new Viewer(socket, wire, options.bufferLimit)
      this.#viewers.add(viewer)
      socket.on('close', () => this.#viewers.delete(viewer))
      void viewer.announce(options.actors.values())
    })
  }

  /** Starts the server. @throws Error with the code `EADDRINUSE` if the port is in use */
  static async open(options: InspectServerOptions): Promise<InspectServer> {
    const server = new InspectServer(options)
    await once(server.#server, 'listening')
    return server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  show(actor: ShownActor): void {
    for (const viewer of this.#viewers) void viewer.show(actor)
  }

  /** Disconnects the viewers and closes the server. */
  async close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Returns the status for rejecting a request, or `null` to accept it. */
  #refusal({ url = '', headers }: IncomingMessage): number | null {
    const { wires, origins } = this.#options
    // Rejects other host names for this address (DNS rebinding).
    const hosts = [HOST, 'localhost'].map((host) => `${host}:${this.port}`)
    if (!hosts.includes(headers.host ?? '')) return 421
    // Pages of any origin can open a WebSocket to this machine, but the browser sends their origin.
    if (headers.origin !== undefined && !origins.includes(headers.origin)) return 403
    const [protocol, secret = ''] = (headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/)
    if (protocol !== PROTOCOL || !isEqual(secret, this.protocols[1] as string)) return 401
    return wires.has(url) ? null : 404
  }
}

/** Compares two strings in constant time. */
function isEqual(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
