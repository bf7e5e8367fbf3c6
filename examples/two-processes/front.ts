import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Listening } from '../listen.ts'

/** A host that can answer requests. */
interface Upstream {
  readonly name: string
  /** Its port on this machine; null while it does not run. */
  readonly port: number | null
}

interface FrontOptions {
  readonly port: number
  /** The hosts that requests are distributed to, in turn. */
  readonly upstreams: () => readonly Upstream[]
  /** Called when a request that can change something is passed to a host. */
  readonly passed: (host: string, text: string) => void
}

/**
 * Serves several hosts at one address, like a load balancer in production. Each request goes to the next host. If a host
 * does not accept it, another one receives it. A request whose host ended while it worked is not sent again, except reads.
 */
export async function startFront({ port, upstreams, passed }: FrontOptions): Promise<Listening> {
  let turn = 0
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => outgoing.destroy())
  })

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming)
    const reads = incoming.method === 'GET' || incoming.method === 'HEAD'
    const hosts = upstreams()
    turn++
    for (let at = 0; at < hosts.length; at++) {
      const host = hosts[(turn + at) % hosts.length]
      if (host === undefined || host.port === null) continue
      if (!reads) passed(host.name, `${incoming.method} ${incoming.url}`)
      const ended = await pass(incoming, body, { host, outgoing })
      if (ended === 'answered') return
      if (ended === 'lost' && !reads) {
        outgoing.writeHead(502).end()
        return
      }
    }
    outgoing.writeHead(503, { 'retry-after': '1' }).end()
  }

  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new Error(`Port ${port} is in use. Choose another one with --port, or a free one with --port 0.`)
  }
  return {
    port: (server.address() as { port: number }).port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** Passes a request to a host, and its response back. @returns `refused` if the host has not received it */
function pass(
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  { host, outgoing }: { readonly host: Upstream; readonly outgoing: ServerResponse },
): Promise<'answered' | 'refused' | 'lost'> {
  return new Promise((resolve) => {
    const passing = request({ port: host.port, host: '127.0.0.1', method, path: url, headers, agent: false })
    outgoing.once('close', () => passing.destroy())
    passing.once('response', (response) => {
      outgoing.writeHead(response.statusCode ?? 502, { ...response.headers, 'x-served-by': host.name })
      response.pipe(outgoing)
      // The host ended within an answer, such as an event stream: the client notices, and connects again.
      response.once('error', () => outgoing.destroy()).once('aborted', () => outgoing.destroy())
      resolve('answered')
    })
    passing.once('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(code === 'ECONNREFUSED' ? 'refused' : 'lost')
    })
    passing.end(body)
  })
}
