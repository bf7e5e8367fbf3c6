import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { latchkeyHandler } from '../../src/http/index.ts'
import { createLatchkey, memoryStore } from '../../src/index.ts'
import { ScriptedService } from '../../src/testing/index.ts'
import { startBrowser } from './open-page.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

describe('a list of useEntryIds with rows of useEntry', () => {
  it('renders only the row of an entry that changes, and the list if its order changes', async () => {
    const child = join(import.meta.dirname, 'rows-child.ts')
    const code: string = JSON.parse(
      execFileSync(process.execPath, [child], { encoding: 'utf8', maxBuffer: 2 ** 26 }),
    )
    const service = new ScriptedService()
    const latchkey = await createLatchkey({ integrations: [service.integration], store: memoryStore() })
    const ids: string[] = []
    for (let number = 100; number < 200; number++) {
      service.accounts.set(`token-${number}`, `account-${number}`)
      const form = await latchkey.flows.start({ domain: service.integration.domain, source: 'user' })
      const input = { host: 'host-1', token: `token-${number}` }
      const { entryId } = await latchkey.flows.submit(form.flowId, input, { revision: form.revision })
      await latchkey.entries.update(entryId ?? '', { title: `Hub ${number}` })
      ids.push(entryId ?? '')
    }
    const handler = latchkeyHandler(latchkey)
    const listener = getRequestListener(handler)
    const server = createServer((request, response) => {
      if (request.url !== '/') return void listener(request, response)
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>Rows</title><body>')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const page = await browser.newPage()
    try {
      const { port } = server.address() as AddressInfo
      await page.goto(`http://127.0.0.1:${port}/#${handler.startToken}`)
      await page.addScriptTag({ content: code })
      await page.getByText('100 entries, 0 disabled').waitFor()
      await page.getByText('Hub 199').waitFor()
      const renders = () => page.evaluate(() => window.renders)
      /** Makes a change, and returns what has rendered until the page shows it. */
      const rendered = async (change: () => Promise<unknown>, text: string) => {
        const before = await renders()
        await change()
        await page.getByText(text, { exact: true }).waitFor()
        const after = await renders()
        return Object.keys(after).filter((name) => after[name] !== before[name])
      }
      const [, second = '', third = ''] = ids
      const { entries } = latchkey
      expect(await rendered(() => entries.update(second, { title: 'Hub 101a' }), 'Hub 101a')).toEqual([
        second,
      ])
      expect(await rendered(() => entries.update(second, { title: 'Zoo' }), 'Zoo')).toEqual(
        expect.arrayContaining([second, 'list']),
      )
      const disabled = await rendered(() => entries.disable(third), '100 entries, 1 disabled')
      expect(disabled.sort()).toEqual([third, 'total'].sort())
    } finally {
      await page.close()
      handler.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await latchkey.stop()
    }
  })
})
