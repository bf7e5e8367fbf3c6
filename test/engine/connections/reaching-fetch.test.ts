import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { reachingFetch, refusedAddress } from '../../../src/engine/connections/reaching-fetch.ts'
import { AddressRefusedError, CannotConnectError, InvalidAuthError } from '../../../src/errors.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { asForm, makeHost, openForm } from '../host.ts'

const reached = reachingFetch(globalThis.fetch)

/** Returns the URL of a port that nothing listens on. */
async function closedUrl(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}/`
}

const rejects = (error: unknown, init?: RequestInit): Promise<unknown> =>
  reachingFetch(() => Promise.reject(error))('http://hub', init).then(
    () => null,
    (thrown: unknown) => thrown,
  )

describe('the fetch of an integration', () => {
  it('rejects with CannotConnectError if nothing listens, and keeps the cause', async () => {
    const error = await reached(await closedUrl()).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(CannotConnectError)
    expect(error).toMatchObject({ cause: { cause: { code: 'ECONNREFUSED' } } })
  })

  it.each([
    ['a certificate', Object.assign(new Error('self-signed'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })],
    ['an unknown host', Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })],
    ['an answer that is not HTTP', Object.assign(new Error('Parse Error'), { code: 'HPE_INVALID_CONSTANT' })],
  ])('rejects with CannotConnectError after %s', async (_, cause) => {
    expect(await rejects(new TypeError('fetch failed', { cause }))).toBeInstanceOf(CannotConnectError)
  })

  it('keeps the mistake of an address without a scheme', async () => {
    const error = await reached('hub').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'TypeError' })
  })

  it('keeps an abort of the caller, by an option or a request', async () => {
    const signal = AbortSignal.abort('enough')
    expect(await rejects('enough', { signal })).toBe('enough')
    const request = new Request('http://hub', { signal })
    await expect(reached(request)).rejects.toBe('enough')
  })

  it('keeps a refused address, also inside of the error of a library', async () => {
    const refused = new AddressRefusedError()
    expect(await rejects(new TypeError('fetch failed', { cause: refused }))).toBe(refused)
    expect(refusedAddress(new Error('wrapped', { cause: new Error('again', { cause: refused }) }))).toBe(
      refused,
    )
    expect(refusedAddress('text')).toBeNull()
  })

  it('keeps errors of Latchkey, and those that are not of the network', async () => {
    for (const error of [new InvalidAuthError(), new CannotConnectError(), new Error('a bug'), 'a text'])
      expect(await rejects(error)).toBe(error)
  })
})

describe('a service that cannot be reached', () => {
  it.each([
    ['the fetch of the context', true],
    ['the global fetch', false],
  ])('is not something unexpected, by %s', async (_, own) => {
    const url = await closedUrl()
    const service = new ScriptedService({
      connect: async (_values, { fetch }) => {
        await (own ? fetch : globalThis.fetch)(url)
        throw new Error('never')
      },
    })
    const { latchkey, log } = await makeHost({ service })
    const { flowId, revision } = await openForm(latchkey)
    const view = asForm(await latchkey.flows.submit(flowId, { host: 'h', token: 'good' }, { revision }))
    expect(view.errors.base?.code).toBe('cannot_connect')
    expect(log.lines).toEqual([])
  })
})
