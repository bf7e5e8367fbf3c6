import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { createLatchkey, defineIntegration, memoryStore, secret } from '../../../src/index.ts'

/** Asks for a code, and for another where the first has expired. */
function codes(error?: string) {
  const answers: { code: string; state: unknown }[] = []
  const integration = defineIntegration({
    domain: 'codes',
    title: 'Codes',
    fields: z.object({ password: secret() }),
    challenges: { otp: z.object({ code: z.string() }) },
    async connect(_, { challenge }) {
      if (challenge === undefined) return { challenge: 'otp', state: 'first' }
      answers.push({ code: challenge.values.code, state: challenge.state })
      const again = { challenge: 'otp', state: 'second', ...(error !== undefined && { error }) } as const
      return challenge.values.code === 'old' ? again : { client: null, uniqueId: 'me' }
    },
  })
  return { integration, answers }
}

async function answerOld(error?: string) {
  const { integration, answers } = codes(error)
  const { flows } = await createLatchkey({ integrations: [integration], store: memoryStore() })
  const form = await flows.start({ domain: 'codes', source: 'user' })
  const asked = await flows.submit(form.flowId, { password: 'p' }, form)
  return { flows, answers, view: await flows.submit(form.flowId, { code: 'old' }, asked) }
}

describe('a challenge that is repeated', () => {
  it('shows the reason, keeps the earlier input, and is answered with its new state', async () => {
    const { flows, answers, view } = await answerOld('code_expired')
    expect(view).toMatchObject({ step: 'challenge', challenge: 'otp' })
    expect(view).toMatchObject({ errors: { base: { code: 'code_expired' } } })
    expect(await flows.submit(view.flowId, { code: 'new' }, view)).toMatchObject({ type: 'create_entry' })
    expect(answers).toEqual([
      { code: 'old', state: 'first' },
      { code: 'new', state: 'second' },
    ])
  })

  it('shows no error if the integration gives no reason', async () => {
    expect((await answerOld()).view).toMatchObject({ step: 'challenge', errors: {} })
  })

  it('accepts only a code as a reason, never a sentence that might quote the input', async () => {
    const { view } = await answerOld('Your password p is old.')
    expect(view).toMatchObject({ step: 'challenge', errors: { base: { code: 'unknown' } } })
  })
})
