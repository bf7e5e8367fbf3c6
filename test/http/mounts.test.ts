import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { describe, expect, it } from '@jest/globals'
import express from 'express'
import type { PageFile } from '../../src/http/index.ts'
import { nodeListener } from '../../src/http/node/index.ts'
import { Served } from './served.ts'

const body = new TextEncoder().encode('the page')
const pages: Readonly<Record<string, PageFile>> = {
  '/index.html': { body, type: 'text/html; charset=utf-8', immutable: false },
}

const mounts: readonly [string, (served: Served) => Server][] = [
  ['the HTTP server of Node', ({ handler }) => createServer(getRequestListener(handler))],
  [
    'Express, below a path and next to other pages',
    ({ handler }) => {
      const app = express()
      app.get('/', (_, response) => void response.send('my own page'))
      // Express strips the mount path, so this passes the full path.
      app.use((request, response, next) =>
        /^\/latchkey(\/|$)/.test(request.path) ? void getRequestListener(handler)(request, response) : next(),
      )
      return createServer(app)
    },
  ],
  ['the HTTP server of Node, with nodeListener', ({ handler }) => createServer(nodeListener(handler))],
  [
    'Express, after a body parser, with nodeListener',
    ({ handler }) => createServer(express().use(express.json()).use('/latchkey', nodeListener(handler))),
  ],
  [
    'Express, without a mount path, after parsers of texts and forms, with nodeListener',
    ({ handler }) => {
      const app = express()
      app.use(express.text({ type: '*/*' }), express.urlencoded(), nodeListener(handler))
      return createServer(app)
    },
  ],
  [
    'Express, in a router, after a parser of bytes, with nodeListener',
    ({ handler }) => {
      const router = express.Router().use(nodeListener(handler))
      return createServer(
        express()
          .use(express.raw({ type: '*/*' }))
          .use('/latchkey', router),
      )
    },
  ],
]

describe.each(mounts)('mounted on %s', (_, mount) => {
  it('serves a whole flow, and a stream that notices when its client disconnects', async () => {
    await using served = await Served.open({ basePath: '/latchkey', page: async (path) => pages[path] })
    const server = mount(served)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/latchkey`
      const headers = {
        authorization: `Bearer ${served.handler.startToken}`,
        'content-type': 'application/json',
      }
      const leaving = new AbortController()
      const stream = await fetch(`${base}/events`, { headers, signal: leaving.signal })
      const reader = stream.body?.getReader()
      expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('event: snapshot')
      const body = JSON.stringify({ domain: 'my_hub', source: 'user' })
      const started = await fetch(`${base}/flows`, { method: 'POST', headers, body })
      expect(started.headers.get('location')).toMatch(/^\/latchkey\/flows\//)
      const { flowId } = (await started.json()) as { flowId: string }
      const submitted = await fetch(`${base}/flows/${flowId}`, {
        method: 'POST',
        headers: { ...headers, 'if-match': started.headers.get('etag') ?? '' },
        body: JSON.stringify({ input: { host: served.service.host, apiToken: 'good' } }),
      })
      expect(await submitted.json()).toMatchObject({ type: 'create_entry' })
      leaving.abort()
      expect((await fetch(`${base}/health/live`)).status).toBe(200)
      expect((await fetch(`${base}/entries`)).status).toBe(401)
      // The page loads its files relative to its address.
      const page = await fetch(base)
      expect([page.url, await page.text()]).toEqual([`${base}/`, 'the page'])
    } finally {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })
})

describe('a wrong mount', () => {
  it.each([
    ['a body parser', express().use(express.json()), '/latchkey', 400, 'express.json()'],
    ['a removed mount path', express(), '', 404, 'base path "/latchkey"'],
  ])('names its cause: %s', async (_, app, path, status, cause) => {
    await using served = await Served.open({ basePath: '/latchkey' })
    const listener = getRequestListener(served.handler)
    if (path === '') app.use('/latchkey', (request, response) => void listener(request, response))
    else app.use((request, response) => void listener(request, response))
    const server = createServer(app)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/latchkey/flows`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${served.handler.startToken}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ domain: 'my_hub', source: 'user' }),
    })
    expect(answer.status).toBe(status)
    expect(((await answer.json()) as { detail: string }).detail).toContain(cause)
    server.closeAllConnections()
    server.close()
  })

  it('passes the paths of other handlers on', async () => {
    await using served = await Served.open({ basePath: '/latchkey' })
    const app = express().use(nodeListener(served.handler))
    app.get('/', (_, response) => void response.send('my own page'))
    const server = createServer(app)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('my own page')
    server.closeAllConnections()
    server.close()
  })
})
