import { afterAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { plainCipher } from '../../../src/adapters/plain-cipher.ts'
import { address } from '../../../src/authoring/field.ts'
import { defineIntegration } from '../../../src/authoring/integration.ts'
import { type Secret, secret } from '../../../src/authoring/secret.ts'
import { createLatchkey } from '../../../src/engine/create-latchkey.ts'
import { SealBrokenError, StoreError } from '../../../src/errors.ts'
import type { FormView, View } from '../../../src/view.ts'
import { asForm, MemoryLog, openForm } from '../host.ts'
import { someStores } from '../stores.ts'

const stores = someStores()
afterAll(stores.clear)

const fields = z.object({ host: z.string(), token: secret(), pin: secret().optional() })
const revealed = (values: object) =>
  Object.fromEntries(
    Object.entries(values).map(([field, value]) => [field, (value as Secret).reveal?.() ?? value]),
  )

/** A host whose integration records the values of each connect and the sub-entries that it received. */
async function made(store = stores.each[0][1](), more: object = {}) {
  const seen: Record<string, unknown>[] = []
  const under: unknown[] = []
  const cipher = { ...plainCipher(), broken: null as Error | null }
  const integration = defineIntegration({
    domain: 'lock',
    title: 'Lock',
    fields,
    connect: async (given: object, context: { subentries: readonly { values: object }[] }) => {
      seen.push(revealed(given))
      under.push(...context.subentries.map(({ values }) => revealed(values)))
      return { client: null, uniqueId: 'one' }
    },
    subentries: {
      door: {
        title: 'Door',
        fields: z.object({
          name: z.string(),
          at: address().optional(),
          code: secret().optional(),
          key: secret().optional(),
        }),
        name: ({ name }: { name: string }) => ({ title: name }),
      },
    },
    ...more,
  } as never)
  const latchkey = await createLatchkey({
    integrations: [integration],
    store,
    cipher: {
      seal: cipher.seal,
      open: async (text, context) => {
        if (cipher.broken !== null) throw cipher.broken
        return plainCipher().open(text, context)
      },
    },
    log: new MemoryLog(),
  })
  const submit = (form: View, input: object) =>
    latchkey.flows.submit(form.flowId, input, { revision: form.revision })
  const added = async (input: object) => {
    const end = await submit(await openForm(latchkey, 'lock'), input)
    return end.entryId ?? `not added: ${JSON.stringify(end)}`
  }
  const open = async (source: 'reauth' | 'reconfigure' | 'replace', entryId: string): Promise<FormView> =>
    asForm(await latchkey.flows.start({ source, entryId }))
  return { latchkey, seen, under, cipher, submit, added, open }
}

describe.each(stores.each)('an optional secret that is left empty, over %s', (_, store) => {
  it('stays stored after a reauthentication, whose form shows that it holds a value', async () => {
    const { seen, added, open, submit, latchkey } = await made(store())
    const id = await added({ host: 'h', token: 't', pin: '1234' })
    const form = await open('reauth', id)
    expect(form).toMatchObject({ order: ['token', 'pin'], values: {}, stored: ['token', 'pin'] })
    expect(await submit(form, { token: 't2' })).toMatchObject({ reason: 'reauth_successful' })
    expect(seen.at(-1)).toEqual({ host: 'h', token: 't2', pin: '1234' })
    await latchkey.entries.reload(id)
    expect(seen.at(-1)).toEqual({ host: 'h', token: 't2', pin: '1234' })
  })

  it('is removed if the user removes it', async () => {
    const { seen, added, open, submit, latchkey } = await made(store())
    const id = await added({ host: 'h', token: 't', pin: '1234' })
    await submit(await open('reauth', id), { token: 't2', pin: null })
    await latchkey.entries.reload(id)
    expect(seen.at(-1)).toEqual({ host: 'h', token: 't2' })
    expect(await open('reauth', id)).toMatchObject({ stored: ['token'] })
  })

  it('stays stored after an edited sub-entry', async () => {
    const { under, added, submit, latchkey } = await made(store())
    const id = await added({ host: 'h', token: 't' })
    const add = asForm(await latchkey.flows.start({ source: 'subentry', entryId: id, type: 'door' }))
    expect(add.stored).toBeUndefined()
    const plain = asForm(await latchkey.flows.start({ source: 'subentry', entryId: id, type: 'door' }))
    expect(await submit(plain, { name: 'Side' })).toMatchObject({ success: true })
    await submit(add, { name: 'Front', code: '77', key: 'k' })
    const door = (await latchkey.entries.get(id)).subentries.find(({ title }) => title === 'Front')
    const change = () =>
      latchkey.flows.start({ source: 'subentry', entryId: id, subentryId: door?.subentryId ?? '' })
    const form = asForm(await change())
    expect(form.stored).toEqual(['code', 'key'])
    await submit(form, { name: 'Back', key: null })
    await latchkey.entries.reload(id)
    expect(under.slice(-2)).toContainEqual({ name: 'Back', code: '77' })
    const moved = asForm(await submit(await change(), { name: 'Back', at: '10.0.0.9' }))
    expect(moved.errors).toMatchObject({ '/code': { code: 'enter_again' } })
  })
})

describe('an optional secret', () => {
  it('is not sent to a changed address, but entered again or removed', async () => {
    const { seen, added, open, submit } = await made()
    const id = await added({ host: 'h', token: 't', pin: '1234' })
    const form = await open('reconfigure', id)
    expect(form.stored).toEqual(['token', 'pin'])
    const again = asForm(await submit(form, { host: 'evil', token: 't' }))
    expect(again.errors).toEqual({
      '/pin': {
        code: 'enter_again',
        text: 'Enter it again or remove it, because other details have changed.',
      },
    })
    expect(again.stored).toEqual(['token', 'pin'])
    expect(seen.filter(({ host }) => host === 'evil')).toEqual([])
    expect(await submit(again, { host: 'h2', token: 't', pin: null })).toMatchObject({ success: true })
    expect(seen.at(-1)).toEqual({ host: 'h2', token: 't' })
  })

  it('stays stored after a reconfiguration with the same address', async () => {
    const { seen, added, open, submit } = await made()
    const id = await added({ host: 'h', token: 't', pin: '1234' })
    await submit(await open('reconfigure', id), { host: 'h', token: 't2' })
    expect(seen.at(-1)).toEqual({ host: 'h', token: 't2', pin: '1234' })
  })

  it('stays stored after a reconfiguration that sends stored secrets anyway', async () => {
    const reconfigure = { fields: ['host', 'pin'], sendStoredSecrets: true }
    const { seen, added, open, submit } = await made(undefined, { reconfigure })
    const id = await added({ host: 'h', token: 't', pin: '1234' })
    await submit(await open('reconfigure', id), { host: 'h2' })
    expect(seen.at(-1)).toEqual({ host: 'h2', token: 't', pin: '1234' })
  })

  it('of one account is not given to the account that replaces it, nor to a new one', async () => {
    const { seen, added, open, submit } = await made()
    const id = await added({ host: 'h', token: 't', pin: '1234' })
    const form = await open('replace', id)
    expect(form.stored).toBeUndefined()
    await submit(form, { host: 'h', token: 't9' })
    expect(seen.at(-1)).toEqual({ host: 'h', token: 't9' })
  })

  it('that was submitted as null is left out of a new account', async () => {
    const { seen, added } = await made()
    await added({ host: 'h', token: 't', pin: null })
    expect(seen.at(-1)).toEqual({ host: 'h', token: 't' })
  })

  it('with an unstored field next to it stays stored, unless that field is an address', async () => {
    const exchange = async ({ token, pin }: { token: Secret; pin?: Secret }) => ({
      token: token.reveal(),
      ...(pin !== undefined && { pin: pin.reveal() }),
    })
    const login = { token: secret(), pin: secret().optional(), user: z.string().optional() }
    const stored = z.object({ token: secret(), pin: secret().optional() })
    const plain = await made(undefined, { fields: z.object(login), stored, exchange })
    const id = await plain.added({ token: 't', pin: '1234' })
    await plain.submit(await plain.open('reauth', id), { token: 't2', user: 'ann' })
    expect(plain.seen.at(-1)).toEqual({ token: 't2', pin: '1234' })
    const server = address().optional()
    const moving = await made(undefined, { fields: z.object({ ...login, server }), stored, exchange })
    const other = await moving.added({ token: 't', pin: '1234' })
    const form = await moving.open('reauth', other)
    const refused = await moving.submit(form, { token: 't2', server: '10.0.0.9' })
    expect(asForm(refused).errors).toMatchObject({ '/pin': { code: 'enter_again' } })
  })

  it('that cannot be decrypted does not block a new sign-in', async () => {
    const { seen, added, open, submit, cipher } = await made()
    const id = await added({ host: 'h', token: 't', pin: '1234' })
    cipher.broken = new SealBrokenError()
    const form = await open('reauth', id)
    expect(form.stored).toBeUndefined()
    expect(await submit(form, { token: 't2' })).toMatchObject({ reason: 'reauth_successful' })
    expect(seen.at(-1)).toEqual({ host: 'h', token: 't2' })
  })

  it('that cannot be decrypted right now is not lost', async () => {
    const { added, open, submit, cipher } = await made()
    const id = await added({ host: 'h', token: 't', pin: '1234' })
    const form = await open('reauth', id)
    cipher.broken = new StoreError('The key service does not answer.')
    await expect(submit(form, { token: 't2' })).rejects.toThrow('The key service does not answer.')
  })
})
