import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import type { ShownActor, Wire } from './shown-actor.ts'
import { Viewer } from './viewer.ts'

export interface InspectServerOptions {
  /** 0 takes one that is free. */
  readonly port: number
  /** The pages that may connect, by origin. */
  readonly origins: readonly string[]
  /** A viewer that has not read this many bytes is dropped. */
  readonly bufferLimit: number
  /** Who is told how, by path. */
  readonly wires: ReadonlyMap<string, Wire>
  /** Whom a viewer that comes late is introduced to. */
  readonly actors: ReadonlyMap<string, ShownActor>
}

const HOST = '127.0.0.1'
/** The protocol that is agreed on; the token is offered beside it, and not sent back. */
const PROTOCOL = 'latchkey'
/** Whatever a viewer says is ignored, and this much of it read. */
const MOST_HEARD = 65_536

/** A WebSocket server on the loopback interface, for viewers that bear its token. */
export class InspectServer {
  /** What a viewer offers as subprotocols. */
  readonly protocols: readonly string[] = [PROTOCOL, `${PROTOCOL}.${randomBytes(32).toString('base64url')}`]
  readonly #options: InspectServerOptions
  readonly #server: WebSocketServer
  readonly #viewers = new Set<Viewer>()

  private constructor(options: InspectServerOptions) {
    this.#options = options
    this.#server = new WebSocketServer({
      host: HOST,
      port: options.port,
      maxPayload: MOST_HEARD,
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
      void viewer.meet(options.actors.values())
    })
  }

  /** Listens. Rejects where the port is taken. */
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

  /** Drops the viewers, and listens no more. */
  async close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** The status that a request is refused with; null lets it in. */
  #refusal({ url = '', headers }: IncomingMessage): number | null {
    const { wires, origins } = this.#options
    // A name that a page has bound to this address is not this host's.
    const hosts = [HOST, 'localhost'].map((host) => `${host}:${this.port}`)
    if (!hosts.includes(headers.host ?? '')) return 421
    // Any page may open a socket to this machine, and says which page it is.
    if (headers.origin !== undefined && !origins.includes(headers.origin)) return 403
    const [protocol, secret = ''] = (headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/)
    if (protocol !== PROTOCOL || !isSame(secret, this.protocols[1] as string)) return 401
    return wires.has(url) ? null : 404
  }
}

/** Compares in a time that tells nothing of where they differ. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
