import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey, type Latchkey } from '../../src/index.ts'
import { randomFrom } from '../stories/random-stops.ts'
import { runChild } from './child.ts'
import { tokenIntegration } from './token-integration.ts'
import { TokenProvider } from './token-provider.ts'

const integration = tokenIntegration()
const random = randomFrom(Number(process.env.SEED ?? 1))

/** The time of a busy machine for work that needs none, in milliseconds. */
const SLACK = 3_000

describe('a process whose client never closes, and whose token is refreshed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-stops-'))
  const provider = new TokenProvider()
  let address = ''
  beforeAll(async () => {
    address = await provider.listen()
  })
  afterAll(async () => {
    await provider.close()
    rmSync(folder, { recursive: true })
  })

  const withHost = async <Result>(path: string, work: (latchkey: Latchkey) => Promise<Result>) => {
    const latchkey = await createLatchkey({ integrations: [integration], store: sqliteStore(path) })
    const result = await work(latchkey)
    await latchkey.stop()
    return result
  }

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'stops in time, loses no token, and ends by itself (%i)',
    async (round) => {
      const path = join(folder, `${round}.db`)
      const { entryId } = await withHost(path, async ({ flows }) => {
        const form = await flows.start({ domain: 'tokens', source: 'user' })
        return flows.submit(form.flowId, { address, password: 'typed' }, { revision: form.revision })
      })
      provider.delay = Math.floor(random() * 200)
      const wait = Math.floor(random() * 300)
      const { code, stdout, stderr } = await runChild('stop-child', path, entryId ?? '', String(wait))
      expect([code, stderr]).toEqual([0, expect.not.stringContaining('Error')])
      expect(Number(stdout)).toBeLessThan(provider.delay + 200 + SLACK)
      provider.delay = 0
      const token = await withHost(path, ({ entries }) =>
        entries.use(integration, entryId ?? '', (client) => client.token()),
      )
      expect(token).toMatch(/^[0-9a-f-]{36}$/)
      expect(provider.revoked).toBe(0)
    },
  )
})
