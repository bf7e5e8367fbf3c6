import { afterEach, describe, expect, it } from '@jest/globals'
import { nodeNetwork } from '../../../src/adapters/node/node-network.ts'
import type { WebhookChange, WebhookRequest } from '../../../src/engine/api/webhooks.ts'
import type { Lookup } from '../../../src/ports/network.ts'
import { addEntry, loseCredential } from '../host.ts'
import { type Received, verified } from './hook-server.ts'
import { closeHosts, makeWebhookHost, type WebhookHost } from './webhook-host.ts'

afterEach(closeHosts)

const HOUR = 3_600_000
const unchecked = (request: object) => request as WebhookRequest
const lastReceived = ({ server }: WebhookHost) => server.received.at(-1) as Received

describe('webhooks', () => {
  it('send a signed event for each change of an account, with ids, domain, title and reason', async () => {
    const host = await makeWebhookHost()
    const { latchkey, service, server } = host
    const { secret } = await host.hook({ tags: { tenant: 't-1' } })
    const entryId = await addEntry(host)
    const { flowId, revision } = await loseCredential(host, entryId)
    service.accounts.set('fresh', 'ann')
    await latchkey.flows.submit(flowId, { token: 'fresh' }, { revision })
    await latchkey.entries.remove(entryId)
    await host.deliver()
    expect(server.received.every((request) => verified(request, secret))).toBe(true)
    const about = {
      scope: 'default',
      tags: { tenant: 't-1' },
      entryId,
      domain: 'scripted',
      title: 'Scripted',
    }
    const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)
    const byType = new Map(server.payloads.map((payload) => [payload.type, payload]))
    expect(Object.fromEntries(byType)).toEqual({
      'entry.added': {
        type: 'entry.added',
        timestamp,
        data: { ...about, flowId: expect.any(String), reason: null },
      },
      'entry.reauth_required': {
        type: 'entry.reauth_required',
        timestamp,
        data: { ...about, flowId: null, reason: 'invalid_auth' },
      },
      'entry.repaired': {
        type: 'entry.repaired',
        timestamp,
        data: { ...about, flowId, reason: 'credential_updated' },
      },
      'entry.removed': { type: 'entry.removed', timestamp, data: { ...about, flowId: null, reason: null } },
    })
    expect(server.received).toHaveLength(4)
  })

  it('send that a requested reauthentication was withdrawn', async () => {
    const host = await makeWebhookHost()
    const entryId = await addEntry(host)
    await host.hook()
    await host.latchkey.entries.requestReauth(entryId, { reason: 'Your plan has changed.' })
    await host.latchkey.entries.withdrawReauth(entryId)
    await host.deliver()
    const sent = host.server.payloads.map(({ type, data }) => [type, data.reason])
    expect(sent.sort()).toEqual([
      ['entry.reauth_required', 'requested'],
      ['entry.repaired', 'reauth_withdrawn'],
    ])
    expect(JSON.stringify(host.server.payloads)).not.toContain('plan')
  })

  it('send nothing about a sign-in that needed no repair, and about an ignored account', async () => {
    const host = await makeWebhookHost()
    const { latchkey, service } = host
    const entryId = await addEntry(host)
    await host.hook()
    service.accounts.set('newer', 'ann')
    const { flowId, revision } = await latchkey.flows.start({ source: 'reconfigure', entryId })
    await latchkey.flows.submit(flowId, { host: 'h', token: 'newer' }, { revision })
    const discovery = { uniqueId: 'device', values: { host: 'hub' } }
    const found = await latchkey.flows.start({ domain: 'scripted', source: 'discovery', discovery })
    const ignored = await latchkey.flows.ignore(found.flowId)
    await latchkey.entries.remove(ignored.entryId ?? '')
    await host.deliver()
    expect(host.server.payloads).toEqual([])
  })

  it('send only the chosen events, from the time on when they were added', async () => {
    const host = await makeWebhookHost()
    const entryId = await addEntry(host)
    await host.deliver()
    await host.hook({ events: ['entry.removed'] })
    await addEntry(host, { token: 'b', account: 'bob' })
    await host.latchkey.entries.remove(entryId)
    await host.deliver()
    expect(host.server.payloads).toMatchObject([{ type: 'entry.removed', data: { entryId } }])
  })

  it('belong to one scope', async () => {
    const host = await makeWebhookHost()
    const { latchkey, service } = host
    const { id } = await host.hook()
    const other = latchkey.scope('other')
    await addEntry({ latchkey: other, service })
    await host.deliver()
    expect(host.server.received).toEqual([])
    expect((await other.webhooks.list()).items).toEqual([])
    const unknown = { code: 'UNKNOWN_WEBHOOK' }
    await expect(other.webhooks.change(id, { enabled: false })).rejects.toMatchObject(unknown)
    await expect(other.webhooks.remove(id)).rejects.toMatchObject(unknown)
    await expect(other.webhooks.test(id)).rejects.toMatchObject(unknown)
    await expect(other.webhooks.rotateSecret(id)).rejects.toMatchObject(unknown)
    await expect(other.webhooks.deliveries(id)).rejects.toMatchObject(unknown)
    expect((await latchkey.webhooks.list()).items).toMatchObject([{ webhookId: id, state: 'active' }])
  })

  it('send a page of events in turn, each once', async () => {
    const host = await makeWebhookHost()
    const { id } = await host.hook({ events: ['entry.added'] })
    const added: string[] = []
    for (let at = 0; at < 60; at++) added.push(await addEntry(host, { token: `${at}`, account: `${at}` }))
    await host.deliver()
    await host.deliver()
    expect(host.server.payloads.map(({ data }) => data.entryId).sort()).toEqual([...added].sort())
    const first = await host.latchkey.webhooks.deliveries(id, { limit: 50 })
    const second = await host.latchkey.webhooks.deliveries(id, { after: String(first.next) })
    const ids = [...first.items, ...second.items].map(({ deliveryId }) => deliveryId)
    expect(new Set(ids).size).toBe(60)
    expect(second.next).toBeNull()
    const times = [...first.items, ...second.items].map(({ createdAt }) => createdAt)
    expect(times).toEqual([...times].sort((a, b) => b - a))
  })
})

