import { describe, expect, it } from '@jest/globals'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { plainCipher } from '../../../src/adapters/plain-cipher.ts'
import { InvalidAuthError, InvalidInputError } from '../../../src/errors.ts'
import { FailingStore } from '../../../src/testing/failing-store.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { asForm, atRest, makeHost, openForm } from '../host.ts'

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

  it('refuses a late answer as its call, also while the store takes time to end the claim', async () => {
    const store = new FailingStore(memoryStore())
    const host = await makeHost({ service: codeService(), store, cipher: plainCipher() })
    const form = await openForm(host.latchkey)
    const asked = await host.latchkey.flows.submit(form.flowId, valid, form)
    await host.pass(600_000)
    let released = 0
    store.before('release', 1, async () => {
      await atRest()
      released++
    })
    // A promise that is rejected before something handles it ends the process.
    const late = host.latchkey.flows.submit(form.flowId, { code: '123' }, asked)
    await expect(late).rejects.toMatchObject({ code: 'STALE_REVISION', view: { step: 'user' } })
    expect(released).toBe(1)
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
