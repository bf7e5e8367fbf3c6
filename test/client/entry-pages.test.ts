import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createClient, type EntryView, type LatchkeyClient } from '../../src/client/index.ts'
import { entry, snapshot } from './samples.ts'
import { eventually, json, type WireServer, wireServer } from './wire-server.ts'

let server: WireServer
let client: LatchkeyClient
let leave: (() => void)[] = []

const timing = { silence: 9_000, firstRetry: 20, lastRetry: 200 }
const FIRST = 'GET /entries?limit=1000'
const after = (id: string): string => `GET /entries?limit=1000&after=${id}`

beforeEach(async () => {
  server = await wireServer()
  client = createClient({ url: server.url, token: () => 'the-token', timing })
  leave.push(client.subscribe(() => {}))
  await eventually(() => expect(server.streams).toHaveLength(1))
})
afterEach(async () => {
  for (const one of leave) one()
  leave = []
  await server.close()
})

const page = (items: readonly EntryView[], next: string | null = null) =>
  json(200, { items, next, unreadable: [] })
const asked = () => server.seen.filter(({ path }) => path.startsWith('/entries')).map(({ path }) => path)
const titles = () =>
  [...client.getState().entries.values()].map(({ entryId, title }) => `${entryId} ${title}`).sort()
const lists = (entryList: string) => eventually(() => expect(client.getState().entryList).toBe(entryList))

/** Answers a request when the test calls the returned function. */
function held(request: string): {
  isAsked: Promise<void>
  answer: (items: readonly EntryView[], next?: string) => void
} {
  let respond = (_: readonly EntryView[], __?: string): void => {}
  const isAsked = new Promise<void>((resolve) =>
    server.answer(request, (seen, response) => {
      respond = (items, next) => page(items, next ?? null)(seen, response)
      resolve()
    }),
  )
  return { isAsked, answer: (items, next) => respond(items, next) }
}