describe('webhooks.add', () => {
  it.each<[string, object, string[]]>([
    ['no URL', { url: 'hooks' }, ['/url']],
    ['no text', { url: 5 }, ['/url']],
    ['another scheme', { url: 'ftp://hooks.example/' }, ['/url']],
    ['credentials', { url: 'https://ann:secret@hooks.example/' }, ['/url']],
    ['a user', { url: 'https://ann@hooks.example/' }, ['/url']],
    ['a fragment', { url: 'https://hooks.example/#part' }, ['/url']],
    ['a URL that is too long', { url: `https://hooks.example/${'x'.repeat(2_000)}` }, ['/url']],
    ['a name that does not exist', { url: 'https://hooks.invalid/' }, ['/url']],
    ['no event', { events: [] }, ['/events']],
    ['an unknown event', { events: ['entry.added', 'entry.lost'] }, ['/events']],
    ['events that are not a list', { events: 'entry.added' }, ['/events']],
    ['tags that are not an object', { tags: ['a'] }, ['/tags']],
    ['a tag that is not a text', { tags: { tenant: 5 } }, ['/tags/tenant']],
    ['a tag with a line break', { tags: { tenant: 'a\nb' } }, ['/tags/tenant']],
    ['a tag without a proper name', { tags: { 'a b': 'x' } }, ['/tags']],
    [
      'too many tags',
      { tags: Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`t${at}`, 'x'])) },
      ['/tags'],
    ],
  ])('refuses %s', async (_, request, pointers) => {
    const host = await makeWebhookHost()
    const added = host.latchkey.webhooks.add(unchecked({ url: host.server.url, ...request }))
    const error: unknown = await added.catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'INVALID_INPUT', pointers })
    expect(String(error)).not.toMatch(/secret|hooks\.example/)
    expect((await host.latchkey.webhooks.list()).items).toEqual([])
  })

  it('refuses an address without encryption, unless the host allows it', async () => {
    const host = await makeWebhookHost({ network: nodeNetwork({ allow: 'any' }) })
    const refused = host.latchkey.webhooks.add({ url: host.server.url })
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_INPUT', pointers: ['/url'] })
  })

  const inside: Lookup = (_name, _options, callback) => callback(null, [{ address: '10.0.0.5', family: 4 }])
  it.each([
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://169.254.169.254/latest',
    'https://0x7f000001/',
    'https://internal.example/',
  ])('refuses %s if the address policy forbids its address', async (url) => {
    const host = await makeWebhookHost({ network: nodeNetwork({ allow: 'public', resolve: inside }) })
    await expect(host.latchkey.webhooks.add({ url })).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' })
    const resolved = await makeWebhookHost({ network: nodeNetwork({ allow: () => true, resolve: inside }) })
    const { id } = { id: (await resolved.latchkey.webhooks.add({ url })).webhook.webhookId }
    expect(id).toEqual(expect.any(String))
  })

  it('does not wait for a name forever', async () => {
    const host = await makeWebhookHost({ network: nodeNetwork({ allow: 'any', resolve: () => {} }) })
    const added = host.latchkey.webhooks.add({ url: 'https://hooks.example/' })
    const refused = expect(added).rejects.toMatchObject({ code: 'INVALID_INPUT', pointers: ['/url'] })
    await host.pass(0)
    await host.pass(10_000)
    await refused
  })

  it('needs no lookup on a host without an address policy', async () => {
    const host = await makeWebhookHost({ network: { fetch: globalThis.fetch } })
    const { webhook } = await host.latchkey.webhooks.add({ url: 'HTTPS://Hooks.invalid:443/a' })
    expect(webhook).toEqual({
      webhookId: expect.any(String),
      url: 'https://hooks.invalid/a',
      events: ['entry.added', 'entry.removed', 'entry.reauth_required', 'entry.repaired', 'entry.expiring'],
      tags: {},
      state: 'active',
      since: host.clock.now(),
      reason: null,
      rotatedUntil: null,
      createdAt: host.clock.now(),
      updatedAt: host.clock.now(),
    })
  })

  it('allows ten for each scope, also if several are added at the same time', async () => {
    const host = await makeWebhookHost()
    const all = await Promise.allSettled(Array.from({ length: 15 }, () => host.hook()))
    const refused = all.filter((each) => each.status === 'rejected')
    expect(refused).toHaveLength(5)
    expect(refused[0]).toMatchObject({ reason: { code: 'TOO_MANY_WEBHOOKS', limit: 10 } })
    const { items } = await host.latchkey.webhooks.list()
    expect(items).toHaveLength(10)
    await host.latchkey.scope('other').webhooks.add({ url: host.server.url })
    await host.latchkey.webhooks.remove(String(items[0]?.webhookId))
    await host.hook()
    await expect(host.hook()).rejects.toMatchObject({ code: 'TOO_MANY_WEBHOOKS' })
    for (const { webhookId } of (await host.latchkey.webhooks.list()).items)
      await host.latchkey.webhooks.remove(webhookId)
    // A scope without webhooks does not follow its history.
    expect(await host.store.webhooks.get('default', 'cursor')).toBeUndefined()
    await host.hook()
  })
})

