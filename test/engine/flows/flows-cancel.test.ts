import { describe, expect, it } from '@jest/globals'
import { CommittingError, FlowEndedError, StaleRevisionError, WrongStepError } from '../../../src/errors.ts'
import { asForm, atRest, makeHost, openForm } from '../host.ts'
import { KeyedSemaphore, TamperedStore } from '../tampered-store.ts'

const valid = { host: 'h', token: 'good' }

describe('flows.cancel', () => {
  it('calls back a connect that is under way, and fires its signal', async () => {
    const host = await makeHost()
    host.service.script({ hangs: true })
    const { flowId, revision } = await openForm(host.latchkey)
    const submit = host.latchkey.flows.submit(flowId, valid, { revision })
    await atRest()
    expect(await host.latchkey.flows.get(flowId)).toEqual({
      type: 'progress',
      step: 'checkingConnection',
      flowId,
      domain: 'scripted',
      source: 'user',
      entryId: null,
      revision,
      machine: 'configFlow',
      placeholders: { name: 'Scripted', service: 'Scripted', host: 'Scripted' },
      service: 'Scripted',
      title: 'Add Scripted',
      text: 'Checking Scripted…',
      language: 'en',
    })
    expect((await host.latchkey.flows.list()).items).toMatchObject([{ type: 'progress' }])
    const end = await host.latchkey.flows.cancel(flowId)
    expect(end).toMatchObject({ type: 'abort', reason: 'cancelled', text: 'Nothing was changed.' })
    expect(await submit).toEqual(end)
  })

  it('ends a submit that has only just come', async () => {
    const host = await makeHost()
    host.service.script({ hangs: true })
    const { flowId, revision } = await openForm(host.latchkey)
    const submit = host.latchkey.flows.submit(flowId, valid, { revision })
    expect(await host.latchkey.flows.cancel(flowId)).toMatchObject({ reason: 'cancelled' })
    expect(await submit).toMatchObject({ reason: 'cancelled' })
  })

  it('closes the connection that arrives after it, once', async () => {
    const host = await makeHost()
    host.service.script({ held: { connect: 'ann' } })
    const { flowId, revision } = await openForm(host.latchkey)
    const submit = host.latchkey.flows.submit(flowId, valid, { revision })
    await atRest()
    await host.latchkey.flows.cancel(flowId)
    expect(await submit).toMatchObject({ reason: 'cancelled' })
    host.service.release()
    await atRest()
    expect(host.service).toMatchObject({ open: 0, disposed: 1 })
    expect((await host.latchkey.entries.list()).items).toEqual([])
  })

  it('is refused while the flow is saving', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    host.service.accounts.set('good', 'ann')
    const gate = new KeyedSemaphore()
    const { flowId, revision } = await openForm(host.latchkey)
    store.onApply = async (apply) => {
      await gate.wait()
      await apply()
    }
    const submit = host.latchkey.flows.submit(flowId, valid, { revision })
    await atRest()
    expect(gate.reached).toBe(true)
    const refused: unknown = await host.latchkey.flows.cancel(flowId).catch((error) => error)
    expect(refused).toBeInstanceOf(CommittingError)
    expect(refused).toMatchObject({ code: 'COMMITTING', step: 'creatingEntry' })
    expect(await host.latchkey.flows.get(flowId)).toMatchObject({ type: 'progress', step: 'creatingEntry' })
    gate.open()
    expect(await submit).toMatchObject({ type: 'create_entry', success: true })
  })

  it('answers a flow that has ended with its end', async () => {
    const host = await makeHost()
    const { flowId } = await openForm(host.latchkey)
    const end = await host.latchkey.flows.cancel(flowId)
    expect(await host.latchkey.flows.cancel(flowId)).toEqual(end)
  })

  it('waits for a try that is being written, and tells how it ended', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const gate = new KeyedSemaphore()
    const { flowId, revision } = await openForm(host.latchkey)
    store.onApply = async (apply) => {
      await gate.wait()
      await apply()
    }
    const submit = host.latchkey.flows.submit(flowId, valid, { revision })
    await atRest()
    const cancel = host.latchkey.flows.cancel(flowId)
    gate.open()
    expect(await submit).toMatchObject({ type: 'form', errors: { base: { code: 'invalid_auth' } } })
    expect(await cancel).toMatchObject({ reason: 'cancelled' })
  })
})

describe('flows.back', () => {
  const challenged = async () => {
    const host = await makeHost()
    host.service.script({ challenge: 'otp', state: { nonce: 7 } })
    const { flowId, revision } = await openForm(host.latchkey)
    const view = await host.latchkey.flows.submit(flowId, valid, { revision })
    return { ...host, form: asForm(view) }
  }

  it('returns from a challenge to the form before it, with its input', async () => {
    const { latchkey, form } = await challenged()
    expect(form).toMatchObject({
      step: 'challenge',
      challenge: 'otp',
      order: ['code'],
      lastStep: true,
      values: {},
    })
    const back = await latchkey.flows.back(form.flowId, { revision: form.revision })
    expect(back).toMatchObject({ step: 'user', values: { host: 'h' }, errors: {}, lastStep: false })
    expect(back).not.toHaveProperty('challenge')
  })

  it('is refused on the first form, after the end, and with a stale revision', async () => {
    const { latchkey, form } = await challenged()
    const { flowId, revision } = form
    await expect(latchkey.flows.back(flowId, { revision: revision - 1 })).rejects.toThrow(StaleRevisionError)
    const first = await latchkey.flows.back(flowId, { revision, principal: 'ada' })
    const refused: unknown = await latchkey.flows.back(flowId, first).catch((error) => error)
    expect(refused).toBeInstanceOf(WrongStepError)
    expect(refused).toMatchObject({
      step: 'user',
      event: 'back',
      message: 'The step "user" does not accept "back". Reload the flow and try again.',
    })
    await latchkey.flows.cancel(flowId)
    await expect(latchkey.flows.back(flowId, first)).rejects.toThrow(FlowEndedError)
  })
})