describe('the list of entries after a snapshot', () => {
  it('is read page by page, one after another, and shows the first page before the last', async () => {
    const second = held(after('e1'))
    server.answer(FIRST, page([entry('e1')], 'e1'))
    server.send('snapshot', snapshot())
    await second.isAsked
    expect(titles()).toEqual(['e1 Hub'])
    expect(client.getState().entryList).toBe('loading')
    second.answer([entry('e2')])
    await lists('complete')
    expect(titles()).toEqual(['e1 Hub', 'e2 Hub'])
    expect(asked()).toEqual(['/entries?limit=1000', '/entries?limit=1000&after=e1'])
  })

  it('keeps changes that the stream sends before the page arrives', async () => {
    const first = held(FIRST)
    server.send('snapshot', snapshot())
    await first.isAsked
    server.send('entry', entry('e1', { title: 'New', state: 'setup_retry' }))
    server.send('entry_removed', { entryId: 'e2' })
    server.send('entry', entry('e3', { title: 'Added' }))
    await eventually(() => expect(titles()).toHaveLength(2))
    first.answer([entry('e1', { title: 'Old' }), entry('e2')])
    await lists('complete')
    expect(titles()).toEqual(['e1 New', 'e3 Added'])
  })

  it('reads a change again that the stream sent before the page was requested', async () => {
    const second = held(after('e1'))
    server.answer(FIRST, page([entry('e1')], 'e1'))
    server.send('snapshot', snapshot())
    server.send('entry', entry('e2', { title: 'Older' }))
    await second.isAsked
    await eventually(() => expect(titles()).toHaveLength(2))
    second.answer([entry('e2', { title: 'Newer', revision: 2 })])
    await lists('complete')
    expect(titles()).toEqual(['e1 Hub', 'e2 Newer'])
  })

  it('keeps an entry that is added in the chunk of an empty snapshot', async () => {
    const counts = { all: 0, attention: 0, offline: 0, connected: 0, disabled: 0 }
    const event = (type: string, data: unknown) => `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
    server.streams[0]?.write(event('snapshot', snapshot({ counts })) + event('entry', entry('e1')))
    await lists('complete')
    await eventually(() => expect(titles()).toEqual(['e1 Hub']))
    expect(asked()).toEqual([])
  })

  it('keeps the known entries until it is complete, and then removes those that no page has', async () => {
    server.answer(FIRST, page([entry('e1'), entry('e2')]))
    server.send('snapshot', snapshot())
    await lists('complete')
    const second = held(after('e2'))
    server.answer(FIRST, page([entry('e2', { title: 'Renamed', revision: 2 })], 'e2'))
    server.send('snapshot', snapshot())
    await second.isAsked
    expect(titles()).toEqual(['e1 Hub', 'e2 Renamed'])
    second.answer([entry('e3')])
    await lists('complete')
    expect(titles()).toEqual(['e2 Renamed', 'e3 Hub'])
  })

  it('repeats a page that fails, and does not begin again', async () => {
    server.answer(FIRST, page([entry('e1')], 'e1'))
    server.answer(after('e1'), (seen, response) =>
      (asked().length < 4 ? json(503, { status: 503, code: 'STOPPED' }) : page([entry('e2')]))(
        seen,
        response,
      ),
    )
    server.send('snapshot', snapshot())
    await lists('complete')
    expect(titles()).toEqual(['e1 Hub', 'e2 Hub'])
    expect(asked()).toEqual(['/entries?limit=1000', ...Array(3).fill('/entries?limit=1000&after=e1')])
  })

  it('needs no request if the scope is empty, and removes the entries from before', async () => {
    server.answer(FIRST, page([entry('e1')]))
    server.send('snapshot', snapshot())
    await lists('complete')
    const counts = { all: 0, attention: 0, offline: 0, connected: 0, disabled: 0 }
    server.send('snapshot', snapshot({ counts }))
    await eventually(() => expect(titles()).toEqual([]))
    expect(client.getState().entryList).toBe('complete')
    expect(asked()).toHaveLength(1)
  })

  it('stops if the server refuses the caller', async () => {
    server.answer(FIRST, json(403, { status: 403, code: 'FORBIDDEN' }))
    server.send('snapshot', snapshot())
    await eventually(() => expect(asked()).toHaveLength(1))
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(asked()).toHaveLength(1)
  })

  it('begins again with the snapshot after a reset, and drops the pages before', async () => {
    const old = held(FIRST)
    server.send('snapshot', snapshot())
    await old.isAsked
    server.answer(FIRST, page([entry('e2')]))
    server.send('snapshot', snapshot())
    await lists('complete')
    old.answer([entry('e1')])
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(titles()).toEqual(['e2 Hub'])
  })

  it('begins again if the stream breaks before it is complete, and resumes if it is', async () => {
    const first = held(FIRST)
    server.send('snapshot', snapshot(), 's-1')
    await first.isAsked
    server.streams[0]?.destroy()
    await eventually(() => expect(server.streams).toHaveLength(2))
    expect(server.tries()[1]?.headers['last-event-id']).toBeUndefined()
    server.answer(FIRST, page([entry('e1')]))
    server.send('snapshot', snapshot(), 's-2')
    await lists('complete')
    server.streams[1]?.destroy()
    await eventually(() => expect(server.streams).toHaveLength(3))
    expect(server.tries()[2]?.headers['last-event-id']).toBe('s-2')
    expect(asked()).toHaveLength(2)
  })
})

describe('the list of a scope with more than 10,000 entries', () => {
  const counts = { all: 10_001, attention: 1, offline: 0, connected: 10_001, disabled: 0 }

  it('is not read, and ignores changes of entries that were not read', async () => {
    server.send('snapshot', snapshot({ counts }))
    await lists('partial')
    server.send('entry', entry('e1'))
    server.send('transition', { machine: 'configEntry', id: 'e1', from: null, to: 'loaded' })
    server.send('counts', { ...counts, all: 10_002 })
    await eventually(() => expect(client.getState().counts?.all).toBe(10_002))
    expect([client.getState().entries.size, client.getState().states.size, asked().length]).toEqual([0, 0, 0])
  })

  it('has the entries of searches, and follows their changes', async () => {
    server.send('snapshot', snapshot({ counts }))
    await lists('partial')
    server.answer('GET /entries?q=hub', page([entry('e1')]))
    expect((await client.entries.list({ q: 'hub' })).items).toHaveLength(1)
    expect(titles()).toEqual(['e1 Hub'])
    server.send('entry', entry('e1', { title: 'New', revision: 2 }))
    await eventually(() => expect(titles()).toEqual(['e1 New']))
    server.send('snapshot', snapshot({ counts }))
    await eventually(() => expect(titles()).toEqual([]))
  })
})