describe('webhooks.change', () => {
  it('replaces the address, the events and the tags', async () => {
    const host = await makeWebhookHost()
    const { id } = await host.hook()
    await host.pass(1)
    const change = { url: `${host.server.url}/new`, events: ['entry.added'], tags: { a: 'b' } } as const
    const changed = await host.latchkey.webhooks.change(id, change)
    expect(changed).toMatchObject({ ...change, state: 'active', updatedAt: host.clock.now() })
    expect((await host.latchkey.webhooks.list()).items).toEqual([changed])
    await addEntry(host)
    await host.deliver()
    expect(lastReceived(host).path).toBe('/hooks/new')
    expect(host.server.payloads).toMatchObject([{ data: { tags: { a: 'b' } } }])
  })

  it.each<[object, string[]]>([
    [{ url: 'http://[' }, ['/url']],
    [{ events: ['all'] }, ['/events']],
    [{ tags: null }, ['/tags']],
    [{ enabled: 'yes' }, ['/enabled']],
  ])('refuses %j and changes nothing', async (change, pointers) => {
    const host = await makeWebhookHost()
    const { id } = await host.hook()
    const before = await host.latchkey.webhooks.list()
    const refused = host.latchkey.webhooks.change(id, change as WebhookChange)
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_INPUT', pointers })
    expect(await host.latchkey.webhooks.list()).toEqual(before)
  })
})

