import { describe, expect, it } from '@jest/globals'
import { StaleRevisionError } from '../../../src/errors.ts'
import { afterLeases, atRest, makeHost, openForm } from '../host.ts'
import { KeyedSemaphore, TamperedStore } from '../tampered-store.ts'

const valid = { host: 'h', token: 'good' }

describe('flows.submit, with two processes', () => {
  it('makes one login of the same input, and shows the progress to the other process', async () => {
    const one = await makeHost()
    one.service.accounts.set('good', 'ann')
    const two = await one.again()
    const { flowId, revision } = await openForm(one.latchkey)
    const ends = await Promise.all([
      one.latchkey.flows.submit(flowId, valid, { revision }),
      two.latchkey.flows.submit(flowId, valid, { revision }),
    ])
    expect(ends[0]).toMatchObject({ type: 'create_entry' })
    expect(ends[1]).toMatchObject({ type: 'progress', step: 'working', flowId, revision })
    expect(await two.latchkey.flows.get(flowId)).toEqual(ends[0])
    expect((await one.latchkey.entries.list()).items).toHaveLength(1)
    expect(one.service.connects).toHaveLength(1)
    expect(one.service).toMatchObject({ open: 1, disposed: 0 })
  })

  it('does the same where the service has no identities', async () => {
    const one = await makeHost()
    one.service.accounts.set('good', null)
    const two = await one.again()
    const { flowId, revision } = await openForm(one.latchkey)
    const [first, second] = await Promise.all([
      one.latchkey.flows.submit(flowId, valid, { revision }),
      two.latchkey.flows.submit(flowId, valid, { revision }),
    ])
    expect([first.type, second.type]).toEqual(['create_entry', 'progress'])
    expect((await one.latchkey.entries.list()).items).toHaveLength(1)
    expect(one.service).toMatchObject({ open: 1, disposed: 0 })
  })

  it('shows the current form to a paused process whose flow another one has continued', async () => {
    const one = await makeHost()
    one.service.script({ held: 'invalid_auth' })
    const { flowId, revision } = await openForm(one.latchkey)
    const slow = one.latchkey.flows.submit(flowId, valid, { revision })
    await atRest()
    const two = await afterLeases(one)
    const moved = await two.latchkey.flows.submit(flowId, { host: 'h' }, { revision })
    one.service.release()
    await expect(slow).rejects.toMatchObject({ code: 'STALE_REVISION', view: moved })
  })

  it('ends a flow that another process has cancelled while it was saving', async () => {
    const store = new TamperedStore()
    const one = await makeHost({ store })
    one.service.accounts.set('good', 'ann')
    const two = await one.again({ store: store.inner })
    const gate = new KeyedSemaphore()
    const { flowId, revision } = await openForm(one.latchkey)
    store.onApply = async (apply) => {
      await gate.wait()
      await apply()
    }
    const submit = one.latchkey.flows.submit(flowId, valid, { revision })
    await atRest()
    expect(await two.latchkey.flows.cancel(flowId)).toMatchObject({ reason: 'cancelled' })
    gate.open()
    expect(await submit).toMatchObject({ type: 'abort', reason: 'cancelled' })
    expect((await two.latchkey.entries.list()).items).toEqual([])
    expect(one.service).toMatchObject({ open: 0, disposed: 1 })
  })

  it('answers a cancel that came second with the end that came first', async () => {
    const store = new TamperedStore()
    const one = await makeHost({ store })
    const two = await one.again({ store: store.inner })
    const { flowId } = await openForm(one.latchkey)
    store.onApply = async (apply) => {
      store.onApply = (next) => next()
      await two.latchkey.flows.cancel(flowId)
      await apply()
    }
    expect(await one.latchkey.flows.cancel(flowId)).toMatchObject({ type: 'abort', reason: 'cancelled' })
  })

  it('does not cancel what another process has moved on', async () => {
    const store = new TamperedStore()
    const one = await makeHost({ store })
    const two = await one.again({ store: store.inner })
    const { flowId, revision } = await openForm(one.latchkey)
    store.onApply = async (apply) => {
      store.onApply = (next) => next()
      await two.latchkey.flows.submit(flowId, { host: 'h' }, { revision })
      await apply()
    }
    await expect(one.latchkey.flows.cancel(flowId)).rejects.toBeInstanceOf(StaleRevisionError)
    expect(await two.latchkey.flows.get(flowId)).toMatchObject({ type: 'form', revision: revision + 1 })
  })
})
