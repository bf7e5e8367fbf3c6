import { Writable } from 'node:stream'
import { describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import { memoryStore } from '../../src/adapters/memory/memory-store.ts'
import { plainCipher } from '../../src/adapters/plain-cipher.ts'
import { createLatchkey } from '../../src/engine/create-latchkey.ts'
import { latchkeyHandler } from '../../src/http/index.ts'
import { ScriptedService } from '../../src/testing/scripted-service.ts'

/** A pino logger that remembers its lines. */
function collecting() {
  const lines: Readonly<Record<string, unknown>>[] = []
  const stream = new Writable({
    write(chunk, _, done) {
      lines.push(JSON.parse(String(chunk)))
      done()
    },
  })
  return { lines, logger: pino({ base: null }, stream) }
}

describe('a pino logger as the log', () => {
  it('writes one JSON line with the message, ids and a scrubbed error', async () => {
    const { lines, logger } = collecting()
    const service = new ScriptedService()
    const latchkey = await createLatchkey({
      integrations: [service.integration],
      store: memoryStore(),
      cipher: plainCipher(),
      log: logger,
    })
    service.script({ throws: new TypeError('refused token-1') })
    const form = await latchkey.flows.start({ domain: 'scripted', source: 'user' })
    await latchkey.flows.submit(form.flowId, { host: 'hub.local', token: 'token-1' }, form)
    expect(lines).toMatchObject([
      {
        level: 50,
        msg: 'A call of the integration failed.',
        domain: 'scripted',
        error: { name: 'TypeError', message: 'refused [secret]', stack: expect.any(String) },
      },
    ])
    expect(JSON.stringify(lines)).not.toContain('token-1')
    await latchkey.stop()
  })

  it('writes the failures of requests, and the fields of a child logger', async () => {
    const { lines, logger } = collecting()
    const latchkey = await createLatchkey({
      integrations: [],
      store: memoryStore(),
      cipher: plainCipher(),
    })
    const authorize = () => {
      throw new Error('The directory is down.')
    }
    const log = logger.child({ part: 'http' })
    const handler = latchkeyHandler(latchkey, { authorize, publicUrl: 'https://home.example', log })
    expect((await handler(new Request('https://home.example/attention'))).status).toBe(500)
    expect(lines).toMatchObject([
      { part: 'http', msg: 'A request failed.', error: { message: 'The directory is down.' } },
    ])
    await latchkey.stop()
  })
})
