import { describe, expect, it } from '@jest/globals'
import { SealBrokenError, UnreadableRecordError } from '../../../src/errors.ts'
import type { FlowRecord } from '../../../src/ports/store.ts'
import { addEntry, asForm, loseCredential, makeHost, openForm } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'

const values = { host: 'h', token: 'good' }

describe('a flow’s row that was damaged', () => {
  const challenged = async (change: (flow: FlowRecord) => Partial<FlowRecord>) => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    host.service.script({ challenge: 'otp' })
    const form = await openForm(host.latchkey)
    const { flowId } = form
    const { revision } = await host.latchkey.flows.submit(flowId, values, { revision: form.revision })
    store.onFlow = (flow) => {
      const copy = structuredClone(flow)
      return { ...copy, ...change(copy) }
    }
    return { ...host, flowId, revision }
  }

  it('cannot be answered if the input before the challenge is lost, and asks again', async () => {
    const { latchkey, flowId, revision } = await challenged(() => ({ sealedDraft: null }))
    const refused = latchkey.flows.submit(flowId, { code: '1' }, { revision })
    await expect(refused).rejects.toBeInstanceOf(SealBrokenError)
    await expect(refused).rejects.toThrow(
      'An encrypted value was altered or belongs to another record. Restore a backup.',
    )
    expect(await latchkey.flows.submit(flowId, {}, { revision })).toMatchObject({
      step: 'challenge',
      errors: { '/code': { code: 'required' } },
    })
    expect(await latchkey.flows.back(flowId, { revision: revision + 1 })).toMatchObject({ step: 'user' })
  })

  it('cannot be shown where its challenge is lost', async () => {
    const { latchkey, flowId } = await challenged(({ context }) => ({
      context: { ...context, challenge: null },
    }))
    await expect(latchkey.flows.get(flowId)).rejects.toBeInstanceOf(UnreadableRecordError)
  })

  it('shows an end whose reason is lost as unknown', async () => {
    const { latchkey, flowId } = await challenged(() => ({
      open: false,
      step: 'abort',
      context: { reason: null },
    }))
    expect(await latchkey.flows.get(flowId)).toMatchObject({
      type: 'abort',
      reason: 'unknown',
      success: false,
      text: 'Something went wrong.',
    })
  })

  it.each([
    ['abort', { reason: 'reauth_successful' }, true],
    ['abort', { reason: 'ignored' }, true],
    ['abort', { reason: 'cancelled' }, false],
    ['create_entry', { reason: null }, true],
    // The stored success counts, not the reason.
    ['abort', { reason: 'reauth_successful', success: false }, false],
    ['abort', { reason: 'cancelled', success: true }, true],
  ])('reads the success of the end %s %j: %s', async (step, context, success) => {
    const { latchkey, flowId } = await challenged(() => ({ open: false, step, context }))
    expect(await latchkey.flows.get(flowId)).toMatchObject({ type: step, success })
  })

  it('shows a result even if its entry is missing', async () => {
    const { latchkey, flowId } = await challenged(() => ({
      open: false,
      step: 'create_entry',
      context: { reason: null },
      entryId: null,
    }))
    expect(await latchkey.flows.get(flowId)).toMatchObject({ type: 'create_entry', entryId: '' })
  })

  it('shows a code that this version does not know with a general text', async () => {
    const { latchkey, flowId } = await challenged(({ context }) => ({
      step: 'user',
      context: { ...context, challenge: null, errors: { base: { code: 'made_up' } } },
    }))
    expect(asForm(await latchkey.flows.get(flowId)).errors).toEqual({
      base: { code: 'made_up', text: 'This value isn’t valid.' },
    })
  })
})

describe('a flow’s row of an earlier version, which names the slot `uniqueId`', () => {
  it('is read, and holds its slot under the new name after the next write', async () => {
    const store = new TamperedStore()
    const { latchkey } = await makeHost({ store })
    const discovery = { uniqueId: 'ann', values: { host: 'h' } }
    const discover = () => latchkey.flows.start({ domain: 'scripted', source: 'discovery', discovery })
    const { flowId, revision } = asForm(await discover())
    store.onFlow = ({ slot: uniqueId, ...flow }) => Object.assign(flow, { uniqueId })
    expect(await latchkey.flows.submit(flowId, values, { revision })).toMatchObject({
      step: 'discovery_confirm',
      errors: { base: { code: 'invalid_auth' } },
    })
    const written = await store.inner.getFlow('default', flowId)
    expect(written).toMatchObject({ slot: 'account:ann', revision: revision + 1 })
    expect(written).not.toHaveProperty('uniqueId')
    expect(await discover()).toMatchObject({ reason: 'already_in_progress' })
  })
})

describe('a challenge of a reauthentication', () => {
  it('is wiped after ten minutes, while the flow itself lives on', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await host.latchkey.start()
    const form = await loseCredential(host, entryId)
    host.service.script({ challenge: 'otp', state: { n: 1 } })
    const asked = await host.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    expect(asked).toMatchObject({ step: 'challenge', expiresAt: null })
    await host.pass(10 * 60_000)
    expect(await host.latchkey.flows.get(form.flowId)).toMatchObject({
      step: 'reauth_confirm',
      errors: { base: { code: 'expired' } },
      expiresAt: null,
    })
    expect(await host.store.getFlow('default', form.flowId)).toMatchObject({ sealedDraft: null, dueAt: null })
  })
})
