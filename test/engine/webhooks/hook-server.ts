import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { Webhook } from 'standardwebhooks'
import type { WebhookPayload } from '../../../src/engine/api/webhooks.ts'

/** A request that the server received. */
export interface Received {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void

/**
 * A real HTTP server that receives webhooks, with a certificate an HTTPS server. Each request takes the next scripted
 * answer, or is accepted.
 */
export class HookServer {
  readonly received: Received[] = []
  readonly sockets = new Set<Socket>()
  readonly #script: Answer[] = []
  readonly #server: Server
  /** The answer to requests beyond the script. */
  usual: Answer = (response) => response.writeHead(204).end()

  constructor(certificate?: { readonly key: string; readonly cert: string }) {
    const received = (request: IncomingMessage, response: ServerResponse) => {
      let body = ''
      request.setEncoding('utf8')
      request.on('data', (part) => {
        body += part
      })
      request.on('end', () => {
        this.received.push({ path: String(request.url), headers: request.headers, body })
        const answer = this.#script.shift() ?? this.usual
        answer(response, request)
      })
    }
    this.#server = certificate === undefined ? createServer(received) : createTlsServer(certificate, received)
    this.#server.on('connection', (socket) => {
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
      socket.on('error', () => {})
    })
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hooks`
  }

  /** Answers the next requests with these statuses and headers, or by these functions. */
  script(...answers: (number | Answer | { status: number; headers: Record<string, string> })[]): void {
    for (const answer of answers) {
      if (typeof answer === 'function') this.#script.push(answer)
      else {
        const { status, headers } = typeof answer === 'number' ? { status: answer, headers: {} } : answer
        this.#script.push((response) => response.writeHead(status, headers).end())
      }
    }
  }

  get payloads(): WebhookPayload[] {
    return this.received.map(({ body }) => JSON.parse(body))
  }

  get types(): string[] {
    return this.payloads.map(({ type }) => type)
  }
}

/** Verifies a request as a receiver does, with the library of the Standard Webhooks specification. */
export function verified({ headers, body }: Received, secret: string): boolean {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>)
    return true
  } catch {
    return false
  }
}

/** Waits until a condition holds. Fails after ten seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let left = 2_000; left > 0; left--) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('The condition did not hold in time.')
}
