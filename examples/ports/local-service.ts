import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'

/** The fake service of a port, over HTTP on this machine. */
export class LocalService {
  /** Whether to close all connections without a response. */
  down = false
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(routes: Hono): Promise<LocalService> {
    const respond = getRequestListener(routes.fetch)
    const service = new LocalService(createServer())
    service.#server.on('request', (request, response) => {
      if (service.down) response.destroy()
      else void respond(request, response)
    })
    service.#server.listen(0, '127.0.0.1')
    await once(service.#server, 'listening')
    return service
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get origin(): string {
    return `http://${this.host}`
  }

  /** The members that every world has. */
  get controls() {
    return {
      unreachable: async () => {
        this.down = true
      },
      back: async () => {
        this.down = false
      },
      stop: async () => {
        const closed = once(this.#server, 'close')
        this.#server.close()
        this.#server.closeAllConnections()
        await closed
      },
    }
  }
}
