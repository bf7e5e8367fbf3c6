import { describe, expect, it } from '@jest/globals'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { createClient, type LatchkeyClient } from '../../src/client/index.ts'
import {
  LatchkeyProvider,
  useAttention,
  useClientState,
  useDiscovered,
  useEntries,
  useFlow,
  useIgnored,
  useLatchkey,
} from '../../src/react/index.ts'
import { form } from '../client/samples.ts'
import { json, wireServer } from '../client/wire-server.ts'

function Everything() {
  const { connection } = useClientState()
  const { view, pending, error } = useFlow('f1')
  const rendered = {
    connection,
    entries: useEntries().length,
    attention: useAttention().length,
    discovered: useDiscovered().length,
    ignored: useIgnored().length,
    view,
    pending,
    error,
  }
  return createElement('pre', { 'data-rendered': JSON.stringify(rendered) })
}

const render = (client: LatchkeyClient): string =>
  renderToString(createElement(LatchkeyProvider, { client }, createElement(Everything)))

describe('latchkey/react on a server', () => {
  it('renders the initial state of a browser without a request', async () => {
    const server = await wireServer()
    const client = createClient({ url: server.url, token: () => 't' })
    const before = render(client)
    expect(before).toContain('&quot;connection&quot;:&quot;connecting&quot;,&quot;entries&quot;:0')
    expect(before).toContain('&quot;view&quot;:null,&quot;pending&quot;:false,&quot;error&quot;:null')

    // The state of the client makes no difference: the browser must be able to hydrate the page.
    server.answer('GET /flows/f1', json(200, form('f1', 1)))
    await client.flows.get('f1')
    expect(render(client)).toBe(before)
    expect(server.seen).toHaveLength(1)
    await server.close()
  })

  it('names the missing provider', () => {
    function Lost() {
      useLatchkey()
      return null
    }
    expect(() => renderToString(createElement(Lost))).toThrow('<LatchkeyProvider client={…}>')
  })
})
