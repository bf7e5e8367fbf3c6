import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createClient, type LatchkeyClient } from '../../src/client/index.ts'
import { entry, snapshot } from './samples.ts'
import { eventually, json, type WireServer, wireServer } from './wire-server.ts'

const timing = { silence: 10_000, firstRetry: 20, lastRetry: 200 }
let server: WireServer
let leave: (() => void)[]

beforeEach(async () => {
  server = await wireServer()
  leave = []
  // Clients share a stream only in a document.
  Object.assign(globalThis, { document: {} })
})
afterEach(async () => {
  for (const one of leave) one()
  Reflect.deleteProperty(globalThis, 'document')
  await server.close()
})

/** Sends a snapshot. Its entries are listed by the server. */
function sendSnapshot(...ids: string[]): void {
  server.stored.entries = ids.map((id) => entry(id))
  server.send('snapshot', snapshot(), 's-1')
}

/** Opens a tab. */
function tab(token = 'the-token', retries = timing): LatchkeyClient {
  const client = createClient({ url: server.url, token: () => token, timing: retries })
  leave.push(client.subscribe(() => {}))
  return client
}

const connected = (streams: number) => eventually(() => expect(server.streams).toHaveLength(streams))
const shows = (client: LatchkeyClient, ...ids: string[]) =>
  eventually(() => {
    expect([...client.getState().entries.keys()]).toEqual(ids)
    expect(client.getState().connection).toBe('open')
  })

describe('the tabs of a browser', () => {
  it('share one stream, also with a tab that opens later', async () => {
    const first = tab()
    await connected(1)
    sendSnapshot('e1')
    await shows(first, 'e1')
    const second = tab()
    await shows(second, 'e1')
    server.send('entry', entry('e2'), 's-2')
    await Promise.all([shows(first, 'e1', 'e2'), shows(second, 'e1', 'e2')])
    expect(server.tries()).toHaveLength(1)
  })

  it('miss no event if the tab that reads the stream closes', async () => {
    tab()
    await connected(1)
    sendSnapshot('e1')
    const [second, third] = [tab(), tab()]
    await Promise.all([shows(second, 'e1'), shows(third, 'e1')])
    leave.shift()?.()
    await connected(2)
    expect(server.tries()[1]?.headers['last-event-id']).toBe('s-1')
    server.send('entry', entry('e2'), 's-2')
    await Promise.all([shows(second, 'e1', 'e2'), shows(third, 'e1', 'e2')])
    expect(server.tries()).toHaveLength(2)
  })

  it('show when the tab that reads the stream reconnects, and any of them can do so now', async () => {
    const patient = { ...timing, firstRetry: 600_000, lastRetry: 600_000 }
    const first = tab('the-token', patient)
    await connected(1)
    sendSnapshot('e1')
    const second = tab('the-token', patient)
    await shows(second, 'e1')
    server.streams[0]?.destroy()
    await eventually(() => expect(second.getState().connection).toBe('lost'))
    const { retryAt } = first.getState()
    expect(retryAt).toBeGreaterThan(Date.now())
    expect(second.getState().retryAt).toBe(retryAt)
    const third = tab('the-token', patient)
    await eventually(() => expect(third.getState()).toMatchObject({ connection: 'lost', retryAt }))
    second.reconnect()
    await connected(2)
    await Promise.all([shows(first, 'e1'), shows(second, 'e1'), shows(third, 'e1')])
  })

  it('keep a response that is newer than the stream when another tab opens', async () => {
    const first = tab()
    await connected(1)
    sendSnapshot('e1')
    await shows(first, 'e1')
    const second = tab()
    await shows(second, 'e1')
    server.answer('GET /entries/e9', json(200, entry('e9')))
    await second.entries.get('e9')
    const third = tab()
    await shows(third, 'e1')
    await shows(second, 'e1', 'e9')
  })

  it('read the pages of entries once, and again after a tab that closes before the last page', async () => {
    let finish = (): void => {}
    const path = '/entries?limit=1000&after=e1'
    server.answer('GET /entries?limit=1000', json(200, { items: [entry('e1')], next: 'e1', unreadable: [] }))
    server.answer(`GET ${path}`, (seen, response) => {
      finish = () => json(200, { items: [entry('e2')], next: null, unreadable: [] })(seen, response)
    })
    tab()
    await connected(1)
    const second = tab()
    await eventually(() => expect(second.getState().connection).toBe('open'))
    server.send('snapshot', snapshot(), 's-1')
    await shows(second, 'e1')
    leave.shift()?.()
    await connected(2)
    expect(server.tries()[1]?.headers['last-event-id']).toBeUndefined()
    server.send('snapshot', snapshot(), 's-2')
    const third = tab()
    await shows(third, 'e1')
    await eventually(() => expect(server.seen.filter((seen) => seen.path === path)).toHaveLength(2))
    finish()
    await Promise.all([shows(second, 'e1', 'e2'), shows(third, 'e1', 'e2')])
    expect(third.getState().entryList).toBe('complete')
  })

  it.each(['BroadcastChannel', 'navigator'])('read a stream each if the browser has no %s', async (name) => {
    const before = Object.getOwnPropertyDescriptor(globalThis, name)
    Object.defineProperty(globalThis, name, {
      value: name === 'navigator' ? {} : undefined,
      configurable: true,
    })
    try {
      server.stored.entries = [entry('e1')]
      const tabs = [tab(), tab()]
      await connected(2)
      for (const stream of server.streams)
        stream.write(`id: 1\nevent: snapshot\ndata: ${JSON.stringify(snapshot())}\n\n`)
      for (const one of tabs) await shows(one, 'e1')
    } finally {
      if (before !== undefined) Object.defineProperty(globalThis, name, before)
    }
  })

  it('are not shared by users with different tokens', async () => {
    tab('one')
    tab('another')
    await connected(2)
  })

  it('begin with a snapshot if their tab closes before it has one', async () => {
    tab()
    await connected(1)
    const second = tab()
    await eventually(() => expect(second.getState().connection).toBe('open'))
    leave.shift()?.()
    await connected(2)
    expect(server.tries()[1]?.headers['last-event-id']).toBeUndefined()
    sendSnapshot('e1')
    await shows(second, 'e1')
  })
})