describe('webhooks.test', () => {
  it('sends a signed event immediately, also while the webhook is off', async () => {
    const host = await makeWebhookHost()
    const { id, secret } = await host.hook({ tags: { tenant: 't' } })
    await host.latchkey.webhooks.change(id, { enabled: false })
    const delivery = await host.latchkey.webhooks.test(id)
    expect(delivery).toEqual({
      deliveryId: lastReceived(host).headers['webhook-id'],
      type: 'webhook.test',
      state: 'delivered',
      reason: null,
      createdAt: host.clock.now(),
      nextAt: null,
      attempts: [{ at: host.clock.now(), status: 204, code: null }],
    })
    expect(verified(lastReceived(host), secret)).toBe(true)
    const data = { scope: 'default', tags: { tenant: 't' }, entryId: null, flowId: null, domain: null }
    expect(host.server.payloads).toMatchObject([{ type: 'webhook.test', data }])
    expect(await host.deliveries(id)).toEqual([delivery])
  })

  it('is not repeated, and a failure does not change the webhook', async () => {
    const host = await makeWebhookHost()
    const { id } = await host.hook()
    host.server.script(500)
    expect(await host.latchkey.webhooks.test(id)).toMatchObject({
      state: 'given_up',
      reason: 'failed',
      attempts: [{ status: 500, code: null }],
    })
    await host.pass(60_000)
    await host.deliver()
    expect(host.server.received).toHaveLength(1)
    expect((await host.latchkey.webhooks.list()).items).toMatchObject([{ state: 'active' }])
  })

  it('that succeeds ends a failure', async () => {
    const host = await makeWebhookHost()
    const { id } = await host.hook()
    host.server.script(500)
    await addEntry(host)
    await host.pass(2_000)
    await host.pass(2_000)
    expect((await host.latchkey.webhooks.list()).items).toMatchObject([{ state: 'failing' }])
    await host.latchkey.webhooks.test(id)
    expect((await host.latchkey.webhooks.list()).items).toMatchObject([{ state: 'active' }])
  })
})

describe('webhooks.add with an idempotency key', () => {
  const by = { principal: 'ada', idempotencyKey: 'key-1' }

  it('returns the webhook and secret that the first request created, also at the same time', async () => {
    const host = await makeWebhookHost()
    const { webhooks } = host.latchkey
    const request = { url: `${host.server.url}/hook`, tags: { room: 'hall' } }
    const [first, second] = await Promise.all([webhooks.add(request, by), webhooks.add(request, by)])
    expect(second).toEqual(first)
    expect(await webhooks.add(request, by)).toEqual(first)
    expect((await webhooks.list()).items).toHaveLength(1)
    await webhooks.test(first.webhook.webhookId)
    expect(verified(lastReceived(host), first.secret)).toBe(true)
  })

  it('adds another webhook for another key, and for another principal', async () => {
    const host = await makeWebhookHost()
    const { webhooks } = host.latchkey
    const request = { url: `${host.server.url}/hook` }
    await webhooks.add(request, by)
    await webhooks.add(request, { ...by, idempotencyKey: 'key-2' })
    await webhooks.add(request, { ...by, principal: 'bob' })
    expect((await webhooks.list()).items).toHaveLength(3)
  })

  it('refuses another request, a replaced secret, and a request that is older than a day', async () => {
    const host = await makeWebhookHost()
    const { webhooks } = host.latchkey
    const request = { url: `${host.server.url}/hook` }
    const conflict = { code: 'IDEMPOTENCY_CONFLICT' }
    const { webhook } = await webhooks.add(request, by)
    await expect(webhooks.add({ ...request, tags: { room: 'hall' } }, by)).rejects.toMatchObject(conflict)
    await webhooks.rotateSecret(webhook.webhookId)
    await expect(webhooks.add(request, by)).rejects.toMatchObject(conflict)
    const late = { ...by, idempotencyKey: 'key-2' }
    await webhooks.add(request, late)
    await host.pass(24 * HOUR + 1)
    await expect(webhooks.add(request, late)).rejects.toMatchObject(conflict)
  })
})

