import { afterAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { defineIntegration } from '../../../src/authoring/integration.ts'
import { secret } from '../../../src/authoring/secret.ts'
import type { StartRequest } from '../../../src/engine/api/flows.ts'
import { createLatchkey } from '../../../src/engine/create-latchkey.ts'
import { addEntry, asForm, makeHost, openForm } from '../host.ts'
import { someStores } from '../stores.ts'
import { withSubentries } from '../subentry-host.ts'

const stores = someStores()
afterAll(stores.clear)

const nested = (error?: string) =>
  defineIntegration({
    domain: 'nested',
    title: 'Nested',
    fields: z.object({
      net: z.strictObject({ port: z.int().max(65_535), 'a/b~c': z.string().optional() }),
      list: z.array(z.object({ name: z.string().min(1) })).optional(),
      token: secret(),
    }),
    challenges: { otp: z.object({ code: secret() }) },
    connect: async () => (error === undefined ? { client: {}, uniqueId: 'a' } : { challenge: 'otp', error }),
  })

const submit = async (input: object) => {
  const host = await makeHost({ integrations: [nested()] })
  const form = await openForm(host.latchkey, 'nested')
  return asForm(await host.latchkey.flows.submit(form.flowId, input, form)).errors
}

describe('the errors of a form', () => {
  it.each([
    [{ net: { port: 99_999 }, token: 't' }, { '/net/port': { code: 'too_big' } }],
    [{ net: {}, token: 't' }, { '/net/port': { code: 'required' } }],
    [{ token: 't' }, { '/net': { code: 'required' } }],
    [{ net: { port: 'x' }, token: 't' }, { '/net/port': { code: 'invalid_type' } }],
    [{ net: { port: 1, 'a/b~c': 5 }, token: 't' }, { '/net/a~1b~0c': { code: 'invalid_type' } }],
    [{ net: { port: 1, prot: 2 }, token: 't' }, { '/net/prot': { code: 'invalid' } }],
    [{ net: { port: 1 }, list: [{ name: 'a' }, { name: '' }], token: 't' }, { '/list/1/name': {} }],
  ])('point to the part of the field that is wrong: %j', async (input, errors) => {
    const found = await submit(input)
    expect(found).toMatchObject(errors)
    expect(Object.keys(found)).toEqual(Object.keys(errors))
  })
})

describe('the texts of a schema', () => {
  const sticker = z.object({
    pin: secret(z.string().regex(/^\d{6}$/, 'Six digits, see the sticker')),
    room: z
      .string({ error: 'Name the room' })
      .refine((room) => room !== 'attic', { error: 'Not in the attic' }),
    floor: z.int().max(9).optional(),
    quote: z.string({ error: ({ input }) => `Not ${String(input)}` }).optional(),
    odd: z.string({ error: () => ({ message: 'Odd' }) }).optional(),
    silent: z.string({ error: () => undefined }).optional(),
  })
  const own = defineIntegration({
    domain: 'nested',
    title: 'Nested',
    fields: sticker,
    connect: async () => ({ client: {}, uniqueId: 'a' }),
  })
  const errorsOf = async (input: object) => {
    const { latchkey } = await makeHost({ integrations: [own] })
    const form = await openForm(latchkey, 'nested')
    expect(form.schema.properties).toMatchObject({ pin: { ownMessages: true }, room: { ownMessages: true } })
    expect(form.schema.properties.floor).not.toHaveProperty('ownMessages')
    return asForm(await latchkey.flows.submit(form.flowId, input, form)).errors
  }

  it.each([
    [{ pin: '12', room: 'hall' }, '/pin', { code: 'invalid_format', text: 'Six digits, see the sticker' }],
    [{ pin: '123456', room: 'attic' }, '/room', { code: 'invalid', text: 'Not in the attic' }],
    [{ pin: '123456' }, '/room', { code: 'required', text: 'Name the room' }],
    [{ pin: '123456', room: 'hall', floor: 10 }, '/floor', { code: 'too_big', text: 'Enter 9 or less.' }],
    [{ pin: '123456', room: 'hall', odd: 7 }, '/odd', { code: 'invalid_type', text: 'Odd' }],
    [{ pin: '123456', room: 'hall', silent: 7 }, '/silent', { text: 'This isn’t the right kind of value.' }],
    [{ pin: '123456', room: 'hall', quote: 123456 }, '/quote', { text: 'Not [secret]' }],
  ])('are shown at the field: %j', async (input, pointer, error) => {
    expect((await errorsOf(input))[pointer]).toMatchObject(error)
  })

  it('yield to the translated text of a code of the integration', async () => {
    const coded = defineIntegration({
      domain: 'nested',
      title: 'Nested',
      fields: z.object({
        room: z.string().refine(() => false, { error: 'No room', params: { code: 'no_room' } }),
        shelf: z.string().superRefine((_, context) => {
          context.addIssue({ code: 'custom', message: 'No shelf', params: { code: 'no_shelf' } })
        }),
      }),
      texts: {
        en: { data: { room: 'Room', shelf: 'Shelf' }, error: { no_room: 'This room does not exist.' } },
      },
      connect: async () => ({ client: {}, uniqueId: 'a' }),
    })
    const { latchkey } = await makeHost({ integrations: [coded] })
    const form = await openForm(latchkey, 'nested')
    const view = asForm(await latchkey.flows.submit(form.flowId, { room: 'a', shelf: 'b' }, form))
    expect(view.errors).toMatchObject({
      '/room': { code: 'no_room', text: 'This room does not exist.' },
      '/shelf': { code: 'no_shelf', text: 'No shelf' },
    })
  })
})

describe('input with unknown fields', () => {
  it('is refused with their names', async () => {
    await expect(submit({ net: { port: 1 }, tokn: 't', prot: 5 })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      pointers: ['/tokn', '/prot'],
      message:
        'The input has fields that are not on the form: "tokn", "prot". Submit only the fields of the form.',
    })
  })

  it('is refused without a name that could be a value', async () => {
    const pasted = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N'
    const refused: unknown = await submit({ [pasted]: '' }).catch((error) => error)
    expect(refused).toMatchObject({ code: 'INVALID_INPUT', pointers: [] })
    expect(String(refused)).not.toContain('eyJ')
  })
})

