import { describe, expect, it } from '@jest/globals'
import { InvalidAuthError, InvalidInputError } from '../../../src/errors.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { asForm, makeHost, openForm } from '../host.ts'

const valid = { host: 'h', token: 'good' }

describe('a challenge', () => {
  it('is answered with the input before it, also after a restart', async () => {
    const host = await makeHost({ service: codeService() })
    const form = await openForm(host.latchkey)
    const asked = asForm(await host.latchkey.flows.submit(form.flowId, valid, { revision: form.revision }))
    const stored = await host.store.getFlow('default', form.flowId)
    expect(JSON.stringify(stored?.context)).not.toContain('good')
    const { latchkey } = await host.again()
    const { revision } = asForm(await latchkey.flows.get(form.flowId))
    expect(revision).toBe(asked.revision)
    const end = await latchkey.flows.submit(form.flowId, { code: '123' }, { revision })
    expect(end).toMatchObject({ type: 'create_entry' })
  })

  it('is shown again after a wrong code, until the draft expires', async () => {
    const host = await makeHost({ service: codeService() })
    const form = await openForm(host.latchkey)
    const asked = asForm(await host.latchkey.flows.submit(form.flowId, valid, { revision: form.revision }))
    await host.pass(599_000)
    const wrong = asForm(
      await host.latchkey.flows.submit(form.flowId, { code: '9' }, { revision: asked.revision }),
    )
    expect(wrong).toMatchObject({ step: 'challenge', errors: { base: { code: 'invalid_auth' } } })
    const mistyped = asForm(await host.latchkey.flows.submit(form.flowId, {}, { revision: wrong.revision }))
    expect(mistyped.errors).toMatchObject({ '/code': { code: 'required' } })
    await host.pass(1_000)
    const late: unknown = await host.latchkey.flows
      .submit(form.flowId, { code: '123' }, { revision: mistyped.revision })
      .catch((error) => error)
    expect(late).toMatchObject({
      code: 'STALE_REVISION',
      view: { step: 'user', errors: { base: { code: 'expired' } }, values: { host: 'h' } },
    })
    expect((await host.store.getFlow('default', form.flowId))?.sealedDraft).toBeNull()
  })

  it('refuses the fields of the form before it', async () => {
    const host = await makeHost({ service: codeService() })
    const form = await openForm(host.latchkey)
    const { revision } = await host.latchkey.flows.submit(form.flowId, valid, { revision: form.revision })
    const again = host.latchkey.flows.submit(form.flowId, { ...valid, code: '123' }, { revision })
    await expect(again).rejects.toThrow(InvalidInputError)
  })

  it('cannot be shown once its integration no longer asks it', async () => {
    const host = await makeHost({ service: codeService() })
    const form = await openForm(host.latchkey)
    await host.latchkey.flows.submit(form.flowId, valid, { revision: form.revision })
    const { latchkey } = await host.again({
      integrations: [new ScriptedService({ challenges: {} as never }).integration],
    })
    await expect(latchkey.flows.get(form.flowId)).rejects.toThrow(
      'cannot be read. Its integration no longer has this step.',
    )
  })
})

/** A service that asks for the code 123. */
function codeService(): ScriptedService {
  const service = new ScriptedService({
    connect: async ({ host, token }, { challenge }) => {
      service.connects.push({ host, token: token.reveal(), code: challenge?.values.code.reveal() ?? null })
      if (challenge === undefined) return { challenge: 'otp', state: { nonce: 7 } }
      if (challenge.values.code.reveal() !== '123') throw new InvalidAuthError()
      return { client: { account: 'ann', ping: () => 'pong', drop: () => {} }, uniqueId: 'ann' }
    },
  })
  return service
}
