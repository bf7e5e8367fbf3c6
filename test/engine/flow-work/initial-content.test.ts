import { afterAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { type Connected, defineIntegration } from '../../../src/authoring/integration.ts'
import { Secret, secret } from '../../../src/authoring/secret.ts'
import type { ScriptedClient } from '../../../src/testing/scripted-service.ts'
import { addEntry, asForm, type HostOptions, loseCredential, makeHost, openForm } from '../host.ts'
import { someStores } from '../stores.ts'

const stores = someStores()
afterAll(stores.clear)

/** A host whose `connect` returns more than the client, and remembers the options and sub-entries that it received. */
async function returning(more: object | (() => object), options: HostOptions = {}) {
  const host = await makeHost(options)
  const { domain, title, fields, connect } = host.service.integration
  const received: { options: object; subentries: unknown[] }[] = []
  const integration = defineIntegration({
    domain,
    title,
    fields,
    adoptTitle: true,
    options: z.object({ interval: z.int().min(5).default(60), unit: z.enum(['c', 'f']).optional() }),
    connect: async (values, context) => {
      const subentries = context.subentries.map(({ type, title: name, uniqueId, values: own }) => ({
        ...{ type, title: name, uniqueId },
        values: 'key' in own ? { ...own, key: own.key?.reveal() } : own,
      }))
      received.push({ options: context.options, subentries })
      const connected = await connect(values, { ...context, options: {}, subentries: [] })
      return { ...(connected as Connected<ScriptedClient>), ...(typeof more === 'function' ? more() : more) }
    },
    subentries: {
      feed: {
        title: 'Feed',
        fields: z.object({ url: z.url(), key: secret().optional() }),
        check: async () => {
          throw new Error('A sub-entry of a new entry needs no check.')
        },
      },
      room: {
        title: 'Room',
        version: 2,
        migrate: { 1: (values) => values },
        fields: z.object({ floor: z.int() }).refine(({ floor }) => floor !== 13),
        name: ({ floor }) => ({ title: String(floor) }),
      },
    },
  })
  return { ...(await host.again({ ...options, integrations: [integration] })), received }
}

const url = 'https://feed.example/a'
const content = {
  options: { interval: 30 },
  subentries: [
    { type: 'feed', title: 'News', uniqueId: 'news', values: { url, key: 'feed-secret' } },
    { type: 'feed', title: 'Sport', values: { url, key: new Secret('other-secret') } },
    { type: 'room', title: 'Attic', uniqueId: null, values: { floor: 3 } },
  ],
}
const given = [
  { type: 'feed', title: 'News', uniqueId: 'news', values: { url, key: 'feed-secret' } },
  { type: 'feed', title: 'Sport', uniqueId: null, values: { url, key: 'other-secret' } },
  { type: 'room', title: 'Attic', uniqueId: null, values: { floor: 3 } },
]

describe.each(stores.each)('the options and sub-entries that connect returns, over %s', (_, make) => {
  it('are those of the new entry, and reach its connection', async () => {
    const host = await returning(content, { store: make() })
    const entryId = await addEntry(host)
    const entry = await host.latchkey.entries.get(entryId)
    expect(entry).toMatchObject({ state: 'loaded', options: { interval: 30 }, revision: 1 })
    expect(entry.subentries.map(({ type, title, revision }) => [type, title, revision])).toEqual([
      ['feed', 'News', 1],
      ['feed', 'Sport', 1],
      ['room', 'Attic', 1],
    ])
    expect(host.received).toEqual([
      { options: { interval: 60 }, subentries: [] },
      { options: { interval: 30 }, subentries: given },
    ])
    expect(host.service.open).toBe(1)
    const stored = (await host.store.getEntry('default', entryId))?.subentries?.items
    expect(stored?.map(({ data }) => data)).toEqual([{ url }, { url }, { floor: 3 }])
    expect(stored?.map(({ version = 1 }) => version)).toEqual([1, 1, 2])
    await host.store.close()
  })

  it('are those of an import, too', async () => {
    const host = await returning(content, { store: make() })
    host.service.accounts.set('good', 'ann')
    const input = { host: 'h', token: 'good' }
    const end = await host.latchkey.flows.start({ domain: 'scripted', source: 'import', input })
    const { options, subentries } = await host.latchkey.entries.get(end.entryId ?? '')
    expect([options, subentries.length]).toEqual([{ interval: 30 }, 3])
    await host.store.close()
  })
})

describe('the content of a new entry', () => {
  it('has titles without secrets', async () => {
    const [feed, , room] = content.subentries
    const subentries = [
      { ...feed, title: 'News feed-secret' },
      { ...room, title: 'Attic feed-secret' },
    ]
    const host = await returning({ subentries })
    const entry = await host.latchkey.entries.get(await addEntry(host))
    expect(entry.subentries.map(({ title }) => title)).toEqual(['News [secret]', 'Attic [secret]'])
    // The PIN of the form is too short to be redacted.
    const other = await returning({ subentries: [{ ...room, title: 'Attic 471' }] })
    const short = await other.latchkey.entries.get(await addEntry(other, { token: '471' }))
    expect(short.subentries.map(({ title }) => title)).toEqual(['Room'])
  })

  it('does not replace that of an entry that exists', async () => {
    let more: object = {}
    const host = await returning(() => more)
    const entryId = await addEntry(host)
    more = content
    const form = await loseCredential(host, entryId)
    host.service.accounts.set('new', 'ann')
    await host.latchkey.flows.submit(form.flowId, { token: 'new' }, form)
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ options: {}, subentries: [] })
  })

  it.each<[why: string, more: object, path: string]>([
    ['an unknown option', { options: { every: 5 } }, '/options/every'],
    ['an invalid option', { options: { interval: 1, unit: 'k' } }, '/options/interval'],
    ['options that are not an object', { options: [] }, '/options'],
    ['options that are too large', { options: { unit: 'x'.repeat(100_000) } }, '/options'],
    ['sub-entries that are not a list', { subentries: {} }, '/subentries'],
    ['more sub-entries than allowed', { subentries: Array(4).fill(given[2]) }, '/subentries'],
    ['a sub-entry that is not an object', { subentries: ['feed'] }, '/subentries/0'],
    ['an unknown type', { subentries: [{ type: 'lamp', title: 'A', values: {} }] }, '/subentries/0/type'],
    ['no title', { subentries: [{ type: 'room', values: { floor: 1 } }] }, '/subentries/0/title'],
    ['an empty id', { subentries: [{ ...given[2], uniqueId: '' }] }, '/subentries/0/uniqueId'],
    ['the same id twice', { subentries: [given[0], given[2], given[0]] }, '/subentries/2/uniqueId'],
    ['no values', { subentries: [{ type: 'room', title: 'A' }] }, '/subentries/0/values'],
    [
      'an invalid value',
      { subentries: [given[2], { ...given[0], values: { url: 'no url', key: 'feed-secret' } }] },
      '/subentries/1/values/url',
    ],
    [
      'a refused combination',
      { subentries: [{ ...given[2], values: { floor: 13 } }] },
      '/subentries/0/values',
    ],
    [
      'a secret that would not be encrypted',
      { subentries: [{ ...given[0], values: { url: new Secret('feed-secret') } }] },
      '/subentries/0/values/url',
    ],
  ])('saves nothing and names the path in the log after %s', async (_, more, path) => {
    const host = await returning(more, { limits: { subentries: 3 } })
    host.service.accounts.set('good', 'ann')
    const form = await openForm(host.latchkey)
    const shown = asForm(await host.latchkey.flows.submit(form.flowId, { host: 'h', token: 'good' }, form))
    expect(shown.errors).toMatchObject({ base: { code: 'unknown' } })
    const [line] = host.log.lines.filter(({ level }) => level === 'error')
    expect(String(line?.fields.error?.message)).toMatch(new RegExp(`^${path} `))
    expect(JSON.stringify(host.log.lines)).not.toContain('feed-secret')
    expect((await host.latchkey.entries.list()).items).toEqual([])
    expect(host.service.open).toBe(0)
  })

  it('has no options if the integration defines none', async () => {
    const host = await makeHost()
    const { connect, ...rest } = host.service.integration
    const own = await host.again({
      integrations: [
        { ...rest, connect: async (...of) => ({ ...(await connect(...of)), options: { a: 1 } }) },
      ],
    })
    own.service.accounts.set('good', 'ann')
    const form = await openForm(own.latchkey)
    const shown = await own.latchkey.flows.submit(form.flowId, { host: 'h', token: 'good' }, form)
    expect(shown).toMatchObject({ errors: { base: { code: 'unknown' } } })
    expect(own.log.lines[0]?.fields.error?.message).toMatch(/^\/options /)
  })
})

