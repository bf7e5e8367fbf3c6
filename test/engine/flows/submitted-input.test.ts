import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { plainCipher } from '../../../src/adapters/plain-cipher.ts'
import { defineIntegration } from '../../../src/authoring/integration.ts'
import { secret } from '../../../src/authoring/secret.ts'
import { createLatchkey } from '../../../src/engine/create-latchkey.ts'
import { asForm, MemoryLog, openForm } from '../host.ts'

describe('the fields of an integration', () => {
  const made = async (fields: z.ZodObject, more: object = {}) => {
    const log = new MemoryLog()
    const seen: unknown[] = []
    const integration = defineIntegration({
      domain: 'odd',
      title: 'Odd',
      fields,
      connect: async (given) => {
        seen.push(given)
        return { client: null, uniqueId: 'one' }
      },
      ...more,
    })
    const latchkey = await createLatchkey({
      integrations: [integration],
      store: memoryStore(),
      cipher: plainCipher(),
      log,
    })
    return { latchkey, log, seen }
  }

  it('that throw, or wait, are an unknown error, and not even their message is logged', async () => {
    for (const check of [
      () => {
        throw new Error('hush-hush')
      },
      async () => true,
    ]) {
      const { latchkey, log } = await made(z.object({ host: z.string().refine(check) }))
      const form = await openForm(latchkey, 'odd')
      const view = await latchkey.flows.submit(
        form.flowId,
        { host: 'hush-hush' },
        { revision: form.revision },
      )
      expect(view).toMatchObject({ errors: { base: { code: 'unknown' } }, values: { host: 'hush-hush' } })
      expect(log.messages).toEqual(['The schema of the integration threw an error.'])
      expect(JSON.stringify(log.lines)).not.toContain('hush-hush')
    }
  })

  it('are validated as a whole, also where a reauth asks for one secret of two', async () => {
    const fields = z
      .object({ one: secret(), two: secret(), host: z.string(), note: z.string().optional() })
      .refine(({ one, two }) => one.reveal() !== two.reveal(), { params: { code: 'same_twice' } })
    const { latchkey, seen } = await made(fields, { reauth: ['one'] })
    const form = await openForm(latchkey, 'odd')
    expect(form.schema.required).toEqual(['one', 'two', 'host'])
    const input = { one: 'a', two: 'b', host: 'h' }
    const end = await latchkey.flows.submit(form.flowId, input, { revision: form.revision })
    const reauth = asForm(await latchkey.flows.start({ source: 'reauth', entryId: end.entryId ?? '' }))
    expect(reauth).toMatchObject({ order: ['one'], values: {} })
    const refused = await latchkey.flows.submit(reauth.flowId, { one: 'b' }, { revision: reauth.revision })
    expect(asForm(refused).errors).toEqual({ base: { code: 'same_twice', text: 'This value isn’t valid.' } })
    const done = await latchkey.flows.submit(reauth.flowId, { one: 'c' }, { revision: refused.revision })
    expect(done).toMatchObject({ reason: 'reauth_successful' })
    expect(seen.at(-1)).toMatchObject({ host: 'h', one: expect.anything(), two: expect.anything() })
  })

  it('are not filled from what the entry had where a form shows them', async () => {
    const { latchkey, seen } = await made(
      z.object({ host: z.string(), note: z.string().optional(), pin: secret() }),
    )
    const form = await openForm(latchkey, 'odd')
    const input = { host: 'h', note: 'old', pin: 'x' }
    const end = await latchkey.flows.submit(form.flowId, input, { revision: form.revision })
    const change = asForm(await latchkey.flows.start({ source: 'reconfigure', entryId: end.entryId ?? '' }))
    expect(change.values).toEqual({ host: 'h', note: 'old' })
    await latchkey.flows.submit(change.flowId, { host: 'h', pin: 'x' }, { revision: change.revision })
    expect(seen.at(-1)).not.toHaveProperty('note')
  })
})
