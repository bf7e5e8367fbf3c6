import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { pageFiles } from '../../src/adapters/node/page-files.ts'
import { latchkeyHandler } from '../../src/http/index.ts'
import { createLatchkey, memoryStore } from '../../src/index.ts'
import { ScriptedService } from '../../src/testing/index.ts'
import { eventually } from '../client/wire-server.ts'
import { openKept } from './kept-page.ts'
import { listen } from './kept-port.ts'
import { idle, openContext, startBrowser } from './open-page.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

/** Serves a page over a number of entries, and counts the requests to the API. */
async function serve(entries: number) {
  const service = new ScriptedService()
  service.accounts.set('good', 'account-0')
  const store = memoryStore()
  const latchkey = await createLatchkey({ integrations: [service.integration], store, connect: 'lazy' })
  if (entries > 0) {
    const form = await latchkey.flows.start({ domain: service.integration.domain, source: 'user' })
    const input = { host: 'host-1', token: 'good' }
    const { entryId } = await latchkey.flows.submit(form.flowId, input, { revision: form.revision })
    const record = await store.getEntry('default', entryId ?? '')
    if (record === undefined) throw new Error('The entry was not added.')
    const writes = Array.from({ length: entries - 1 }, (_, at) => {
      const copy = { ...record, entryId: `z-${at}`, uniqueId: `z-${at}`, title: `Hub ${at}`, revision: 1 }
      return { put: 'entry', record: copy, ifRevision: 0 } as const
    })
    await store.apply('default', writes)
  }
  const handler = latchkeyHandler(latchkey, { page: pageFiles() })
  const listener = getRequestListener(handler)
  const seen: string[] = []
  let failing = 0
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    const isCall = /^\/(events|integrations|entries|flows|attention|example)/.test(path)
    if (isCall) seen.push(path.replace(/after=[^&]*/, 'after=…'))
    if (path.startsWith('/integrations') && failing-- > 0) response.writeHead(503).end()
    else void listener(request, response)
  })
  const port = await listen(server)
  const { page, close } = await openKept(browser, { locale: 'en-US' })
  return {
    seen,
    page,
    open: () => page.goto(`http://127.0.0.1:${port}/#token=${handler.startToken}`),
    failNext: () => {
      failing = 1
    },
    async [Symbol.asyncDispose]() {
      await close()
      handler.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await latchkey.stop()
    },
  }
}

const expected = (entries: number): string[] => {
  const pages = Math.ceil(entries / 1_000)
  const rest = Array(Math.max(0, pages - 1)).fill('/entries?limit=1000&after=…')
  return ['/events', '/integrations', ...(pages > 0 ? ['/entries?limit=1000'] : []), ...rest].sort()
}

describe('the page', () => {
  it.each([0, 20, 2_000])('opens with one request per 1,000 entries of %d, and two more', async (entries) => {
    await using served = await serve(entries)
    await served.open()
    await eventually(() => expect([...served.seen].sort()).toEqual(expected(entries)))
    if (entries > 0) await served.page.getByText('Hub 1').first().waitFor()
    await idle(served.page)
    expect([...served.seen].sort()).toEqual(expected(entries))
  })

  it('requests the integrations again after a failure, and not after that', async () => {
    await using served = await serve(1)
    served.failNext()
    await served.open()
    const asked = () => served.seen.filter((path) => path === '/integrations').length
    await eventually(() => expect(asked()).toBe(2))
    await idle(served.page)
    expect(asked()).toBe(2)
  })
})

const TABS = 8

/** Whether a tab holds the lock of the stream. */
const reads = (page: Page) =>
  page.evaluate(async () => {
    const { held = [] } = await navigator.locks.query()
    // The lock of an own name has the client id of this tab.
    const own = await new Promise<string | undefined>((resolve) =>
      navigator.locks.request('own', async () => {
        const { held: all = [] } = await navigator.locks.query()
        resolve(all.find(({ name }) => name === 'own')?.clientId)
      }),
    )
    return held.some(({ name, clientId }) => name?.startsWith('latchkey ') && clientId === own)
  })

describe('eight tabs of one browser', () => {
  it('load, show the same changes over one stream, and go on after its tab was closed', async () => {
    const service = new ScriptedService()
    service.accounts.set('good', 'account-1')
    const latchkey = await createLatchkey({ integrations: [service.integration], store: memoryStore() })
    const handler = latchkeyHandler(latchkey, { page: pageFiles() })
    let streams = 0
    const listener = getRequestListener(handler)
    const server = createServer((request, response) => {
      if (request.url?.endsWith('/events')) {
        streams++
        response.on('close', () => streams--)
      }
      void listener(request, response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const context = await openContext(browser)
    try {
      const form = await latchkey.flows.start({ domain: service.integration.domain, source: 'user' })
      const input = { host: 'host-1', token: 'good' }
      const end = await latchkey.flows.submit(form.flowId, input, { revision: form.revision })
      const entryId = end.entryId ?? ''
      const rename = (title: string) => latchkey.entries.update(entryId, { title })
      const { port } = server.address() as AddressInfo
      const pages: Page[] = []
      // The server may notice the end of a stream after the start of the next one.
      const oneStream = () => eventually(() => expect(streams).toBe(1))
      const show = (title: string) =>
        Promise.all(pages.map((page) => page.getByText(title, { exact: true }).first().waitFor()))
      await rename('Before')
      for (let tab = 0; tab < TABS; tab++) {
        const page = await context.newPage()
        await page.goto(`http://127.0.0.1:${port}/#token=${handler.startToken}`)
        await page.getByText('Before', { exact: true }).first().waitFor()
        pages.push(page)
      }
      await oneStream()
      await rename('Renamed once')
      await show('Renamed once')

      const leading = await Promise.all(pages.map(reads))
      expect(leading.filter(Boolean)).toHaveLength(1)
      const [closed] = pages.splice(leading.indexOf(true), 1)
      // Renamed while no tab reads the stream.
      await Promise.all([closed?.close(), rename('Renamed twice')])
      await show('Renamed twice')
      await oneStream()

      const visibility = (state: string) =>
        Promise.all(
          pages.map((page) =>
            page.evaluate((value) => {
              Object.defineProperty(document, 'visibilityState', { value, configurable: true })
              document.dispatchEvent(new Event('visibilitychange'))
            }, state),
          ),
        )
      await visibility('hidden')
      await rename('Renamed while hidden')
      await visibility('visible')
      await show('Renamed while hidden')
      await oneStream()
    } finally {
      await context.close()
      handler.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await latchkey.stop()
    }
  })
})
