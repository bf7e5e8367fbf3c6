import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { memoryStore } from '../../src/adapters/memory-store.ts'
import { createLatchkey } from '../../src/engine/latchkey.ts'
import { defineIntegration } from '../../src/integration.ts'
import { secret } from '../../src/secret.ts'
import { ScriptedService } from '../../src/testing/scripted-service.ts'
import { makeHost, openForm } from './host.ts'

describe('createLatchkey, given an integration that contradicts itself', () => {
  const start = (...integrations: ScriptedService['integration'][]) =>
    createLatchkey({ integrations, store: memoryStore() })
  const fields = z.object({ host: z.string() })
  const spec = { title: 'Odd', connect: async () => ({ client: null, uniqueId: null }) }

  it('names two of one domain', async () => {
    const { integration } = new ScriptedService()
    const made = start(integration, new ScriptedService().integration)
    await expect(made).rejects.toMatchObject({ code: 'INTEGRATION', domain: 'scripted' })
    await expect(made).rejects.toThrow('Two integrations have the domain scripted.')
  })

  it.each(['__proto__', 'My Hub', '', 'a'.repeat(65), '1st'])(
    'names the domain "%s", which is no word',
    async (domain) => {
      await expect(start(new ScriptedService({ domain }).integration)).rejects.toThrow(
        `The domain of an integration is a word of lower-case letters, digits and underscores, not ${JSON.stringify(domain)}.`,
      )
    },
  )

  it('takes one that is called constructor', async () => {
    const host = await makeHost({ service: new ScriptedService({ domain: 'constructor' }) })
    expect(await openForm(host.latchkey, 'constructor')).toMatchObject({ domain: 'constructor' })
  })

  it('names a reauth field that there is not, and a reconfigure field too', async () => {
    const names = JSON.parse('["toString"]')
    await expect(start(new ScriptedService({ reauth: names }).integration)).rejects.toThrow(
      'The reauth of the integration scripted names toString, which is none of its fields.',
    )
    await expect(start(new ScriptedService({ reconfigure: names }).integration)).rejects.toThrow(
      'The reconfigure of the integration scripted names toString, which is none of its fields.',
    )
  })

  it('names the secret that a reauth leaves out while it shows a field that is none', async () => {
    await expect(start(new ScriptedService({ reauth: ['host'] }).integration)).rejects.toThrow(
      'The reauth of the integration scripted asks for a field that is no secret but not for the secret token: a stored secret is not sent where it was not proven.',
    )
  })

  it('names a field that is called as every object’s own', async () => {
    const odd = defineIntegration({
      ...spec,
      domain: 'odd',
      fields: fields.extend({ constructor: secret() }),
      reauth: ['host'],
    })
    const made = createLatchkey({ integrations: [odd], store: memoryStore() })
    await expect(made).rejects.toThrow('The integration odd has a field called "constructor"')
  })

  it('takes a reauth that asks for fewer secrets, and nothing else', async () => {
    const odd = defineIntegration({
      ...spec,
      domain: 'odd',
      fields: fields.extend({ one: secret(), two: secret() }),
      reauth: ['one'],
    })
    expect(await createLatchkey({ integrations: [odd], store: memoryStore() })).toBeDefined()
  })

  it.each([
    ['z.date()', z.object({ since: z.date() }), 'since'],
    ['z.bigint()', z.object({ size: z.bigint() }), 'size'],
  ])('names a field of a type that has no JSON form, %s', async (_, odd, field) => {
    const integration = defineIntegration({ ...spec, domain: 'odd', fields: odd })
    const made = createLatchkey({ integrations: [integration], store: memoryStore() })
    await expect(made).rejects.toThrow(`The field ${field} of the integration odd cannot be a form field: `)
    const challenges = { code: odd }
    const asking = defineIntegration({ ...spec, domain: 'odd', fields, challenges })
    await expect(createLatchkey({ integrations: [asking], store: memoryStore() })).rejects.toThrow(
      `The field ${field}`,
    )
  })

  it('names a field whose name is no plain word', async () => {
    const integration = defineIntegration({ ...spec, domain: 'odd', fields: z.object({ 'a/b': z.string() }) })
    const made = createLatchkey({ integrations: [integration], store: memoryStore() })
    await expect(made).rejects.toThrow('The integration odd has a field called "a/b"')
  })

  it.each([0, 1.5, -1, Number.NaN])(
    'refuses the version %p, which no record could carry',
    async (version) => {
      await expect(start(new ScriptedService({ version }).integration)).rejects.toThrow(
        'The version of the integration scripted is a whole number from 1 up.',
      )
    },
  )
})
