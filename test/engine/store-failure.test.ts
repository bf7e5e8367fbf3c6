import { describe, expect, it } from '@jest/globals'
import { StoreError } from '../../src/errors.ts'
import { addEntry, loseCredential, makeHost, openForm } from './host.ts'
import { TamperedStore } from './tampered-store.ts'

const values = { host: 'h', token: 'good' }

describe('a store that fails', () => {
  it('lets the caller know that the flow could not be expired', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const { flowId, revision } = await openForm(host.latchkey)
    await host.pass(30 * 60_000)
    store.onApply = async () => {
      throw new StoreError('The disk is full.')
    }
    await expect(host.latchkey.flows.submit(flowId, values, { revision })).rejects.toThrow(
      'The disk is full.',
    )
  })

  it('leaves no connection behind where it fails after the commit, and the flow has succeeded', async () => {
    const one = await makeHost()
    const entryId = await addEntry(one)
    const form = await loseCredential(one, entryId)
    one.service.accounts.set('new', 'ann')
    const store = new TamperedStore(one.store)
    // It would follow the change, and connect with the new credential.
    await one.latchkey.stop()
    const two = await one.again({ store })
    let reads = 0
    store.onEntry = async (entry) => {
      if (++reads === 2) throw new StoreError('The connection broke.')
      return entry
    }
    const end = await two.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    expect(end).toMatchObject({ type: 'abort', reason: 'reauth_successful', success: true })
    expect(one.service.open).toBe(0)
    expect(two.log.lines).toMatchObject([
      { message: 'An actor of a flow failed unexpectedly.', fields: { code: 'reloadEntry' } },
    ])
    const used = two.latchkey.entries.use(one.service.integration, entryId, (client) => client.ping())
    expect(await used).toBe('pong')
  })

  it('removes the answer to a challenge from the log', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    host.service.script({ challenge: 'otp' }, { connect: 'ann' })
    const form = await openForm(host.latchkey)
    const asked = await host.latchkey.flows.submit(form.flowId, values, { revision: form.revision })
    store.onApply = async (apply, writes) => {
      if (writes.some((write) => 'put' in write && write.put === 'entry')) throw new StoreError('good 424242')
      return apply()
    }
    const submit = host.latchkey.flows.submit(form.flowId, { code: '424242' }, { revision: asked.revision })
    expect(await submit).toMatchObject({ errors: { base: { code: 'unknown' } } })
    expect(host.log.lines[0]?.fields.error?.message).toBe('[secret] [secret]')
  })
})

describe('the state of a challenge', () => {
  it('is removed from the log of the answer to it, except for short words', async () => {
    const host = await makeHost()
    const state = { session: 'session-8f3a', deep: ['nested-token', 7, null], lang: 'en' }
    host.service.script({ challenge: 'otp', state }, { throws: new Error('en session-8f3a nested-token') })
    const form = await openForm(host.latchkey)
    const asked = await host.latchkey.flows.submit(form.flowId, values, { revision: form.revision })
    const submit = host.latchkey.flows.submit(form.flowId, { code: '424242' }, { revision: asked.revision })
    expect(await submit).toMatchObject({ step: 'challenge', errors: { base: { code: 'unknown' } } })
    expect(host.log.lines[0]?.fields.error?.message).toBe('en [secret] [secret]')
  })
})
