import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type ClientState, createClient, type LatchkeyClient } from '../../src/client/index.ts'
import { entry, form, need, repaired, snapshot } from './samples.ts'
import { eventually, json, type WireServer, wireServer } from './wire-server.ts'

let server: WireServer
let client: LatchkeyClient
let leave: (() => void)[] = []

const timing = { silence: 400, firstRetry: 20, lastRetry: 200 }
const nothing = snapshot()

beforeEach(async () => {
  server = await wireServer()
  client = createClient({ url: server.url, token: () => 'the-token', timing })
})
afterEach(async () => {
  for (const one of leave) one()
  leave = []
  await server.close()
})

/** Subscribes and stores the states. */
function watch(): ClientState[] {
  const states: ClientState[] = []
  leave.push(client.subscribe((state) => states.push(state)))
  return states
}

const connected = (streams = 1): Promise<void> =>
  eventually(() => expect(server.streams).toHaveLength(streams))
const shows = (connection: ClientState['connection']): Promise<void> =>
  eventually(() => expect(client.getState().connection).toBe(connection))

describe('a subscription', () => {
  it('notifies about the snapshot and each change', async () => {
    const states = watch()
    expect(client.getState().connection).toBe('connecting')
    await connected()
    server.stored.entries = [entry('e1')]
    server.send('snapshot', snapshot({ flows: [form('f1', 1)], attention: [need('e1', 'f1')] }))
    await eventually(() => expect(client.getState().entries.size).toBe(1))
    server.send('flow', repaired('f1', 2))
    server.send('entry', entry('e1', { title: 'Attic' }))
    server.send('attention', { entryId: 'e1', item: null })
    server.send('transition', { machine: 'configEntry', id: 'e1', from: null, to: 'loaded' })
    await eventually(() => expect(client.getState().states.get('e1')).toBe('loaded'))
    expect(states.at(-1)).toBe(client.getState())
    expect(states.at(-1)).toMatchObject({ connection: 'open', error: null })
    expect(client.getState().flows.get('f1')?.type).toBe('abort')
    expect(client.getState().entries.get('e1')?.title).toBe('Attic')
    expect(client.getState().attention.size).toBe(0)
    expect(server.tries()[0]?.headers).toMatchObject({
      accept: 'text/event-stream',
      authorization: 'Bearer the-token',
    })
  })

  it('notifies once about all events of a chunk', async () => {
    const states = watch()
    await connected()
    await shows('open')
    const before = states.length
    const event = (id: string): string => `event: entry\ndata: ${JSON.stringify(entry(id))}\n\n`
    server.streams[0]?.write(event('e1') + event('e2') + event('e3'))
    await eventually(() => expect(client.getState().entries.size).toBe(3))
    expect(states.length).toBe(before + 1)
  })

  it('shares one stream between all listeners, and closes it with the last', async () => {
    watch()
    watch()
    await connected()
    let closed = false
    server.streams[0]?.on('close', () => {
      closed = true
    })
    leave.pop()?.()
    server.send('entry', entry('e1'))
    await eventually(() => expect(client.getState().entries.size).toBe(1))
    expect(closed).toBe(false)
    leave.pop()?.()
    await eventually(() => expect(closed).toBe(true))
    expect(server.tries()).toHaveLength(1)
    expect(client.getState().connection).toBe('connecting')
  })

  it('calls a function twice that was added twice, and removes each once', async () => {
    const listener = (): void => {}
    const [first, second] = [client.subscribe(listener), client.subscribe(listener)]
    leave.push(second)
    await connected()
    first()
    first()
    server.send('entry', entry('e1'))
    await eventually(() => expect(client.getState().entries.size).toBe(1))
  })

  it('reconnects after a break, sets connection to lost until then, and resumes after the last event', async () => {
    const states = watch()
    await connected()
    server.send('snapshot', nothing, 'event-7')
    await shows('open')
    await eventually(() => expect(client.getState().entryList).toBe('complete'))
    server.streams[0]?.destroy()
    await connected(2)
    await shows('open')
    expect(states.map(({ connection }) => connection)).toContain('lost')
    expect(server.tries().map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'event-7'])
  })

  it('reconnects after a normal end without setting connection to lost', async () => {
    const states = watch()
    await connected()
    server.streams[0]?.end()
    await connected(2)
    await shows('open')
    expect(states.map(({ connection }) => connection)).not.toContain('lost')
  })

  it('doubles the delay after each failure until it reconnects', async () => {
    let refusals = 0
    const at: number[] = []
    const works = json(503, { status: 503, code: 'STOPPED' })
    server.answerStreams((seen, response) => {
      at.push(Date.now())
      if (++refusals <= 4) return works(seen, response)
      response.writeHead(200).flushHeaders()
      server.streams.push(response)
    })
    watch()
    await shows('lost')
    expect(client.getState().error).toMatchObject({ code: 'STOPPED' })
    await shows('open')
    expect(client.getState().error).toBeNull()
    const waits = at.slice(1).map((time, index) => time - (at[index] ?? 0))
    // 20, 40, 80 and 160 ms, each shortened by up to half.
    expect(waits[2]).toBeGreaterThanOrEqual(39)
    expect(waits[3]).toBeGreaterThanOrEqual(79)
  })

  it('shows when it reconnects, and does so at once on request', async () => {
    server.answerStreams(json(503, { status: 503, code: 'BUSY', retryAfter: 60 }))
    watch()
    await shows('lost')
    const { retryAt } = client.getState()
    expect((retryAt ?? 0) - Date.now()).toBeGreaterThan(50_000)
    client.reconnect()
    await eventually(() => expect(server.tries()).toHaveLength(2))
    await eventually(() => expect(client.getState().retryAt).toBeGreaterThan(retryAt ?? 0))
    server.answerStreams((_, response) => {
      response.writeHead(200).flushHeaders()
      server.streams.push(response)
    })
    client.reconnect()
    await shows('open')
    expect(client.getState().retryAt).toBeNull()
    client.reconnect()
    expect(server.tries()).toHaveLength(3)
  })

  it('waits as long as the server requests', async () => {
    server.answerStreams(json(503, { status: 503, code: 'BUSY', retryAfter: 1 }))
    watch()
    await shows('lost')
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(server.tries()).toHaveLength(1)
    await eventually(() => expect(server.tries()).toHaveLength(2))
  })

  it('counts a silent stream as lost, but not one with pings', async () => {
    const states = watch()
    await connected()
    await shows('open')
    for (let ping = 0; ping < 8; ping++) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      server.streams[0]?.write(': ping\n\n')
    }
    expect(states.map(({ connection }) => connection)).not.toContain('lost')
    await connected(2)
    expect(states.map(({ connection }) => connection)).toContain('lost')
  })

  it('times out if the server accepts the request but does not respond', async () => {
    server.answerStreams(() => {})
    watch()
    await eventually(() => expect(server.tries()).toHaveLength(2))
  })

  it.each([401, 403])(
    'stops after %d with the error, and tries again with the next subscribe',
    async (status) => {
      server.answerStreams(json(status, { status, code: 'REFUSED' }))
      watch()
      await shows('lost')
      expect(client.getState().error).toMatchObject({ status, code: 'REFUSED' })
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(server.tries()).toHaveLength(1)
      watch()
      await eventually(() => expect(server.tries()).toHaveLength(2))
    },
  )

  it('reads a snapshot after an unreadable event', async () => {
    watch()
    await connected()
    server.send('snapshot', nothing, 'event-7')
    server.streams[0]?.write('id: event-8\nevent: entry\ndata: {"entryId"\n\n')
    await connected(2)
    expect(server.tries()[1]?.headers['last-event-id']).toBeUndefined()
  })

  it('leaves no timers or requests', async () => {
    server.answerStreams(json(503, { status: 503, code: 'STOPPED' }))
    watch()
    await shows('lost')
    leave.pop()?.()
    const tries = server.tries().length
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(server.tries().length).toBe(tries)
  })
})

describe('the timing of a client', () => {
  it.each(['silence', 'firstRetry', 'lastRetry'])('refuses a %s that is not a sensible number', (key) => {
    for (const value of [Number.NaN, -1, 0, '30', Number.POSITIVE_INFINITY, 2 ** 31]) {
      const changed = { [key]: value } as Partial<typeof timing>
      const create = () => createClient({ url: server.url, token: () => '', timing: changed })
      expect(create).toThrow(`Invalid timing.${key}: ${value}. Use 1 to 2147483647 milliseconds.`)
    }
    createClient({ url: server.url, token: () => '', timing: { [key]: undefined } as never })
  })
})
