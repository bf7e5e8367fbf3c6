import { describe, expect, it } from '@jest/globals'
import { Served } from './served.ts'

const german = { 'accept-language': 'de-AT,de;q=0.9,en;q=0.8' }

describe('responses over HTTP', () => {
  it('use the language that the request accepts and declare it', async () => {
    await using served = await Served.open()
    const body = { domain: 'my_hub', source: 'user' }
    const opened = await served.call('POST', '/flows', { body, headers: german })
    expect(opened.body).toMatchObject({ title: 'My Hub hinzufügen', submit: 'Hinzufügen', language: 'de' })
    expect(opened.headers.get('content-language')).toBe('de')
    expect(opened.headers.get('vary')).toBe('accept-language')
    const { flowId } = opened.body
    const plain = await served.call('GET', `/flows/${flowId}`)
    expect(plain.body).toMatchObject({ title: 'Add My Hub', language: 'en' })
    expect(plain.headers.get('content-language')).toBe('en')
    const list = await served.call('GET', '/flows', { headers: german })
    expect(list.body).toMatchObject({ items: [{ title: 'My Hub hinzufügen' }] })
    expect(list.headers.get('content-language')).toBe('de')
  })

  it('use that language also in errors', async () => {
    await using served = await Served.open()
    const { body } = await served.call('POST', '/flows', { body: { domain: 'my_hub', source: 'user' } })
    const headers = { ...german, 'if-match': '"99"' }
    const stale = await served.call('POST', `/flows/${body.flowId}`, { body: { input: {} }, headers })
    expect(stale).toMatchObject({ status: 412, body: { view: { title: 'My Hub hinzufügen' } } })
    expect(stale.headers.get('content-language')).toBe('de')
  })

  it('use the language of the request for the whole stream', async () => {
    await using served = await Served.open()
    await served.call('POST', '/flows', { body: { domain: 'my_hub', source: 'user' } })
    const first = async (headers: Record<string, string>): Promise<string> => {
      const authorization = `Bearer ${served.handler.startToken}`
      const request = new Request('http://127.0.0.1:8124/events', { headers: { authorization, ...headers } })
      const response = await served.handler(request)
      const reader = (response.body as ReadableStream<Uint8Array>).getReader()
      const { value } = await reader.read()
      await reader.cancel()
      return new TextDecoder().decode(value)
    }
    expect(await first(german)).toContain('"title":"My Hub hinzufügen"')
    expect(await first({})).toContain('"title":"Add My Hub"')
  })
})
