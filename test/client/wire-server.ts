import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { EntryView } from '../../src/client/index.ts'

/** A request that the server received. */
interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

type Answer = (seen: Seen, response: ServerResponse) => void

/** A real server with responses by `METHOD /path`, and event streams that the test writes. */
export async function wireServer() {
  const seen: Seen[] = []
  const answers = new Map<string, Answer>()
  const streams: ServerResponse[] = []
  const stored: { entries: readonly EntryView[] } = { entries: [] }
  let onStream: Answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    streams.push(response)
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    const one = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    }
    seen.push(one)
    const answer = answers.get(`${one.method} ${one.path}`)
    if (one.path.endsWith('/events')) onStream(one, response)
    else if (answer === undefined && one.path === '/entries?limit=1000')
      json(200, { items: stored.entries, next: null, unreadable: [] })(one, response)
    else (answer ?? json(404, { status: 404, code: 'NOT_FOUND' }))(one, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    streams,
    /** The requests for the event stream. */
    tries: () => seen.filter(({ path }) => path.endsWith('/events')),
    answer: (request: string, answer: Answer) => answers.set(request, answer),
    answerStreams: (answer: Answer) => {
      onStream = answer
    },
    /** The entries in the only page of the list. */
    stored,
    /** Sends an event to the newest stream. */
    send: (type: string, data: unknown, id = '1') => {
      streams.at(-1)?.write(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`)
    },
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

export type WireServer = Awaited<ReturnType<typeof wireServer>>

/** A JSON response. */
export const json =
  (status: number, body: unknown, type = 'application/json'): Answer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body))
  }

/** Waits until a check holds. */
export async function eventually(check: () => void): Promise<void> {
  for (let left = 400; ; left--) {
    try {
      return check()
    } catch (error) {
      if (left === 0) throw error
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}
