import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { type AnyIntegration, defineIntegration } from '../../../src/authoring/integration.ts'
import { secret } from '../../../src/authoring/secret.ts'
import { createLatchkey } from '../../../src/engine/create-latchkey.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { makeHost, openForm } from '../host.ts'

describe('createLatchkey, given an integration that contradicts itself', () => {
  const start = (...integrations: ScriptedService['integration'][]) =>
    createLatchkey({ integrations, store: memoryStore() })
  const fields = z.object({ host: z.string() })
  const spec = { title: 'Odd', connect: async () => ({ client: null, uniqueId: null }) }

  it('names two of one domain', async () => {
    const { integration } = new ScriptedService()
    const made = start(integration, new ScriptedService().integration)
    await expect(made).rejects.toMatchObject({ code: 'INTEGRATION', domain: 'scripted' })
    await expect(made).rejects.toThrow('Integration "scripted": another integration has the same domain.')
  })

  it.each(['__proto__', 'My Hub', '', 'a'.repeat(65), '1st'])(
    'names the invalid domain "%s"',
    async (domain) => {
      await expect(start(new ScriptedService({ domain }).integration)).rejects.toThrow(
        `Invalid integration domain ${JSON.stringify(domain)}. Use lower-case letters, digits and underscores, and start with a letter.`,
      )
    },
  )

  it.each([
    ['no title', { title: undefined }, 'title is missing. Add the name of the service.'],
    ['an empty title', { title: ' ' }, 'title is missing. Add the name of the service.'],
    ['no connect', { connect: undefined }, 'connect is not a function. Add one that returns the client.'],
    ['fields without z.object', { fields: { host: z.string() } }, 'fields is not an object schema of Zod 4.'],
    ['fields of a list', { fields: z.array(z.string()) }, 'fields is not an object schema of Zod 4.'],
    ['options without z.object', { options: {} }, 'options is not an object schema of Zod 4.'],
    ['stored without z.object', { stored: {} }, 'stored is not an object schema of Zod 4.'],
  ])('names %s', async (_, part, problem) => {
    const odd = { ...spec, domain: 'odd', fields, ...part } as unknown as AnyIntegration
    await expect(createLatchkey({ integrations: [odd], store: memoryStore() })).rejects.toMatchObject({
      code: 'INTEGRATION',
      message: expect.stringContaining(`Integration "odd": ${problem}`),
    })
  })

  it('takes one that is called constructor', async () => {
    const host = await makeHost({ service: new ScriptedService({ domain: 'constructor' }) })
    expect(await openForm(host.latchkey, 'constructor')).toMatchObject({ domain: 'constructor' })
  })

  it('names a reauth field that there is not, and a reconfigure field too', async () => {
    const names = JSON.parse('["toString"]')
    await expect(start(new ScriptedService({ reauth: names }).integration)).rejects.toThrow(
      'Integration "scripted": reauth names "toString", which is not one of its fields.',
    )
    await expect(start(new ScriptedService({ reconfigure: names }).integration)).rejects.toThrow(
      'Integration "scripted": reconfigure names "toString", which is not one of its fields.',
    )
  })

  it('names the secret that a reauth omits while it shows a plain field', async () => {
    await expect(start(new ScriptedService({ reauth: ['host'] }).integration)).rejects.toThrow(
      'Integration "scripted": reauth has a field that is not a secret, but not the secret "token". Add it, so that a stored secret is never sent to a changed address.',
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
    await expect(made).rejects.toThrow('Integration "odd": invalid field name "constructor"')
  })

  it('accepts a reauth with fewer secrets and no other field', async () => {
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
    await expect(made).rejects.toThrow(`Integration "odd": the field "${field}" cannot be shown in a form: `)
    const challenges = { code: odd }
    const asking = defineIntegration({ ...spec, domain: 'odd', fields, challenges })
    await expect(createLatchkey({ integrations: [asking], store: memoryStore() })).rejects.toThrow(
      `the field "${field}"`,
    )
  })

  it('names a field with an invalid name', async () => {
    const integration = defineIntegration({ ...spec, domain: 'odd', fields: z.object({ 'a/b': z.string() }) })
    const made = createLatchkey({ integrations: [integration], store: memoryStore() })
    await expect(made).rejects.toThrow('Integration "odd": invalid field name "a/b"')
  })

  describe('with values that it keeps', () => {
    const kept = z.object({ token: secret() })
    const typed = z.object({ user: z.string(), password: secret() })
    const account = { ...spec, domain: 'odd', fields: typed, stored: kept }
    const exchange = async () => ({ token: 'new' })
    const refused = (integration: AnyIntegration) =>
      createLatchkey({ integrations: [integration], store: memoryStore() }).then(
        () => null,
        ({ message }: Error) => message,
      )

    it('accepts forms that ask for all fields that are not stored, which is the default', async () => {
      expect(await refused(defineIntegration({ ...account, exchange }))).toBeNull()
    })

    it.each([
      ['reauth', { reauth: ['password'] }],
      ['reconfigure', { reconfigure: ['password'] }],
    ] as const)('names the field that %s does not ask for and that is not stored', async (step, asked) => {
      const form = step === 'reauth' ? 'reauth_confirm' : step
      expect(await refused(defineIntegration({ ...account, ...asked, exchange }))).toBe(
        `Integration "odd": ${form} does not ask for "user", which is not stored either. Add the field to ${form} or to stored.`,
      )
      const keeping = { ...account, stored: kept.extend({ user: z.string() }), ...asked }
      const both = async () => ({ token: 'new', user: 'ann' })
      expect(await refused(defineIntegration({ ...keeping, exchange: both }))).toBeNull()
    })

    it('names the secret that it would keep in the clear', async () => {
      const clear = { ...account, stored: z.object({ password: z.string() }) }
      expect(await refused(defineIntegration({ ...clear, exchange: async () => ({ password: 'a' }) }))).toBe(
        'Integration "odd": the secret field "password" would be stored unencrypted. Use secret() for it in stored, too.',
      )
    })

    it('names a missing exchange', async () => {
      expect(await refused(defineIntegration(account))).toBe(
        'Integration "odd": stored differs from fields, but there is no exchange. Add one that returns the stored values.',
      )
    })
  })

  it.each([0, 1.5, -1, Number.NaN])(
    'refuses the version %p, which no record could carry',
    async (version) => {
      await expect(start(new ScriptedService({ version }).integration)).rejects.toThrow(
        `Integration "scripted": invalid version ${version}. Use a whole number from 1.`,
      )
    },
  )
})
