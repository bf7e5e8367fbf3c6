import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { repair, watch } from '../../examples/http-and-page/client.ts'
import { shared, withExpress } from '../../examples/http-and-page/servers.ts'
import { Served } from '../http/served.ts'

const root = resolve(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/guides/http-and-page.md'), 'utf8')
const commands = /^```sh\n(.*?)^```/ms.exec(guide)?.[1] ?? ''
const sh = promisify(execFile)

/** A hub behind Express, as the guide mounts it. */
async function open() {
  const served = await Served.open({ basePath: '/latchkey' })
  const server = withExpress(served.handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/latchkey`
  return {
    served,
    url,
    token: served.handler.startToken ?? '',
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await served[Symbol.asyncDispose]()
    },
  }
}

describe('the examples of docs/guides/http-and-page.md', () => {
  it('set up an entry with the commands for curl', async () => {
    await using hub = await open()
    const { served, url, token } = hub
    served.service.tokens.set('token-1', { id: 'hub-1', name: 'Living room' })
    const answers: Record<string, unknown>[] = []
    for (const command of commands.trim().replaceAll('\\\n', '').split('\n')) {
      if (command.includes('/events')) continue
      const env = { ...process.env, URL: url, TOKEN: token, FLOW_ID: String(answers.at(-1)?.flowId) }
      const script = command.replace('curl', 'curl -s').replace('127.0.0.1:8080', served.service.host)
      answers.push(JSON.parse((await sh('sh', ['-c', script], { env })).stdout))
    }
    expect(answers).toMatchObject([
      { items: [{ domain: 'my_hub' }] },
      { type: 'form', revision: 1 },
      { type: 'create_entry' },
      { items: [] },
    ])
  })

  it('follow the attention list in a client, and repair an entry', async () => {
    await using hub = await open()
    const { served, url, token } = hub
    const entryId = await served.link()
    const shown: string[][] = []
    const { client, stop } = watch(url, token, (titles) => shown.push(titles))
    await client.entries.reload(entryId)
    await served.latchkey.entries.requestReauth(entryId)
    for (let tries = 0; shown.at(-1)?.length !== 1 && tries < 200; tries++)
      await new Promise((resolve) => setTimeout(resolve, 25))
    expect(shown.at(-1)).toEqual(['Ada'])
    expect(await repair(client, entryId, 'good')).toBe('reauth_successful')
    expect(await repair(client, 'missing', 'good')).toBe('NOT_FOUND')
    stop()
  })

  it('authenticate requests by a session', async () => {
    await using served = await Served.open()
    const handler = shared(served.latchkey, {
      sessionOf: async (request) =>
        request.headers.get('cookie') === 'session=alice'
          ? { team: 'default', userId: 'alice', isAdmin: false }
          : null,
      linkKey: new Uint8Array(32),
    })
    const ask = async (cookie: string, method = 'GET', host = 'hub.example') =>
      (await handler(new Request(`https://${host}/latchkey/entries`, { method, headers: { cookie } }))).status
    expect(await ask('session=alice')).toBe(200)
    expect(await ask('')).toBe(401)
    expect(await ask('session=alice', 'GET', 'other.example')).toBe(421)
    handler.close()
  })
})
