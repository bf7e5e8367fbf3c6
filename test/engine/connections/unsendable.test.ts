import { request } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { CannotConnectError, defineIntegration, secret } from '../../../src/index.ts'
import { asForm, makeHost, openForm } from '../host.ts'

const clients: Readonly<Record<string, (key: string) => unknown>> = {
  fetch: (key) => new Headers({ authorization: `Bearer ${key}` }),
  'node:http': (key) => request('http://127.0.0.1:9', { headers: { authorization: `Bearer ${key}` } }),
  'a client that reports it as a failed connection': (key) => {
    try {
      return new Headers({ authorization: key })
    } catch (cause) {
      throw new CannotConnectError('The service could not be reached.', { cause })
    }
  },
}

const integrationWith = (connect: (key: string) => unknown) =>
  defineIntegration({
    domain: 'keyed',
    title: 'Keyed',
    fields: z.object({ key: secret() }),
    connect: async ({ key }) => {
      await connect(key.reveal())
      return { client: null, uniqueId: 'a' }
    },
  })

/** Submits a key. @returns the error of the form, and the levels of the log lines */
async function errorOf(connect: (key: string) => unknown, key: string) {
  const { latchkey, log } = await makeHost({ integrations: [integrationWith(connect)] })
  const form = await openForm(latchkey, 'keyed')
  const view = asForm(await latchkey.flows.submit(form.flowId, { key }, form))
  return { code: view.errors.base?.code, logged: log.lines.map(({ level }) => level) }
}

describe.each(Object.entries(clients))('a key that %s refuses to send', (_, connect) => {
  it.each(['\ufeffkey-1', 'key\u20111', 'key-1…', '“key-1”', 'key\r\n-1', 'ключ'])(
    'counts as rejected by the service: %j',
    async (key) => {
      expect(await errorOf(connect, key)).toEqual({ code: 'invalid_auth', logged: ['warn'] })
    },
  )
})

describe('another error', () => {
  it.each([
    ['with such a key', '\ufeffkey-1', 'unknown'],
    ['about a header, with another key', 'key-1', 'unknown'],
  ])('is still unexpected %s', async (about, key, code) => {
    const message = about.startsWith('about') ? 'No ByteString, and no header value' : 'No reply'
    const failing = () => {
      throw new TypeError(message, { cause: 'text' })
    }
    expect(await errorOf(failing, key)).toEqual({ code, logged: ['error'] })
  })
})
