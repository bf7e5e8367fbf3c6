import { describe, expect, it } from '@jest/globals'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { StoreError } from '../../../src/errors.ts'
import { FailingStore } from '../../../src/testing/failing-store.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { asForm, makeHost, openForm } from '../host.ts'

const DAY = 24 * 3_600_000
const START = 1_000_000

/** An entry whose credential ends when the service says. */
async function linked(first: unknown) {
  const said = { end: first, account: 'ann' }
  const service = new ScriptedService({
    connect: async ({ token }) => {
      const client = { account: 'ann', ping: () => token.reveal(), drop: () => {} }
      return { client, uniqueId: said.account, expiresAt: said.end as number }
    },
  })
  const store = new FailingStore(memoryStore())
  const host = await makeHost({ service, store })
  const changed: string[] = []
  const form = await openForm(host.latchkey)
  const { entryId } = await host.latchkey.flows.submit(form.flowId, { host: 'h', token: 'good' }, form)
  host.latchkey.on('attention_changed', (event) => changed.push(`${event.entryId}`))
  await host.latchkey.start()
  return { ...host, store, said, changed, entryId: entryId ?? '' }
}

describe('a credential that ends', () => {
  it('is listed from seven days before, and listeners are notified on that day', async () => {
    const { latchkey, entryId, pass, changed } = await linked(START + 10 * DAY)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ expiresAt: START + 10 * DAY })
    await pass(3 * DAY - 10_000)
    expect([await latchkey.attention.list(), await latchkey.attention.get(entryId)]).toEqual([[], null])
    expect(changed).toEqual([])
    await pass(10_000)
    await pass(10_000)
    const item = { entryId, reason: 'pending_expiration', flowId: null, since: null }
    expect(await latchkey.attention.list()).toMatchObject([item])
    expect(await latchkey.attention.get(entryId)).toMatchObject(item)
    expect(changed).toEqual([entryId])
  })

  it('leaves the list with the one that takes its place', async () => {
    const { latchkey, entryId, said } = await linked(START + DAY)
    const form = asForm(await latchkey.flows.start({ source: 'reauth', entryId }))
    expect(await latchkey.attention.list()).toMatchObject([
      { reason: 'pending_expiration', flowId: form.flowId },
    ])
    said.end = undefined
    await latchkey.flows.submit(form.flowId, { token: 'new' }, form)
    expect(await latchkey.attention.list()).toEqual([])
    expect(await latchkey.entries.get(entryId)).toMatchObject({ expiresAt: null })
  })

  it('yields to a worse reason, and disappears while the entry is disabled', async () => {
    const { latchkey, entryId } = await linked(START + DAY)
    await latchkey.entries.requestReauth(entryId)
    expect(await latchkey.attention.list()).toMatchObject([{ reason: 'requested' }])
    const failing = await linked(START + DAY)
    failing.said.account = 'bob'
    await failing.latchkey.entries.reload(failing.entryId)
    const wrong = { reason: 'wrong_account' }
    expect(await failing.latchkey.attention.list()).toMatchObject([wrong])
    expect(await failing.latchkey.attention.get(failing.entryId)).toMatchObject(wrong)
    const other = await linked(START + DAY)
    await other.latchkey.entries.disable(other.entryId)
    expect(await other.latchkey.attention.list()).toEqual([])
  })

  it('yields to a proposed address, and returns after it is settled', async () => {
    const { latchkey, entryId } = await linked(START + DAY)
    const discovery = { uniqueId: 'ann', values: { host: 'elsewhere' } }
    await latchkey.flows.start({ domain: 'scripted', source: 'discovery', discovery })
    const moved = { reason: 'address_changed', since: START }
    expect(await latchkey.attention.list()).toMatchObject([moved])
    expect(await latchkey.attention.get(entryId)).toMatchObject(moved)
    await latchkey.entries.dismissProposal(entryId)
    expect(await latchkey.attention.list()).toMatchObject([{ reason: 'pending_expiration', since: null }])
  })

  it('ends if a later setup returns another expiry', async () => {
    const { latchkey, entryId, said, changed } = await linked(undefined)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ expiresAt: null })
    said.end = START + 2 * DAY + 0.5
    await latchkey.entries.reload(entryId)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ expiresAt: START + 2 * DAY, revision: 2 })
    expect(changed).toEqual([entryId])
    await latchkey.entries.reload(entryId)
    said.end = undefined
    await latchkey.entries.reload(entryId)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ expiresAt: START + 2 * DAY, revision: 2 })
    said.end = null
    await latchkey.entries.reload(entryId)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ expiresAt: null, revision: 3 })
  })

  it('is said again by the next setup where it could not be recorded', async () => {
    const { latchkey, entryId, said, store, log } = await linked(null)
    said.end = START + DAY
    store.before('apply', 1, () => {
      throw new StoreError('The disk is full.')
    })
    expect(await latchkey.entries.reload(entryId)).toMatchObject({ state: 'loaded', expiresAt: null })
    expect(log.messages).toContain('The result of a setup could not be recorded.')
    expect(await latchkey.entries.reload(entryId)).toMatchObject({ expiresAt: START + DAY })
  })

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, '2030'])('is not what %p says', async (end) => {
    const { latchkey, entryId } = await linked(end)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ expiresAt: null })
  })
})
