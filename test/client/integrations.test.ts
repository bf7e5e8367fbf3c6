import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createClient, type LatchkeyClient } from '../../src/client/index.ts'
import { eventually, json, type WireServer, wireServer } from './wire-server.ts'

let server: WireServer
let client: LatchkeyClient
let leave: (() => void)[] = []

const item = { domain: 'my_hub', title: 'My Hub', options: false, subentries: [] }
const asked = () => server.seen.filter(({ path }) => path === '/integrations')
const known = () => client.getState().integrations?.map(({ title }) => title)

beforeEach(async () => {
  server = await wireServer()
  client = createClient({
    url: server.url,
    token: () => 'the-token',
    timing: { silence: 9_000, firstRetry: 50, lastRetry: 2_000 },
  })
})
afterEach(async () => {
  for (const one of leave) one()
  leave = []
  await server.close()
})

describe('the integrations of a client', () => {
  it('are requested once for all that watch them', async () => {
    server.answer('GET /integrations', json(200, { items: [item] }))
    leave.push(client.integrations.watch(), client.integrations.watch())
    await eventually(() => expect(known()).toEqual(['My Hub']))
    leave.push(client.integrations.watch())
    expect(asked()).toHaveLength(1)
  })

  it('are requested again after a failure, and not after that', async () => {
    server.answer('GET /integrations', (seen, response) => {
      const answer =
        asked().length === 1 ? json(503, { status: 503, code: 'STOPPED' }) : json(200, { items: [item] })
      answer(seen, response)
    })
    leave.push(
      client.integrations.watch(),
      client.subscribe(() => {}),
    )
    await eventually(() => expect(known()).toEqual(['My Hub']))
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(asked()).toHaveLength(2)
  })

  it('are requested again as soon as the stream opens', async () => {
    server.answer('GET /integrations', json(503, { status: 503, code: 'STOPPED', retryAfter: 600 }))
    leave.push(client.integrations.watch())
    await eventually(() => expect(asked()).toHaveLength(1))
    await new Promise((resolve) => setTimeout(resolve, 50))
    server.answer('GET /integrations', json(200, { items: [item] }))
    leave.push(client.subscribe(() => {}))
    await eventually(() => expect(known()).toEqual(['My Hub']))
  })

  it('are requested once in a language that is chosen at the same time', async () => {
    server.answer('GET /integrations', (seen, response) =>
      json(200, { items: [{ ...item, title: seen.headers['accept-language'] }] })(seen, response),
    )
    leave.push(client.integrations.watch())
    client.setLanguage('de')
    await eventually(() => expect(known()).toEqual(['de']))
    client.setLanguage('fr')
    await eventually(() => expect(known()).toEqual(['fr']))
    expect(asked()).toHaveLength(2)
  })

  it('are not requested again after the server refuses the caller, or if no component watches them', async () => {
    server.answer('GET /integrations', json(403, { status: 403, code: 'FORBIDDEN' }))
    leave.push(client.integrations.watch())
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(asked()).toHaveLength(1)
    leave.pop()?.()
    server.answer('GET /integrations', json(503, { status: 503, code: 'STOPPED' }))
    client.integrations.watch()()
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(asked().length).toBeLessThanOrEqual(2)
    client.setLanguage('de')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(asked().length).toBeLessThanOrEqual(2)
  })
})
