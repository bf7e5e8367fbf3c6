import { afterAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { joseCipher } from '../../../src/adapters/jose-cipher.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { plainCipher } from '../../../src/adapters/plain-cipher.ts'
import { type AnyIntegration, defineIntegration } from '../../../src/authoring/integration.ts'
import type { EntryVersion } from '../../../src/authoring/migration.ts'
import { secret } from '../../../src/authoring/secret.ts'
import { createLatchkey } from '../../../src/engine/create-latchkey.ts'
import {
  AbortFlowError,
  CannotConnectError,
  ClientRefusedError,
  FormError,
  InvalidAuthError,
  RateLimitedError,
  SetupError,
  StoreError,
  WrongAccountError,
} from '../../../src/errors.ts'
import type { SubentryRecord } from '../../../src/ports/subentry-record.ts'
import { checkTexts } from '../../../src/testing/check-texts.ts'
import { FailingStore, fullDisk } from '../../../src/testing/failing-store.ts'
import { asForm, atRest, makeHost } from '../host.ts'
import { someStores } from '../stores.ts'
import { withSubentries } from '../subentry-host.ts'
import { TamperedStore } from '../tampered-store.ts'

const stores = someStores()
afterAll(stores.clear)

describe.each(stores.each)('a sub-entry over %s', (_, made) => {
  const opened = () =>
    withSubentries({ store: made(), cipher: joseCipher([crypto.getRandomValues(new Uint8Array(32))]) })

  it('is added by a separate flow, and passed to connect', async () => {
    const { latchkey, entryId, seen, add, listed, store } = await opened()
    const form = asForm(await latchkey.flows.start({ source: 'subentry', entryId, type: 'room' }))
    expect(form).toMatchObject({
      machine: 'subentryFlow',
      source: 'subentry',
      step: 'add_subentry',
      entryId,
      title: 'Add Room to Scripted',
      subentry: { type: 'room', subentryId: null, isNew: true },
      order: ['name', 'floor'],
      values: {},
      errors: {},
      lastStep: true,
      mayGoBack: false,
    })
    const end = await latchkey.flows.submit(form.flowId, { name: 'Hall', floor: 0 }, form)
    const [hall] = await listed()
    expect(end).toMatchObject({
      type: 'create_entry',
      entryId,
      success: true,
      text: 'Room added.',
      subentry: { type: 'room', subentryId: hall?.subentryId },
    })
    expect(await latchkey.flows.get(form.flowId)).toEqual(end)
    expect(hall).toEqual({
      subentryId: expect.any(String),
      type: 'room',
      title: 'Hall',
      uniqueId: 'hall',
      revision: 1,
    })
    await add('feed', { url: 'a', key: 'very-secret' })
    expect(seen.map((under) => under.length)).toEqual([0, 1, 2])
    expect(seen[2]).toEqual([
      { ...hall, revision: undefined, values: { name: 'Hall', floor: 0 } },
      {
        type: 'feed',
        subentryId: expect.any(String),
        title: 'Feed of a',
        uniqueId: 'a',
        values: { url: 'a', key: 'very-secret' },
      },
    ])
    const stored = await store.getEntry('default', entryId)
    expect(stored).toMatchObject({ revision: 3, credentialRevision: 1, subentries: { revision: 2 } })
    expect(JSON.stringify(stored)).not.toContain('very-secret')
    const { items } = await latchkey.history(entryId)
    expect(items.map(({ kind, code }) => [kind, code]).slice(1, 3)).toEqual([
      ['flow_started', 'subentry'],
      ['subentry_added', `room/${hall?.subentryId}`],
    ])
  })

  it('is changed by a flow that shows what there is of it, never a secret, and asks for the secrets again', async () => {
    const { latchkey, seen, add, change, openChange, idOf, listed, entryId } = await opened()
    await add('room', { name: 'Hall', floor: 2 })
    await add('feed', { url: 'a', key: 'old' })
    const [hall, feed] = [await idOf('Hall'), await idOf('Feed of a')]
    expect(await openChange(hall)).toMatchObject({
      step: 'change_subentry',
      order: ['name'],
      values: { name: 'Hall' },
      title: 'Edit Hall',
      subentry: { type: 'room', subentryId: hall, isNew: false },
    })
    expect(await change(hall, { name: 'Loft' })).toMatchObject({
      type: 'abort',
      reason: 'reconfigure_successful',
      success: true,
      entryState: 'loaded',
      subentry: { type: 'room', subentryId: hall },
    })
    expect(await openChange(feed)).toMatchObject({ order: ['url', 'key'], values: { url: 'a' } })
    expect(await change(feed, { url: 'b', key: 'new' })).toMatchObject({ reason: 'reconfigure_successful' })
    expect(seen.at(-1)).toMatchObject([
      { title: 'Loft', uniqueId: 'loft', values: { name: 'Loft', floor: 2 } },
      { title: 'Feed of b', uniqueId: 'b', values: { url: 'b', key: 'new' } },
    ])
    expect((await listed()).map(({ revision }) => revision)).toEqual([2, 2])
    const { items } = await latchkey.history(entryId)
    expect(items.filter(({ kind }) => kind === 'subentry_changed')).toHaveLength(2)
  })

  it('is not written where a change changes nothing', async () => {
    const { latchkey, entryId, seen, add, change, idOf } = await opened()
    await add('feed', { url: 'a', key: 'old' })
    const { revision } = await latchkey.entries.get(entryId)
    const id = await idOf('Feed of a')
    const connects = seen.length
    expect(await change(id, { url: 'a', key: 'old' })).toMatchObject({ reason: 'reconfigure_successful' })
    expect([(await latchkey.entries.get(entryId)).revision, seen.length]).toEqual([revision, connects])
    await change(id, { url: 'a', key: 'new' })
    expect([(await latchkey.entries.get(entryId)).revision, seen.length]).toEqual([
      revision + 1,
      connects + 1,
    ])
  })

  it('has an identity among its kind, which no other may have', async () => {
    const { add, change, idOf, listed } = await opened()
    await add('room', { name: 'a' })
    expect(await add('room', { name: 'A' })).toMatchObject({
      type: 'abort',
      reason: 'already_configured',
      success: false,
    })
    expect(await add('feed', { url: 'a', key: 'x' })).toMatchObject({ type: 'create_entry' })
    await add('room', { name: 'b' })
    expect(await change(await idOf('b'), { name: 'A' })).toMatchObject({ reason: 'already_configured' })
    expect((await listed()).map(({ title }) => title)).toEqual(['a', 'Feed of a', 'b'])
  })

  it('is removed, and the flow that changes it ends', async () => {
    const { latchkey, entryId, seen, add, openChange, idOf } = await opened()
    await add('room', { name: 'Hall' })
    await add('room', { name: 'Loft' })
    const hall = await idOf('Hall')
    const { flowId } = await openChange(hall)
    const entry = await latchkey.entries.removeSubentry(entryId, hall, { principal: 'ann' })
    expect(entry).toMatchObject({ state: 'loaded', subentries: [{ title: 'Loft' }] })
    expect(await latchkey.flows.get(flowId)).toMatchObject({ type: 'abort', reason: 'entry_removed' })
    expect(seen.at(-1)).toMatchObject([{ title: 'Loft' }])
    const { items } = await latchkey.history(entryId)
    expect(items.at(-1)).toMatchObject({ kind: 'subentry_removed', code: `room/${hall}`, who: 'ann' })
    await expect(latchkey.entries.removeSubentry(entryId, hall)).rejects.toMatchObject({
      code: 'UNKNOWN_SUBENTRY',
      subentryId: hall,
    })
    await expect(
      latchkey.flows.start({ source: 'subentry', entryId, subentryId: hall }),
    ).rejects.toMatchObject({
      code: 'UNKNOWN_SUBENTRY',
    })
  })

  it('is bounded in number', async () => {
    const { add, latchkey, entryId, listed, again, withThem } = await opened()
    const one = await again({ integrations: [withThem], limits: { subentries: 1 } })
    const form = asForm(await one.latchkey.flows.start({ source: 'subentry', entryId, type: 'room' }))
    await add('room', { name: 'Hall' })
    expect(await one.latchkey.flows.submit(form.flowId, { name: 'Loft' }, form)).toMatchObject({
      type: 'abort',
      reason: 'too_many_subentries',
      text: 'Nothing more can be added here.', // voice-ok: a designed text
    })
    const refused = await one.latchkey.flows.start({ source: 'subentry', entryId, type: 'room' })
    expect(refused).toMatchObject({
      type: 'abort',
      reason: 'too_many_subentries',
      subentry: { type: 'room' },
    })
    await expect(latchkey.flows.get(refused.flowId)).rejects.toMatchObject({ code: 'UNKNOWN_FLOW' })
    expect(await listed()).toHaveLength(1)
  })

  it('survives a restart at each step, and reaches a process that runs the entry already', async () => {
    const host = await opened()
    const { again, withThem, entryId, latchkey, seen } = host
    const other = () => again({ integrations: [withThem] })
    const form = asForm(
      await (await other()).latchkey.flows.start({ source: 'subentry', entryId, type: 'room' }),
    )
    expect(await (await other()).latchkey.flows.get(form.flowId)).toEqual(form)
    expect(await (await other()).latchkey.flows.submit(form.flowId, { name: '' }, form)).toMatchObject({
      errors: { '/name': { code: 'too_small' } },
    })
    const end = await (await other()).latchkey.flows.submit(form.flowId, { name: 'Hall' }, { revision: 2 })
    expect(end).toMatchObject({ type: 'create_entry' })
    expect(await (await other()).latchkey.flows.get(form.flowId)).toEqual(end)
    const before = seen.length
    await latchkey.entries.use(withThem, entryId, (client) => client.ping())
    expect(seen.slice(before)).toMatchObject([[{ title: 'Hall' }]])
    await latchkey.entries.use(withThem, entryId, (client) => client.ping())
    expect(seen).toHaveLength(before + 1)
  })

  const racing = async () => {
    const store = new FailingStore(made())
    const host = await withSubentries({
      store,
      cipher: joseCipher([crypto.getRandomValues(new Uint8Array(32))]),
    })
    const rival = await host.again({ integrations: [host.withThem] })
    return { ...host, store, rival: rival.latchkey }
  }

  it('is added to the sub-entries that another process has written since', async () => {
    const { store, rival, latchkey, entryId, add } = await racing()
    store.before('apply', 2, async () => void (await rival.entries.update(entryId, { title: 'Home' })))
    expect(await add('room', { name: 'Hall' })).toMatchObject({ type: 'create_entry' })
    expect(await latchkey.entries.get(entryId)).toMatchObject({
      title: 'Home',
      subentries: [{ title: 'Hall' }],
    })
  })

  it('stays if its entry is reauthenticated meantime, and the new credential stays too', async () => {
    const host = await racing()
    const { store, rival, latchkey, entryId, add, service, withThem } = host
    const reauth = asForm(await latchkey.flows.start({ source: 'reauth', entryId }))
    service.accounts.set('new', 'ann')
    store.before('apply', 1, async () => {
      const form = asForm(await rival.flows.start({ source: 'subentry', entryId, type: 'room' }))
      await rival.flows.submit(form.flowId, { name: 'Hall' }, form)
    })
    expect(await latchkey.flows.submit(reauth.flowId, { token: 'new' }, reauth)).toMatchObject({
      reason: 'reauth_successful',
    })
    const again = asForm(await rival.flows.start({ source: 'reauth', entryId }))
    store.before(
      'apply',
      2,
      async () => void (await rival.flows.submit(again.flowId, { token: 'new' }, again)),
    )
    expect(await add('room', { name: 'Loft' })).toMatchObject({ type: 'create_entry' })
    expect(await store.getEntry('default', entryId)).toMatchObject({
      credentialRevision: 3,
      subentries: { items: [{ title: 'Hall' }, { title: 'Loft' }] },
    })
    await latchkey.entries.use(withThem, entryId, (client) => client.ping())
    expect(host.seen.at(-1)).toHaveLength(2)
  })

  it('is added once where two add the same at a time', async () => {
    const { store, rival, entryId, add, listed } = await racing()
    store.before('apply', 2, async () => {
      const form = asForm(await rival.flows.start({ source: 'subentry', entryId, type: 'room' }))
      await rival.flows.submit(form.flowId, { name: 'HALL' }, form)
    })
    expect(await add('room', { name: 'Hall' })).toMatchObject({ reason: 'already_configured' })
    expect(await listed()).toMatchObject([{ title: 'HALL' }])
  })

  it('is changed by one flow at a time', async () => {
    const { rival, latchkey, entryId, add, openChange, idOf, store } = await racing()
    await add('room', { name: 'Hall' })
    const subentryId = await idOf('Hall')
    const first = await openChange(subentryId)
    expect((await rival.flows.start({ source: 'subentry', entryId, subentryId })).flowId).toBe(first.flowId)
    await latchkey.flows.cancel(first.flowId)
    const raced: string[] = []
    store.before('apply', 1, async () => {
      raced.push((await rival.flows.start({ source: 'subentry', entryId, subentryId })).flowId)
    })
    expect([(await openChange(subentryId)).flowId]).toEqual(raced)
    store.before('apply', 1, fullDisk)
    await expect(latchkey.flows.start({ source: 'subentry', entryId, type: 'room' })).rejects.toMatchObject({
      code: 'STORE',
    })
  })

  it('ends if another process changed or removed the sub-entry', async () => {
    const { store, entryId, add, openChange, idOf, latchkey } = await racing()
    const change = (to: (items: readonly SubentryRecord[]) => readonly SubentryRecord[]) => async () => {
      const entry = await store.getEntry('default', entryId)
      if (entry?.subentries === undefined) throw new Error('There is nothing to change.')
      const { revision, subentries } = entry
      const next = { revision: subentries.revision + 1, items: to(subentries.items) }
      const record = { ...entry, subentries: next, revision: revision + 1 }
      await store.apply('default', [{ put: 'entry', record, ifRevision: revision }])
    }
    await add('room', { name: 'Hall' })
    const form = await openChange(await idOf('Hall'))
    store.before(
      'apply',
      1,
      change((items) => items.map((one) => ({ ...one, revision: one.revision + 1 }))),
    )
    expect(await latchkey.flows.submit(form.flowId, { name: 'Loft' }, form)).toMatchObject({
      reason: 'entry_changed',
    })
    const second = await openChange(await idOf('Hall'))
    store.before(
      'apply',
      1,
      change(() => []),
    )
    expect(await latchkey.flows.submit(second.flowId, { name: 'Loft' }, second)).toMatchObject({
      reason: 'entry_removed',
    })
  })

  it('shows unknown where the disk is full, and is added then', async () => {
    const { store, latchkey, entryId } = await racing()
    const form = asForm(await latchkey.flows.start({ source: 'subentry', entryId, type: 'room' }))
    store.before('apply', 1, fullDisk)
    const shown = asForm(await latchkey.flows.submit(form.flowId, { name: 'Hall' }, form))
    expect(shown).toMatchObject({ step: 'add_subentry', errors: { base: { code: 'unknown' } } })
    expect(await latchkey.flows.submit(form.flowId, { name: 'Hall' }, shown)).toMatchObject({
      type: 'create_entry',
    })
  })

  it('is not added if the flow is cancelled during the check', async () => {
    const { store, rival, latchkey, entryId, listed } = await racing()
    const form = asForm(await latchkey.flows.start({ source: 'subentry', entryId, type: 'room' }))
    store.before('apply', 1, async () => void (await rival.flows.cancel(form.flowId)))
    expect(await latchkey.flows.submit(form.flowId, { name: 'Hall' }, form)).toMatchObject({
      reason: 'cancelled',
    })
    expect(await listed()).toEqual([])
  })

  it.each([
    ['remove', 'entry_removed'],
    ['disable', 'entry_disabled'],
  ] as const)('ends where its entry meets %s', async (what, reason) => {
    const { latchkey, entryId } = await opened()
    const { flowId } = await latchkey.flows.start({ source: 'subentry', entryId, type: 'room' })
    await latchkey.entries[what](entryId)
    expect(await latchkey.flows.get(flowId)).toMatchObject({ type: 'abort', reason })
  })
})

describe('a sub-entry that is checked on the connection of its entry', () => {
  it('opens the reauthentication where the service refuses the credential, and waits for it', async () => {
    const { latchkey, entryId, service, add } = await withSubentries()
    service.accounts.delete('good')
    const shown = asForm(await add('feed', { url: 'a', key: 'x' }))
    expect(shown).toMatchObject({
      step: 'add_subentry',
      values: { url: 'a' },
      errors: {
        base: { code: 'reauth_required', text: 'Reconnect Scripted first.' },
      },
    })
    const [need] = await latchkey.attention.list()
    const reauth = asForm(await latchkey.flows.get(need?.flowId ?? ''))
    service.accounts.set('new', 'ann')
    await latchkey.flows.submit(reauth.flowId, { token: 'new' }, reauth)
    expect(await latchkey.flows.submit(shown.flowId, { url: 'a', key: 'x' }, shown)).toMatchObject({
      type: 'create_entry',
    })
    expect(await latchkey.entries.get(entryId)).toMatchObject({
      state: 'loaded',
      subentries: [{ uniqueId: 'a' }],
    })
  })

  it.each([
    [{ error: 'no_feed' }, { base: { code: 'no_feed' } }],
    [{ error: 'no_feed', field: 'url' }, { '/url': { code: 'no_feed' } }],
    [{ error: 'Feed not found!', field: 'pin' }, { base: { code: 'invalid' } }],
    [null, { base: { code: 'unknown' } }],
    [{ title: 'A', uniqueId: '' }, { base: { code: 'unknown' } }],
  ])('is refused by its integration: %j', async (answer, errors) => {
    const { add, checks, listed } = await withSubentries()
    checks.push(() => answer)
    expect(await add('feed', { url: 'a', key: 'x' })).toMatchObject({ errors })
    expect(await listed()).toEqual([])
  })

  it('has a title without its secrets and those of its entry', async () => {
    const store = new TamperedStore()
    const { add, checks, listed } = await withSubentries({ store, cipher: plainCipher() })
    for (const title of ['Feed key-1234', 'Feed of good']) checks.push(() => ({ title }))
    for (let each = 0; each < 2; each++) await add('feed', { url: 'a', key: 'key-1234' })
    checks.push(() => {
      store.onEntry = async () => {
        store.onEntry = async (entry) => entry
        throw new StoreError('The store is away.')
      }
      return { title: 'Feed of good' }
    })
    await add('feed', { url: 'a', key: 'key-1234' })
    // Too short to be redacted.
    checks.push(() => ({ title: 'Attic 471' }))
    await add('feed', { url: 'a', key: '471' })
    expect((await listed()).map(({ title }) => title)).toEqual([
      ...['Feed [secret]', 'Feed of [secret]', 'Feed', 'Feed'],
    ])
  })

  it('shows an error of its check at the field of the form that changes it', async () => {
    const { add, change, checks, idOf } = await withSubentries()
    await add('feed', { url: 'a', key: 'x' })
    checks.push(() => {
      throw new FormError('no_feed', { field: 'url', message: 'There is no feed.' })
    })
    expect(await change(await idOf('Feed of a'), { url: 'b', key: 'x' })).toMatchObject({
      errors: { '/url': { code: 'no_feed', text: 'There is no feed.' } },
    })
  })

  it.each([
    [new FormError('no_feed', { field: 'key' }), { errors: { '/key': { keepSecrets: false } } }],
    [new FormError('no_feed', { field: 'host', message: 'No.' }), { errors: { base: { text: 'No.' } } }],
    [
      new AbortFlowError('no_feeds', { message: 'None.' }),
      { type: 'abort', reason: 'no_feeds', text: 'None.' },
    ],
  ])('is refused by an error of its check: %s, which costs a try', async (error, shown) => {
    const { add, checks, listed } = await withSubentries({ limits: { attemptsPerDomain: 1 } })
    checks.push(() => {
      throw error
    })
    expect(await add('feed', { url: 'a', key: 'x' })).toMatchObject(shown)
    expect(await add('feed', { url: 'a', key: 'x' })).toMatchObject({
      errors: { base: { code: 'rate_limited' } },
    })
    expect(await listed()).toEqual([])
  })

  describe.each<[string, (store: TamperedStore) => void]>([
    [
      'another sub-entry is damaged',
      (store) => {
        store.onEntry = async (entry) => {
          const { revision = 0, items = [] } = entry?.subentries ?? {}
          const damaged = items.map((item) => ({ ...item, data: { ...item.data, url: 'elsewhere' } }))
          return entry && { ...entry, subentries: { revision, items: damaged } }
        }
      },
    ],
    [
      'the store is away',
      (store) => {
        store.onEntry = async () => {
          store.onEntry = async (entry) => entry
          throw new StoreError('The store is away.')
        }
      },
    ],
  ])('if %s', (_, damage) => {
    it.each<[string, unknown, object]>([
      [
        'the error of its check at its field',
        new FormError('no_feed', {
          field: 'url',
          message: 'Not very-secret.',
          docs: 'https://very-secret.example',
        }),
        { errors: { '/url': { code: 'no_feed' } } },
      ],
      [
        'an error of its check',
        new SetupError('Not very-secret.'),
        { errors: { base: { code: 'setup_error' } } },
      ],
      [
        'the end of the flow',
        new AbortFlowError('no_feeds', { message: 'Not very-secret.' }),
        { reason: 'no_feeds' },
      ],
      [
        'an unexpected error',
        Object.assign(new TypeError('Not very-secret.'), { name: 'very-secret' }),
        { errors: { base: { code: 'unknown' } } },
      ],
      ['a thrown text', 'very-secret', { errors: { base: { code: 'unknown' } } }],
      [
        'a lost connection with a cause',
        new CannotConnectError('Not very-secret.', { cause: new Error('very-secret') }),
        { errors: { base: { code: 'cannot_connect' } } },
      ],
    ])('shows %s without texts, and logs none', async (_error, error, shown) => {
      const store = new TamperedStore()
      const cipher = joseCipher([new Uint8Array(32)])
      const { add, checks, log } = await withSubentries({ store, cipher })
      await add('feed', { url: 'a', key: 'very-secret' })
      checks.push(() => {
        damage(store)
        throw error
      })
      const view = await add('feed', { url: 'b', key: 'other' })
      expect(view).toMatchObject(shown)
      expect(log.messages[0]).toBe(
        'The secrets of an entry could not be read. Texts of its integration are withheld.',
      )
      expect(JSON.stringify([view, log.lines])).not.toContain('very-secret')
    })

    it.each([
      ['cannot_connect', new CannotConnectError()],
      ['rate_limited', new RateLimitedError(60)],
    ])('shows %s as usual', async (code, error) => {
      const store = new TamperedStore()
      const { add, checks, log } = await withSubentries({ store, cipher: joseCipher([new Uint8Array(32)]) })
      await add('feed', { url: 'a', key: 'very-secret' })
      checks.push(() => {
        damage(store)
        throw error
      })
      expect(await add('feed', { url: 'b', key: 'other' })).toMatchObject({ errors: { base: { code } } })
      expect(log.lines).toEqual([])
    })
  })

  it('shows an error of its check if its entry was just removed', async () => {
    const store = new TamperedStore()
    const { add, checks, log } = await withSubentries({ store })
    checks.push(() => {
      store.onEntry = async () => {
        store.onEntry = async (entry) => entry
        return undefined
      }
      throw new FormError('no_feed', { message: 'Refused: good.' })
    })
    const text = 'Refused: [secret].'
    expect(await add('feed', { url: 'a', key: 'x' })).toMatchObject({
      errors: { base: { code: 'no_feed', text } },
    })
    expect(log.lines).toEqual([])
  })

  it('has the title of its type if its name cannot be shown', async () => {
    const { add, checks, listed } = await withSubentries()
    checks.push(() => ({ title: ' ' }))
    await add('feed', { url: 'a', key: 'x' })
    expect(await listed()).toMatchObject([{ title: 'Feed', uniqueId: null }])
  })

  it.each([
    ['a wait', new RateLimitedError(60), { code: 'rate_limited', retryAfter: 60 }],
    ['a mistake', new SetupError('The feed is empty.'), { code: 'setup_error', text: 'The feed is empty.' }],
    ['a mistake without a text', new SetupError(), { code: 'setup_error' }],
    ['a refused application', new ClientRefusedError(), { code: 'unknown' }],
    ['another account', new WrongAccountError(), { code: 'wrong_account' }],
    ['silence', new CannotConnectError(), { code: 'cannot_connect' }],
  ])('shows %s, and costs no try', async (_, error, shown) => {
    const { add, checks } = await withSubentries({ limits: { attemptsPerEntry: 1 } })
    for (let time = 0; time < 3; time++) {
      checks.push(() => {
        throw error
      })
      expect(await add('feed', { url: 'a', key: 'x' })).toMatchObject({ errors: { base: shown } })
    }
    expect(await add('feed', { url: 'a', key: 'x' })).toMatchObject({ type: 'create_entry' })
  })

  it('logs an unexpected error without the submitted secret', async () => {
    const { add, checks, log } = await withSubentries()
    checks.push(() => {
      throw new Error('no feed for very-secret')
    })
    expect(await add('feed', { url: 'a', key: 'very-secret' })).toMatchObject({
      errors: { base: { code: 'unknown' } },
    })
    expect(JSON.stringify(log.lines)).toContain('no feed for')
    expect(JSON.stringify(log.lines)).not.toContain('very-secret')
  })

  it('waits for no entry that does not run', async () => {
    const { latchkey, entryId, service, add } = await withSubentries()
    await latchkey.entries.unload(entryId)
    service.script('cannot_connect')
    expect(await add('feed', { url: 'a', key: 'x' })).toMatchObject({
      errors: { base: { code: 'entry_not_loaded' } },
    })
  })

  it('is aborted after the timeout of connect', async () => {
    const { latchkey, entryId, checks, pass, listed } = await withSubentries()
    const form = asForm(await latchkey.flows.start({ source: 'subentry', entryId, type: 'feed' }))
    checks.push(() => new Promise(() => {}))
    const late = latchkey.flows.submit(form.flowId, { url: 'a', key: 'x' }, form)
    await atRest()
    expect(await latchkey.flows.get(form.flowId)).toMatchObject({
      type: 'progress',
      step: 'checkingSubentry',
      text: 'Checking Scripted…',
    })
    await pass(30_000)
    const shown = asForm(await late)
    expect(shown).toMatchObject({ errors: { base: { code: 'timeout' } } })
    checks.push(() => new Promise(() => {}))
    const cancelled = latchkey.flows.submit(form.flowId, { url: 'a', key: 'x' }, shown)
    await atRest()
    expect(await latchkey.flows.cancel(form.flowId)).toMatchObject({ reason: 'cancelled' })
    expect(await cancelled).toMatchObject({ reason: 'cancelled' })
    expect(await listed()).toEqual([])
  })

  it.each([
    ['remove', 'entry_removed'],
    ['disable', 'entry_disabled'],
  ] as const)('ends where another process meets its entry with %s', async (what, reason) => {
    const { latchkey, entryId, checks, again, withThem } = await withSubentries()
    const rival = await again({ integrations: [withThem] })
    const form = asForm(await latchkey.flows.start({ source: 'subentry', entryId, type: 'feed' }))
    checks.push(async () => {
      await rival.latchkey.entries[what](entryId)
      throw new InvalidAuthError()
    })
    expect(await latchkey.flows.submit(form.flowId, { url: 'a', key: 'x' }, form)).toMatchObject({ reason })
  })
})

describe('the sub-entry types of an integration', () => {
  it('is part of the integration view, localized', async () => {
    const { latchkey } = await withSubentries()
    expect(latchkey.integrations).toMatchObject([
      {
        subentries: [
          { type: 'room', title: 'Room' },
          { type: 'feed', title: 'Feed' },
        ],
      },
    ])
  })

  it('is not added to an entry that is switched off', async () => {
    const { latchkey, entryId } = await withSubentries()
    await latchkey.entries.disable(entryId)
    expect(await latchkey.flows.start({ source: 'subentry', entryId, type: 'room' })).toMatchObject({
      type: 'abort',
      reason: 'entry_disabled',
    })
  })

  it('is the only thing that can be added', async () => {
    const { latchkey, entryId, add, idOf } = await withSubentries()
    await add('room', { name: 'Hall' })
    for (const wrong of [{}, { type: 'lamp' }, { type: 'feed', subentryId: await idOf('Hall') }]) {
      await expect(latchkey.flows.start({ source: 'subentry', entryId, ...wrong })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        pointers: ['/type'],
      })
    }
    const keyed = (type: string) =>
      latchkey.flows.start({ source: 'subentry', entryId, type }, { idempotencyKey: 'k' })
    expect((await keyed('room')).flowId).toBe((await keyed('room')).flowId)
    await expect(keyed('feed')).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
  })

  it('stays unchanged if its entry is migrated', async () => {
    const { add, again, withThem, entryId, seen, listed } = await withSubentries()
    await add('feed', { url: 'a', key: 'very-secret' })
    const before = await listed()
    const next = {
      ...withThem,
      version: 2,
      migrate: { 1: ({ values }: EntryVersion) => ({ values: { ...values, host: 'moved' } }) },
    }
    const { latchkey, service } = await again({ integrations: [next] })
    expect(await latchkey.entries.setup(entryId)).toMatchObject({ state: 'loaded', subentries: before })
    expect(service.connects.at(-1)?.host).toBe('moved')
    expect(seen.at(-1)).toMatchObject([{ values: { key: 'very-secret' } }])
  })

  it('does not stop the entry if it can no longer be read', async () => {
    const { add, again, withThem, entryId, log } = await withSubentries()
    await add('room', { name: 'Hall' })
    await add('feed', { url: 'a', key: 'very-secret' })
    const seen: unknown[] = []
    const strict = {
      ...withThem,
      connect: ((values, context) => {
        seen.push(context.subentries)
        return withThem.connect(values, { ...context, subentries: [] })
      }) satisfies typeof withThem.connect,
      subentries: {
        feed: {
          ...withThem.subentries?.feed,
          title: 'Feed',
          fields: z.object({ key: secret(z.string().max(3)) }),
        },
      },
    }
    const { latchkey } = await again({ integrations: [strict] })
    expect(await latchkey.entries.setup(entryId)).toMatchObject({ state: 'loaded', subentries: [{}, {}] })
    expect(seen).toEqual([[]])
    const left = log.lines.filter(
      ({ message }) => message === 'A sub-entry does not match the schema of the integration.',
    )
    expect(left.map(({ fields }) => fields.code)).toEqual(['room', 'feed'])
  })

  it('does not stop the entry where its secrets were tampered with', async () => {
    const { add, store, again, withThem, entryId, log, seen } = await withSubentries({
      cipher: joseCipher([new Uint8Array(32)]),
    })
    await add('room', { name: 'Hall' })
    await add('feed', { url: 'a', key: 'very-secret' })
    const entry = await store.getEntry('default', entryId)
    if (entry?.subentries === undefined) throw new Error('There is nothing to tamper with.')
    const items = entry.subentries.items.map((one) => ({ ...one, data: { ...one.data, url: 'elsewhere' } }))
    const record = { ...entry, revision: entry.revision + 1, subentries: { ...entry.subentries, items } }
    await store.apply('default', [{ put: 'entry', record, ifRevision: entry.revision }])
    const { latchkey } = await again({ integrations: [withThem] })
    await latchkey.entries.setup(entryId)
    expect(seen.at(-1)).toMatchObject([{ title: 'Hall' }])
    expect(log.messages).toContain('The secrets of a sub-entry could not be decrypted.')
  })

  const name = () => ({ title: 'x' })
  const fields = z.object({ name: z.string() })
  it.each([
    [{ Room: { title: 'Room', fields, name } }, 'has an invalid name. Use lower-case letters'],
    [{ reconfigure: { title: 'Room', fields, name } }, 'has the name of a step'],
    [{ otp: { title: 'Room', fields, name } }, 'has the name of a step'],
    [{ first: { title: 'Room', fields, name } }, 'has the name of a step'],
    [{ room: { title: 'Room', fields } }, 'needs exactly one of name and check'],
    [
      { room: { title: 'Room', fields, name, check: async () => name() } },
      'needs exactly one of name and check',
    ],
    [{ room: { title: 'Room', fields, name, reconfigure: ['floor'] } }, 'lists "floor" in reconfigure'],
  ])('is refused at start: %#', async (subentries, why) => {
    const { service } = await makeHost()
    const pages = { first: ['host'], second: ['token'] }
    const integration = { ...service.integration, pages, subentries }
    await expect(createLatchkey({ integrations: [integration], store: memoryStore() })).rejects.toThrow(why)
  })

  it.each([
    { fields, pages: { login: ['name'] } },
    { stored: fields, methods: { one: { title: 'One', fields, pages: { login: ['name'] } } } },
    {
      stored: fields,
      methods: { one: { title: 'One', fields, pages: { login: ['name'] } }, two: { title: 'Two', fields } },
    },
  ])('is not called as a page of its integration: %#', async (forms) => {
    const integration = {
      domain: 'hub',
      title: 'Hub',
      ...forms,
      subentries: { login: { title: 'Login', fields, name } },
      connect: async () => ({ client: null, uniqueId: 'me' }),
    } as AnyIntegration
    const made = createLatchkey({ integrations: [integration], store: memoryStore() })
    await expect(made).rejects.toThrow('Integration "hub": the sub-entry type "login" has the name of a step')
  })

  it('has a name in every language', () => {
    const named = (words: object) =>
      checkTexts({
        domain: 'hub',
        title: 'Hub',
        fields,
        subentries: { room: { title: 'Room', fields, name } },
        texts: { de: { data: { name: 'Name' }, ...words } },
        connect: async () => ({ client: null, uniqueId: 'me' }),
      } as AnyIntegration).map(({ key }) => key)
    expect(named({})).toContain('subentries.room')
    expect(named({ subentries: { room: 'Raum' } })).not.toContain('subentries.room')
  })

  it('can have an optional secret', async () => {
    const handed: unknown[] = []
    const integration = defineIntegration({
      domain: 'hub',
      title: 'Hub',
      fields,
      subentries: { feed: { title: 'Feed', fields: z.object({ key: secret().optional() }), name } },
      connect: async (_, { subentries }) => {
        handed.push(subentries.map(({ values }) => values))
        return { client: null, uniqueId: 'me' }
      },
    })
    const latchkey = await createLatchkey({ integrations: [integration], store: memoryStore() })
    const { entryId } = await latchkey.flows.start({
      domain: 'hub',
      source: 'import',
      input: { name: 'a' },
    })
    const feed = { source: 'subentry', entryId: entryId ?? '', type: 'feed' } as const
    const form = await latchkey.flows.start(feed)
    expect(await latchkey.flows.submit(form.flowId, {}, form)).toMatchObject({ type: 'create_entry' })
    expect(handed.at(-1)).toEqual([{}])
    const [{ subentryId = '' } = {}] = (await latchkey.entries.get(entryId ?? '')).subentries
    const keyed = () =>
      latchkey.flows.start(
        { source: 'subentry', entryId: entryId ?? '', subentryId },
        { idempotencyKey: 'k' },
      )
    const { flowId } = await keyed()
    expect((await keyed()).flowId).toBe(flowId)
    await latchkey.flows.cancel(flowId)
    expect(await latchkey.entries.removeSubentry(entryId ?? '', subentryId)).toMatchObject({ subentries: [] })
    await latchkey.stop()
  })
})
