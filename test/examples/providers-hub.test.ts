import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const main = join(import.meta.dirname, '../../examples/providers/main.ts')

describe('npm run start:providers', () => {
  it('ends the host, the fakes and their open requests on Ctrl-C', async () => {
    const child = spawn(process.execPath, [main, '--no-open'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    try {
      const [line] = await once(child.stdout, 'data')
      const { origin, hash } = new URL(/http:\S+/.exec(String(line))?.[0] ?? '')
      const headers = { authorization: `Bearer ${new URLSearchParams(hash.slice(1)).get('token')}` }
      const post = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' } }
      const body = JSON.stringify({ domain: 'slack', source: 'user' })
      // The sign-in page is that of the fake.
      const view = await (await fetch(`${origin}/flows`, { ...post, body })).json()
      const { host } = view as { readonly host: string }
      // A page keeps its event stream open, and a browser a connection to the page of a fake.
      const [stream, page] = await Promise.all([
        fetch(`${origin}/events`, { headers }),
        fetch(`http://${host}/`),
      ])
      expect([stream.status, page.ok]).toEqual([200, false])
      child.kill('SIGINT')
      expect(await ended).toEqual([0, null])
      for (const at of [origin, `http://${host}`]) await expect(fetch(at)).rejects.toThrow('fetch failed')
      await stream.text().catch(() => '')
    } finally {
      child.kill('SIGKILL')
    }
  })
})