describe('adoptTitle', () => {
  const linked = async () => {
    let title: string | undefined = 'Flat'
    const host = await returning(() => ({ ...(title !== undefined && { title }) }))
    const entryId = await addEntry(host)
    const { flows, entries, history } = host.latchkey
    let token = 'good'
    const repaired = async (named: string | undefined, source: 'reauth' | 'reconfigure' = 'reauth') => {
      title = named
      host.service.accounts.set(`${token}x`, 'ann')
      const form =
        source === 'reauth'
          ? await loseCredential(host, entryId, token)
          : asForm(await flows.start({ source, entryId }))
      token += 'x'
      await flows.submit(form.flowId, { ...(source === 'reconfigure' && { host: 'h' }), token }, form)
      return (await entries.get(entryId)).title
    }
    const kinds = async () => (await history(entryId)).items.map(({ kind, detail }) => [kind, detail?.after])
    return { ...host, entryId, repaired, kinds }
  }

  it('takes the new title of the service at a reauthentication and a reconfiguration', async () => {
    const { repaired, kinds } = await linked()
    expect(await repaired('House')).toBe('House')
    expect(await repaired('Villa', 'reconfigure')).toBe('Villa')
    expect(await repaired('Villa')).toBe('Villa')
    const renamed = (await kinds()).filter(([kind]) => kind === 'entry_renamed')
    expect(renamed).toEqual([
      ['entry_renamed', 'House'],
      ['entry_renamed', 'Villa'],
    ])
  })

  it('stays with the title that a user gave, also if it is that of the service again', async () => {
    const { repaired, latchkey, entryId } = await linked()
    await latchkey.entries.update(entryId, { title: 'Mine' })
    expect(await repaired('House')).toBe('Mine')
    await latchkey.entries.update(entryId, { title: 'House' })
    expect(await repaired('Villa')).toBe('House')
  })

  it('stays with the title if connect returns none', async () => {
    const { repaired } = await linked()
    expect(await repaired(undefined)).toBe('Flat')
    expect(await repaired('House')).toBe('House')
  })

  it('stays with the title of an entry of an earlier version', async () => {
    const { repaired, store, entryId } = await linked()
    const entry = await store.getEntry('default', entryId)
    if (entry === undefined) throw new Error('There is an entry.')
    const { titleFromService: _, ...record } = entry
    const revision = entry.revision + 1
    await store.apply('default', [
      { put: 'entry', record: { ...record, revision }, ifRevision: entry.revision },
    ])
    expect(await repaired('House')).toBe('Flat')
  })

  it('leaves the title as it is without the option', async () => {
    const host = await makeHost()
    host.service.script({ connect: 'ann', title: 'Flat' }, { connect: 'ann', title: 'House' })
    const entryId = await addEntry(host)
    const form = asForm(await host.latchkey.flows.start({ source: 'reconfigure', entryId }))
    await host.latchkey.flows.submit(form.flowId, { host: 'h', token: 'good' }, form)
    expect((await host.latchkey.entries.get(entryId)).title).toBe('Flat')
  })
})