describe('webhooks.rotateSecret', () => {
  it('signs with each of the last five secrets for a day', async () => {
    const host = await makeWebhookHost()
    const { id, secret: first } = await host.hook()
    const { webhook, secret: second } = await host.latchkey.webhooks.rotateSecret(id)
    expect(webhook.rotatedUntil).toBe(host.clock.now() + 24 * HOUR)
    expect(second).toMatch(/^whsec_[\w+/]{43}=$/)
    await host.latchkey.webhooks.test(id)
    const both = lastReceived(host)
    expect([first, second].map((secret) => verified(both, secret))).toEqual([true, true])
    // The receiver may have any of them.
    const secrets = [first, second]
    for (let count = 0; count < 4; count++)
      secrets.push((await host.latchkey.webhooks.rotateSecret(id)).secret)
    await host.latchkey.webhooks.test(id)
    const all = lastReceived(host)
    expect(secrets.map((secret) => verified(all, secret))).toEqual([false, true, true, true, true, true])
  })

  it('ends each secret a day after its replacement', async () => {
    const host = await makeWebhookHost()
    const { id } = await host.hook()
    const signatures = async (): Promise<number> => {
      await host.latchkey.webhooks.test(id)
      return String(lastReceived(host).headers['webhook-signature']).split(' ').length
    }
    await host.latchkey.webhooks.rotateSecret(id)
    await host.pass(HOUR)
    await host.latchkey.webhooks.rotateSecret(id)
    expect(await signatures()).toBe(3)
    await host.pass(23 * HOUR)
    expect(await signatures()).toBe(2)
    await host.pass(HOUR)
    expect(await signatures()).toBe(1)
    expect((await host.latchkey.webhooks.list()).items).toMatchObject([{ rotatedUntil: null }])
  })
})

describe('a damaged webhook', () => {
  it('is listed by its id, receives nothing and can be removed', async () => {
    const host = await makeWebhookHost()
    const { id } = await host.hook()
    const { id: whole } = await host.hook({ url: `${host.server.url}/whole` })
    const record = await host.store.webhooks.get('default', id)
    if (record === undefined) throw new Error('The webhook is missing.')
    const revision = record.revision + 1
    const damaged = { ...record, revision, content: { machine: 'webhook-receiver@9' } }
    await host.store.apply('default', [{ put: 'webhook', record: damaged, ifRevision: record.revision }])
    const { webhooks } = host.latchkey
    expect(await webhooks.list()).toMatchObject({ items: [{ webhookId: whole }], unreadable: [id] })
    for (const call of [webhooks.change(id, {}), webhooks.test(id), webhooks.rotateSecret(id)])
      await expect(call).rejects.toMatchObject({ code: 'UNREADABLE_RECORD', kind: 'webhook' })
    await addEntry(host)
    await host.deliver()
    expect(host.server.received.map(({ path }) => path)).toEqual(['/hooks/whole'])
    await webhooks.remove(id)
    expect(await webhooks.list()).toMatchObject({ unreadable: [] })
  })
})
