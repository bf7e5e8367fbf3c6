import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createClient, type LatchkeyClient } from '../../src/client/index.ts'
import { latchkeyHandler } from '../../src/http/index.ts'
import { createLatchkey, type Latchkey, memoryStore } from '../../src/index.ts'
import type { Network } from '../../src/ports/network.ts'
import { ScriptedService } from '../../src/testing/index.ts'
import { addEntry } from '../engine/host.ts'

/** A network in which every name has an address. */
const network: Network = {
  fetch,
  lookup: (_host, _options, callback) => callback(null, [{ address: '203.0.113.7', family: 4 }]),
}

let latchkey: Latchkey
let client: LatchkeyClient
let entryId = ''
/** The number of answers that are lost next. */
let losses = 0
beforeEach(async () => {
  const service = new ScriptedService()
  latchkey = await createLatchkey({ integrations: [service.integration], store: memoryStore(), network })
  entryId = await addEntry({ latchkey, service })
  const handler = latchkeyHandler(latchkey)
  client = createClient({
    url: 'http://127.0.0.1',
    token: () => handler.startToken ?? '',
    async fetch(...request) {
      const answer = await handler(new Request(...request))
      if (losses-- > 0) throw new TypeError('The answer was lost.')
      return answer
    },
  })
})
afterEach(() => latchkey.stop())

/** Makes a call whose answer is lost, and repeats it. */
async function again<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  losses = 1
  await expect(call()).rejects.toThrow('lost')
  return call()
}
const open = async () => (await latchkey.flows.list()).items.map(({ flowId }) => flowId)

describe('a start whose answer was lost', () => {
  it.each<readonly [string, (made: LatchkeyClient) => Promise<{ readonly flowId: string }>]>([
    ['an added account', (made) => made.flows.start({ source: 'user', domain: 'scripted' })],
    ['edited settings', (made) => made.entries.reconfigure(entryId)],
    ['a replaced account', (made) => made.entries.replace(entryId)],
    ['a reauthentication', (made) => made.entries.reauth(entryId)],
  ])('opens one flow of the same user if it is repeated: %s', async (_, start) => {
    const { flowId } = await again(() => start(client))
    expect(await open()).toEqual([flowId])
    expect(client.flows.isOwn(flowId)).toBe(true)
    // A later one is another request.
    await client.flows.cancel(flowId)
    expect(await start(client)).not.toMatchObject({ flowId })
  })

  it.each(['cancelled', 'completed'])('opens another flow if the lost one was %s since', async (how) => {
    losses = 1
    await expect(client.entries.reconfigure(entryId)).rejects.toThrow('lost')
    const [lost = ''] = await open()
    if (how === 'cancelled') await latchkey.flows.cancel(lost)
    else await latchkey.flows.submit(lost, { host: 'attic', token: 'good' }, { revision: 1 })
    expect(await open()).toEqual([])
    const { flowId } = await client.entries.reconfigure(entryId)
    expect([await open(), client.flows.isOwn(flowId)]).toEqual([[flowId], true])
  })

  it('does not take the flow of another user', async () => {
    const { flowId } = await latchkey.flows.start({ source: 'reconfigure', entryId }, { principal: 'bob' })
    expect(await again(() => client.entries.reconfigure(entryId))).toMatchObject({ flowId, joined: true })
    expect(client.flows.isOwn(flowId)).toBe(false)
  })
})

describe('an added webhook whose answer was lost', () => {
  it('is added once, and the repeated call returns its secret', async () => {
    const add = () => client.webhooks.add({ url: 'https://hooks.example/latchkey' })
    const { webhook, secret } = await again(add)
    expect((await latchkey.webhooks.list()).items).toEqual([webhook])
    expect(secret).toMatch(/^whsec_/)
  })
})