describe('an error code without a text', () => {
  it('is shown as an invalid value, and logged once', async () => {
    const host = await makeHost({ integrations: [nested('code_wrogn')] })
    const form = await openForm(host.latchkey, 'nested')
    const input = { net: { port: 1 }, token: 't' }
    const challenge = asForm(await host.latchkey.flows.submit(form.flowId, input, form))
    expect(challenge.errors).toEqual({ base: { code: 'code_wrogn', text: 'This value isn’t valid.' } })
    await host.latchkey.flows.get(form.flowId)
    await host.latchkey.flows.get(form.flowId, { language: 'de' })
    expect(host.log.lines).toMatchObject([
      { level: 'warn', fields: { domain: 'nested', code: 'code_wrogn' } },
    ])
  })
})

describe('a request to open a flow', () => {
  const start = async (request: StartRequest) => {
    const host = await withSubentries()
    const named = request.entryId !== undefined ? { ...request, entryId: host.entryId } : request
    return host.latchkey.flows.start(named)
  }
  it.each<[StartRequest & Record<string, unknown>, string[]]>([
    [{ source: 'user', domain: 'scripted', input: { host: 'h' } }, ['/input']],
    [{ source: 'user', domain: 'scripted', entryId: 'ID' }, ['/entryId']],
    [{ source: 'reauth', entryId: 'ID', input: {}, type: 'room' }, ['/input', '/type']],
    [{ source: 'reconfigure', entryId: 'ID', input: {} }, ['/input']],
    [{ source: 'options', entryId: 'ID', discovery: { uniqueId: 'a', values: {} } }, ['/discovery']],
    [{ source: 'subentry', entryId: 'ID', type: 'room', input: {} }, ['/input']],
    [{ source: 'import', domain: 'scripted', input: {}, entryId: 'ID' }, ['/entryId']],
    [{ source: 'user', domain: 'scripted', entry: 'e' }, ['/entry']],
  ])('is refused if the source would ignore a member: %j', async (request, pointers) => {
    await expect(start(request)).rejects.toMatchObject({ code: 'INVALID_INPUT', pointers })
  })

  it('may have members that are undefined', async () => {
    const request = { source: 'user', domain: 'scripted', entryId: undefined, input: undefined } as never
    expect(await start(request)).toMatchObject({ type: 'form' })
  })
})

describe('an integration with a version', () => {
  it('is refused without a migration', async () => {
    const store = stores.each[0][1]()
    const integrations = [{ ...nested(), version: 2 }]
    const created = createLatchkey({ integrations, store })
    await expect(created).rejects.toThrow('version 2 has no migration. Add migrate: { 1: … }')
  })
})

describe.each(stores.each)('a change that changes nothing, on %s', (_, store) => {
  it('writes nothing, so that the revision of another caller stays valid', async () => {
    const { latchkey, service } = await makeHost({ store: store() })
    const entryId = await addEntry({ latchkey, service })
    const { entries } = latchkey
    const same = async (change: () => Promise<unknown>) => {
      await change()
      const written = async () => [
        (await entries.get(entryId)).revision,
        (await latchkey.history(entryId)).items.length,
      ]
      const before = await written()
      await change()
      expect(await written()).toEqual(before)
    }
    await same(() => entries.update(entryId, { title: 'Attic' }))
    await same(() => entries.disable(entryId))
    await same(() => entries.enable(entryId))
    await same(() => entries.dismissProposal(entryId))
    await same(() => entries.requestReauth(entryId, { reason: 'Please.' }))
    await same(() => entries.withdrawReauth(entryId))
    const { revision } = await entries.get(entryId)
    await entries.update(entryId, { title: 'Attic' }, { revision })
    const stale = entries.update(entryId, { title: 'Attic' }, { revision: revision - 1 })
    await expect(stale).rejects.toMatchObject({ code: 'STALE_REVISION' })
    await latchkey.stop()
  })
})
