import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createClient, type LatchkeyClient } from '../../src/client/index.ts'
import { SearchedIds } from '../../src/react/searched-ids.ts'
import { entry, snapshot } from '../client/samples.ts'
import { eventually, json, type WireServer, wireServer } from '../client/wire-server.ts'

let server: WireServer
let client: LatchkeyClient
let leave: (() => void)[] = []

const counts = { all: 20_000, attention: 0, offline: 0, connected: 20_000, disabled: 0 }

beforeEach(async () => {
  server = await wireServer()
  client = createClient({ url: server.url, token: () => 'the-token' })
  leave.push(client.subscribe(() => {}))
  await eventually(() => expect(server.streams).toHaveLength(1))
  server.send('snapshot', snapshot({ counts }))
  await eventually(() => expect(client.getState().entryList).toBe('partial'))
})
afterEach(async () => {
  for (const one of leave) one()
  leave = []
  await server.close()
})

const page = (ids: readonly string[], next: string | null = null) =>
  json(200, { items: ids.map((id) => entry(id)), next, unreadable: [] })
const asked = () => server.seen.filter(({ path }) => path.startsWith('/entries')).map(({ path }) => path)

function search(query: ConstructorParameters<typeof SearchedIds>[1], before: readonly string[] = []) {
  const ids = new SearchedIds(client, query, before)
  leave.push(ids.subscribe(() => {}))
  return ids
}
const found = (ids: SearchedIds) => eventually(() => expect(ids.get().loading).toBe(false))

describe('a search on the server', () => {
  it('shows the ids from before until the first page arrives, then those of the page', async () => {
    server.answer('GET /entries?state=offline&limit=100', page(['a', 'b']))
    const ids = search({ state: 'offline' }, ['old'])
    expect(ids.get()).toMatchObject({ ids: ['old'], loading: true })
    await found(ids)
    expect(ids.get()).toEqual({ ids: ['a', 'b'], loading: false, error: null, more: null })
    expect(client.getState().entries.get('a')?.title).toBe('Hub')
  })

  it('reads on after pages without a match, and more when asked', async () => {
    server.answer('GET /entries?q=hub&limit=100', page([], 'x'))
    const first = Array.from({ length: 100 }, (_, at) => `a${at}`)
    server.answer('GET /entries?q=hub&after=x&limit=100', page(first, 'y'))
    server.answer('GET /entries?q=hub&after=y&limit=100', page(['b']))
    const ids = search({ q: 'hub' })
    await found(ids)
    expect(ids.get().ids).toEqual(first)
    ids.get().more?.()
    await eventually(() => expect(ids.get()).toMatchObject({ loading: false, more: null }))
    expect(ids.get().ids).toEqual([...first, 'b'])
  })

  it('is repeated after the counts of the scope change, and ends with its last listener', async () => {
    server.answer('GET /entries?limit=100', page(['a']))
    const ids = search({})
    await found(ids)
    server.answer('GET /entries?limit=100', page(['a', 'b']))
    server.send('counts', { ...counts, all: 20_001 })
    await eventually(() => expect(ids.get().ids).toEqual(['a', 'b']))
    leave.pop()?.()
    server.send('counts', counts)
    await eventually(() => expect(client.getState().counts?.all).toBe(20_000))
    expect(asked()).toHaveLength(2)
  })

  it('is repeated after a failure, which it shows until then', async () => {
    server.answer('GET /entries?limit=100', json(503, { status: 503, code: 'STOPPED' }))
    const ids = search({})
    await eventually(() => expect(ids.get().error).toMatchObject({ code: 'STOPPED' }))
    server.answer('GET /entries?limit=100', page(['a']))
    await found(ids)
    expect(ids.get()).toMatchObject({ ids: ['a'], error: null })
  })

  it('is sent once while the user types', async () => {
    const typing = new SearchedIds(client, { q: 'h' }, [])
    typing.subscribe(() => {})()
    server.answer('GET /entries?q=hu&limit=100', page(['a']))
    await found(search({ q: 'hu' }))
    expect(asked()).toEqual(['/entries?q=hu&limit=100'])
  })
})
