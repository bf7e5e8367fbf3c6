import { describe, expect, it } from '@jest/globals'
import { latchkeyHandler } from '../../src/http/index.ts'
import { CannotConnectError } from '../../src/index.ts'
import { addEntry, atRest, makeHost } from '../engine/host.ts'
import { EventReader } from './event-reader.ts'
import { byName } from './served.ts'

const publicUrl = 'https://hub.example'

/** A host with an entry in the scope `a`, and callers with different rights. */
async function open() {
  const host = await makeHost({ scopes: true })
  const latchkey = host.latchkey.scope('a')
  const entryId = await addEntry({ latchkey, service: host.service })
  const handler = latchkeyHandler(host.latchkey, { authorize: byName, publicUrl })
  const ask = async (right: string, path: string, method = 'GET') => {
    const headers = { authorization: `Bearer a/ada/${right}`, origin: publicUrl }
    const response = await handler(new Request(`${publicUrl}${path}`, { method, headers }))
    return (await response.json()) as Record<string, unknown>
  }
  const stream = (right: string) =>
    EventReader.to({ handler }, { token: `a/ada/${right}`, origin: publicUrl })
  const failing = async () => {
    for (const _ of [1, 2, 3])
      await latchkey.entries
        .use(host.service.integration, entryId, () => Promise.reject(new CannotConnectError('no route')))
        .catch(() => {})
  }
  return { ...host, latchkey, entryId, handler, ask, stream, failing }
}

const details = { ref: expect.any(String), cause: 'CannotConnectError: no route' }

describe('the details of a failure', () => {
  it('are for callers with the right manage only', async () => {
    const { ask, entryId, failing, handler } = await open()
    await failing()
    for (const [right, path] of [
      ['read', `/entries/${entryId}`],
      ['repair', `/entries/${entryId}`],
    ] as const) {
      const { lastError } = await ask(right, path)
      expect(Object.keys(lastError as object).sort()).toEqual(['at', 'code', 'text'])
    }
    expect(await ask('manage', `/entries/${entryId}`)).toMatchObject({ lastError: details })
    expect(await ask('manage', '/entries')).toMatchObject({ items: [{ lastError: details }] })
    expect(JSON.stringify(await ask('read', '/entries'))).not.toMatch(/no route|"ref"/)
    handler.close()
  })

  it('are not in the answer to a caller that may only repair', async () => {
    const { ask, entryId, service, handler } = await open()
    service.script(
      { throws: new CannotConnectError('no route') },
      { throws: new CannotConnectError('no route') },
    )
    const reload = `/entries/${entryId}/reload`
    const answer = await ask('repair', reload, 'POST')
    expect(answer).toMatchObject({ state: 'setup_retry', lastError: { code: 'cannot_connect' } })
    expect(JSON.stringify(answer)).not.toContain('no route')
    expect(await ask('manage', reload, 'POST')).toMatchObject({ lastError: { cause: details.cause } })
    handler.close()
  })

  it('are in the streams of callers with the right manage, and in no other', async () => {
    const { stream, failing, handler } = await open()
    await using manager = await stream('manage')
    await using reader = await stream('read')
    await failing()
    const [shown, short] = await Promise.all(
      [manager, reader].map((each) => each.until('entry', ({ quiet }) => quiet === true)),
    )
    expect(shown?.data).toMatchObject({ state: 'loaded', lastError: details })
    expect(Object.keys(short?.data.lastError as object).sort()).toEqual(['at', 'code', 'text'])
    await using later = await stream('read')
    expect(JSON.stringify(await later.next())).not.toMatch(/no route|"ref"/)
    handler.close()
  })
})

describe('a stream with details', () => {
  it('ends after its caller has lost the right manage', async () => {
    const host = await makeHost()
    let right: 'read' | 'manage' = 'manage'
    const authorize = () => ({ scope: 'default', principal: 'ada', rights: [right] }) as const
    const handler = latchkeyHandler(host.latchkey, { authorize, publicUrl, authorizeInterval: 1 })
    await using stream = await EventReader.to({ handler }, { token: 'any', origin: publicUrl })
    await stream.next()
    const ended = stream.next()
    right = 'read'
    await expect(ended).rejects.toThrow('The stream has ended.')
    await using reader = await EventReader.to({ handler }, { token: 'any', origin: publicUrl })
    right = 'manage'
    await reader.next()
    handler.close()
  })
})

describe('the answers of services', () => {
  it('are sent in one message for all entries, and only while there are listeners', async () => {
    const { latchkey, service, entryId, stream, clock, pass, handler } = await open()
    const use = () => latchkey.entries.use(service.integration, entryId, (client) => client.ping())
    const one = await stream('manage')
    await using two = await stream('read')
    await latchkey.entries.list()
    await use()
    await pass(5_000)
    const checked = { entries: [{ entryId, checkedAt: clock.now() - 5_000 }] }
    expect((await one.until('checked')).data).toEqual(checked)
    expect((await two.until('checked')).data).toEqual(checked)
    await one[Symbol.asyncDispose]()
    await use()
    await pass(5_000)
    expect((await two.until('checked')).data).toEqual({
      entries: [{ entryId, checkedAt: clock.now() - 5_000 }],
    })
    await atRest()
    handler.close()
  })
})
