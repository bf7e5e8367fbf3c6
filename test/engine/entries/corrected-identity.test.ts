import { afterAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { memoryPlace } from '../../../src/adapters/memory/memory-place.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { defineIntegration } from '../../../src/authoring/integration.ts'
import { secret } from '../../../src/authoring/secret.ts'
import type { Store } from '../../../src/ports/store.ts'
import type { View } from '../../../src/view.ts'
import { asForm, atRest, makeHost } from '../host.ts'
import { someStores } from '../stores.ts'

const stores = someStores()
afterAll(stores.clear)

interface Identity {
  readonly uniqueId: string | null
  readonly formerUniqueIds?: readonly string[]
}

/** An integration whose identity of an account comes from its e-mail address. */
const integrationWith = (identityOf: (email: string) => Identity, more: object = {}) =>
  defineIntegration({
    domain: 'mail',
    title: 'Mail',
    fields: z.object({ email: z.string(), token: secret() }),
    connect: async ({ email }) => ({ client: { email }, ...identityOf(email) }),
    ...more,
  })

const before = integrationWith((email) => ({ uniqueId: email }))
const corrected = integrationWith((email) => ({
  uniqueId: email.toLowerCase(),
  formerUniqueIds: [email, email.toUpperCase()],
}))

/** A host over a store, with its calls. */
async function run(store: Store, integration: ReturnType<typeof integrationWith>, start = true) {
  const host = await makeHost({ store, integrations: [integration] })
  const { flows, entries } = host.latchkey
  if (start) await host.latchkey.start()
  await atRest()
  const submit = (form: View, input: object) => flows.submit(form.flowId, input, { revision: form.revision })
  const add = async (email: string, token = 't') =>
    submit(await flows.start({ domain: 'mail', source: 'user' }), { email, token })
  const edit = async (source: 'reauth' | 'reconfigure' | 'replace', entryId: string, input: object) =>
    submit(asForm(await flows.start({ source, entryId })), input)
  const told = host.log.lines.filter(({ fields }) => 'storedUniqueId' in fields)
  return { ...host, flows, entries, add, edit, told }
}

/** A store with the entry of `Ada@mail.test`, as the integration before the correction wrote it. */
async function linked(store: Store) {
  const host = await run(store, before)
  const { entryId } = await host.add('Ada@mail.test')
  await host.latchkey.stop()
  return entryId ?? ''
}

describe.each(stores.each)('a corrected unique id, over %s', (_, store) => {
  it('is taken over by the setup, with the secrets, and logged', async () => {
    const rows = store()
    const entryId = await linked(rows)
    const host = await run(rows, corrected)
    expect(await host.entries.get(entryId)).toMatchObject({ state: 'loaded', uniqueId: 'ada@mail.test' })
    expect(host.told).toMatchObject([
      {
        level: 'info',
        fields: { entryId, storedUniqueId: 'Ada@mail.test', reportedUniqueId: 'ada@mail.test' },
      },
    ])
    // The secrets can be decrypted with the new unique id.
    expect(await host.entries.reload(entryId)).toMatchObject({ state: 'loaded' })
    expect(await host.latchkey.attention.list()).toEqual([])
  })

  it('is taken over by a reauthentication and a reconfiguration', async () => {
    for (const source of ['reauth', 'reconfigure'] as const) {
      const rows = store()
      const entryId = await linked(rows)
      const host = await run(rows, corrected, false)
      const input = { token: 't2', ...(source === 'reconfigure' && { email: 'Ada@mail.test' }) }
      expect(await host.edit(source, entryId, input)).toMatchObject({ success: true, entryState: 'loaded' })
      expect(await host.entries.reload(entryId)).toMatchObject({ state: 'loaded', uniqueId: 'ada@mail.test' })
    }
  })

  it('of an account that is added again finds its entry', async () => {
    const rows = store()
    const entryId = await linked(rows)
    const host = await run(rows, corrected, false)
    expect(await host.add('Ada@mail.test')).toMatchObject({ reason: 'already_configured', entryId })
    await host.entries.requestReauth(entryId)
    const asked = await host.add('Ada@mail.test', 't3')
    expect(asked).toMatchObject({ step: 'repair_confirm', entryId })
    expect(await host.flows.submit(asked.flowId, {}, asked)).toMatchObject({ reason: 'reauth_successful' })
    expect(await host.entries.get(entryId)).toMatchObject({ uniqueId: 'ada@mail.test' })
    expect((await host.entries.list()).items).toHaveLength(1)
  })

  it('that another entry has leaves both as they are, and the attention list names it', async () => {
    const rows = store()
    const entryId = await linked(rows)
    const other = await run(rows, before, false)
    const { entryId: second } = await other.add('ada@mail.test')
    await other.latchkey.stop()
    const host = await run(rows, corrected)
    expect(await host.entries.get(entryId)).toMatchObject({ state: 'loaded', uniqueId: 'Ada@mail.test' })
    expect(await host.entries.get(second ?? '')).toMatchObject({ state: 'loaded', uniqueId: 'ada@mail.test' })
    const taken = { entryId, reason: 'identity_taken', other: { entryId: second } }
    expect(await host.latchkey.attention.list()).toMatchObject([taken])
    expect(host.told).toMatchObject([{ level: 'warn', fields: { entryId } }])
    expect(await host.edit('reauth', entryId, { token: 't2' })).toMatchObject({ success: true })
    expect(await host.entries.get(entryId)).toMatchObject({ state: 'loaded', uniqueId: 'Ada@mail.test' })
    expect(await host.latchkey.attention.list()).toMatchObject([taken])
    const needy = async () => (await host.entries.list({ state: 'attention' })).items
    expect(await needy()).toMatchObject([{ entryId }])
    const gone: unknown[] = []
    host.latchkey.on('attention_removed', ({ item }) => gone.push([item.entryId, item.reason]))
    await atRest()
    await host.entries.remove(second ?? '')
    await atRest()
    expect(gone).toEqual([[entryId, 'identity_taken']])
    expect(await needy()).toEqual([])
    expect(await host.latchkey.attention.list()).toEqual([])
  })
})

describe('another unique id', () => {
  it('that is not a correction stays another account, and the log names both', async () => {
    const rows = memoryStore()
    const entryId = await linked(rows)
    const host = await run(
      rows,
      integrationWith(() => ({ uniqueId: 'account-7', formerUniqueIds: ['somebody@mail.test'] })),
    )
    expect(await host.entries.get(entryId)).toMatchObject({ state: 'setup_error', reason: 'wrong_account' })
    expect(host.told).toMatchObject([
      {
        level: 'warn',
        message: 'The service reports another unique id than the stored one.',
        fields: { entryId, storedUniqueId: 'Ada@mail.test', reportedUniqueId: 'account-7' },
      },
    ])
  })

  it('is logged without the secrets of the connection', async () => {
    const rows = memoryStore()
    await linked(rows)
    const long = integrationWith(() => ({ uniqueId: 'account of a-long-token' }))
    const first = await run(rows, before)
    const [entry] = (await first.entries.list()).items
    await first.edit('reauth', entry?.entryId ?? '', { token: 'a-long-token' })
    await first.latchkey.stop()
    const host = await run(rows, long)
    expect(host.told).toMatchObject([{ fields: { reportedUniqueId: 'account of [secret]' } }])
    expect(JSON.stringify(host.log.lines)).not.toContain('a-long-token')
  })

  it('of an ignored account is free for the account that had it before', async () => {
    const host = await run(memoryStore(), corrected)
    const discovery = { uniqueId: 'ADA@MAIL.TEST', values: { email: 'ada@mail.test' } }
    const found = await host.flows.start({ domain: 'mail', source: 'discovery', discovery })
    await host.flows.ignore(found.flowId)
    expect(await host.add('ada@mail.test')).toMatchObject({ type: 'create_entry' })
    expect((await host.entries.list({ ignored: true })).items).toEqual([])
  })

  it('cannot replace its own former one', async () => {
    const rows = memoryStore()
    const entryId = await linked(rows)
    const host = await run(rows, corrected, false)
    expect(await host.edit('replace', entryId, { email: 'Ada@mail.test', token: 't2' })).toMatchObject({
      reason: 'same_account',
    })
  })
})

describe('formerUniqueIds', () => {
  it.each([
    ['an empty text', { uniqueId: 'a', formerUniqueIds: [''] }],
    ['a list for an account without an id', { uniqueId: null, formerUniqueIds: ['a'] }],
    ['no list', { uniqueId: 'a', formerUniqueIds: 'b' as never }],
    ['too many', { uniqueId: 'a', formerUniqueIds: Array.from({ length: 21 }, (__, at) => `id-${at}`) }],
  ])('must not be %s', async (_, identity) => {
    const host = await run(
      memoryStore(),
      integrationWith(() => identity),
    )
    expect(await host.add('a@mail.test', 'a-long-token')).toMatchObject({
      errors: { base: { code: 'unknown' } },
    })
    expect(JSON.stringify(host.log.lines)).toContain('connect returned invalid formerUniqueIds')
  })
})

it('an identity that another entry has is free when another process removes that entry, which is listed, too', async () => {
  const place = memoryPlace()
  const entryId = await linked(memoryStore(place))
  const first = await run(memoryStore(place), before, false)
  const { entryId: second } = await first.add('ada@mail.test')
  await first.latchkey.stop()
  const host = await run(memoryStore(place), corrected)
  await host.entries.requestReauth(second ?? '')
  const gone: unknown[] = []
  host.latchkey.on('attention_removed', ({ item }) => gone.push([item.entryId, item.reason]))
  await atRest()
  const other = await run(memoryStore(place), corrected, false)
  await other.entries.remove(second ?? '')
  await host.latchkey.catchUp()
  await atRest()
  expect(gone).toEqual([
    [second, 'requested'],
    [entryId, 'identity_taken'],
  ])
})
