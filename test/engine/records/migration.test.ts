import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { plainCipher } from '../../../src/adapters/plain-cipher.ts'
import type { AnyIntegration } from '../../../src/authoring/integration.ts'
import type { EntryVersion } from '../../../src/authoring/migration.ts'
import { type Secret, secret } from '../../../src/authoring/secret.ts'
import { StoreError } from '../../../src/errors.ts'
import type { JsonObject } from '../../../src/ports/json.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { loginOf } from '../../crash/left-behind.ts'
import { addEntry, asForm, atRest, type Host, loseCredential, makeHost } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'
import { restorePointOf, rowOf, secondVersion } from '../versions.ts'

/** A host whose entry was set up by the first version, and has stopped; secrets are really sealed. */
async function firstHost() {
  const store = memoryStore()
  const host = await makeHost({ store, ...(store.cipher && { cipher: store.cipher }) })
  const entryId = await addEntry(host, { token: 'good-token' })
  await host.latchkey.entries.unload(entryId)
  return { host, entryId, original: await rowOf(store, entryId) }
}

/** The next version of the integration, in a separate process. */
async function nextHost(host: Host, integration: AnyIntegration = secondVersion(host.service)) {
  const next = await host.again({ integrations: [integration] })
  await next.latchkey.start()
  return next
}

const kindsOf = async ({ latchkey }: Host, entryId: string) =>
  (await latchkey.history(entryId)).items.map(({ kind, code }) => [kind, code].filter(Boolean).join(' '))

describe('an entry of an older version', () => {
  it('is migrated before a connect, and its original is deleted after it has loaded', async () => {
    const { host, entryId } = await firstHost()
    const held: unknown[] = []
    const { connect } = secondVersion(host.service)
    const watching: typeof connect = async (values, context) => {
      const { version, previous } = await rowOf(host.store, entryId)
      held.push([version, previous?.version])
      return connect(values, context)
    }
    const { latchkey } = await nextHost(host, { ...secondVersion(host.service), connect: watching })
    expect(held).toEqual([[2, 1]])
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded', reason: null })
    const row = await rowOf(host.store, entryId)
    expect(row).toMatchObject({ version: 2, data: { url: 'https://h' }, migrationError: null })
    expect(row).not.toHaveProperty('previous')
    expect(await loginOf(host.store, row)).toEqual({ url: 'https://h', apiToken: 'good-token' })
    expect(await kindsOf(host, entryId)).toEqual(['entry_created', 'entry_migrated 1→2'])
    expect(host.service.connects.at(-1)).toEqual({ host: 'h', token: 'good-token', code: null })
  })

  it('keeps its original while the service cannot be reached', async () => {
    const { host, entryId, original } = await firstHost()
    host.service.script('cannot_connect')
    const next = await nextHost(host)
    expect(await next.latchkey.entries.get(entryId)).toMatchObject({ state: 'setup_retry' })
    expect((await rowOf(host.store, entryId)).previous).toEqual({
      why: 'migrated',
      ...restorePointOf(original),
    })
    await next.pass(5_000)
    expect(await next.latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    expect(await rowOf(host.store, entryId)).not.toHaveProperty('previous')
  })

  it.each([
    ['setup_error', 'setup_error'],
    [{ throws: new TypeError('apiToken.reveal is not a function') }, 'unknown'],
    [{ connect: 'bob' }, 'wrong_account'],
  ] as const)('is as it was where the service answers %j to the new', async (answer, code) => {
    const { host, entryId, original } = await firstHost()
    host.service.script(answer)
    const { latchkey } = await nextHost(host)
    expect(await latchkey.entries.get(entryId)).toMatchObject({
      state: 'migration_error',
      reason: 'migration_error',
    })
    const row = await rowOf(host.store, entryId)
    expect(row).toEqual({ ...original, migrationError: code, revision: 3, updatedAt: expect.any(Number) })
    expect(await latchkey.attention.list()).toMatchObject([{ entryId, reason: 'migration_error' }])
    expect(host.service.open).toBe(0)
    const told = ['entry_created', 'entry_migrated 1→2', `migration_failed ${code}`]
    expect(await kindsOf(host, entryId)).toEqual(told)

    expect(await latchkey.entries.reload(entryId)).toMatchObject({ state: 'loaded' })
    expect(await latchkey.attention.list()).toEqual([])
  })

  it('stays unchanged if its migration throws, logs it once, and loads with a corrected integration', async () => {
    const { host, entryId, original } = await firstHost()
    const broken = secondVersion(host.service, ({ values: { token } }) => {
      throw new Error(`no place for ${token.reveal()}`, { cause: `${token}` })
    })
    const { latchkey, log } = await nextHost(host, broken)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'migration_error' })
    const row = await rowOf(host.store, entryId)
    expect(restorePointOf(row)).toEqual(restorePointOf(original))
    expect(row).toMatchObject({ migrationError: 'step_failed', revision: 2 })
    expect(log.lines).toMatchObject([
      {
        message: 'An entry could not be migrated.',
        fields: {
          entryId,
          code: 'step_failed',
          error: { cause: { message: 'no place for [secret]' } },
        },
      },
    ])
    expect(JSON.stringify(log.lines)).not.toContain('good-token')
    const store = await host.store.findEntries('default', { needs: true, limit: 1 })
    expect(store.items).toMatchObject([{ entryId }])

    const again = await nextHost(host, broken)
    expect(await again.latchkey.attention.list()).toMatchObject([{ entryId, reason: 'migration_error' }])
    expect((await rowOf(host.store, entryId)).revision).toBe(2)
    expect(host.service.connects).toHaveLength(1)

    const corrected = await nextHost(host)
    expect(await corrected.latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    expect(await rowOf(host.store, entryId)).toMatchObject({ version: 2, migrationError: null })
    expect(await kindsOf(host, entryId)).toEqual([
      'entry_created',
      'migration_failed step_failed',
      'entry_migrated 1→2',
    ])
    // A call of the process that could not read it goes on, too: by an integration that can.
    const call = again.latchkey.entries.use(broken, entryId, (client) => client.ping())
    await expect(call).resolves.toBe('pong')
  })

  it('loads again in the version that wrote it, which clears the migration error', async () => {
    const { host, entryId } = await firstHost()
    host.service.script('setup_error')
    await nextHost(host)
    const { latchkey } = await host.again()
    await latchkey.start()
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    expect(await latchkey.attention.list()).toEqual([])
    expect((await rowOf(host.store, entryId)).migrationError).toBeNull()
  })

  it('keeps the first original if several migrations happen before a load', async () => {
    const { host, entryId, original } = await firstHost()
    host.service.script('cannot_connect', 'setup_error')
    const second = secondVersion(host.service)
    await nextHost(host, second)
    const third = { ...second, version: 3, migrate: { ...second.migrate, 2: () => ({}) } }
    await nextHost(host, third)
    expect(restorePointOf(await rowOf(host.store, entryId))).toEqual(restorePointOf(original))
    await nextHost(host, third)
    expect(await rowOf(host.store, entryId)).toMatchObject({ version: 3, data: { url: 'https://h' } })
  })

  it('keeps the migrated values, and not those of an unverified reconfiguration', async () => {
    const { host, entryId, original } = await firstHost()
    const { data, sealed, version, options } = original
    const replaced = { why: 'reconfigured', version, options, data: { host: 'old' }, sealed } as const
    const previous = { ...replaced, reauth: null, rejected: false }
    const record = { ...original, revision: 2, previous }
    await host.store.apply('default', [{ put: 'entry', record, ifRevision: 1 }])
    host.service.script('setup_error')
    await nextHost(host)
    const row = await rowOf(host.store, entryId)
    expect({ data, sealed, version }).toEqual({ data: row.data, sealed: row.sealed, version: row.version })
    expect(row).not.toHaveProperty('previous')
  })

  it('adopts the unique id that its setup verifies, and deletes its original', async () => {
    const store = memoryStore()
    const host = await makeHost({ store, ...(store.cipher && { cipher: store.cipher }) })
    const entryId = await addEntry(host, { account: null })
    await host.latchkey.entries.unload(entryId)
    host.service.accounts.set('good', 'ann')
    const integration = { ...secondVersion(host.service), adoptUniqueId: true }
    const { latchkey } = await nextHost(host, integration)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded', uniqueId: 'ann' })
    const row = await rowOf(store, entryId)
    expect(row).toMatchObject({ version: 2, uniqueId: 'ann', migrationError: null })
    expect(row).not.toHaveProperty('previous')
    expect(await loginOf(store, row)).toEqual({ url: 'https://h', apiToken: 'good' })
    expect(await latchkey.entries.reload(entryId)).toMatchObject({ state: 'loaded' })
  })

  it('has no identity still where its set-up failed, and its original opens', async () => {
    const store = memoryStore()
    const host = await makeHost({ store, ...(store.cipher && { cipher: store.cipher }) })
    const entryId = await addEntry(host, { account: null })
    await host.latchkey.entries.unload(entryId)
    const original = await rowOf(store, entryId)
    host.service.script('setup_error')
    const integration = { ...secondVersion(host.service), adoptUniqueId: true }
    const { latchkey } = await nextHost(host, integration)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'migration_error', uniqueId: null })
    const row = await rowOf(store, entryId)
    expect(restorePointOf(row)).toEqual(restorePointOf(original))
    expect(await loginOf(store, row)).toEqual({ host: 'h', token: 'good' })
  })

  it('is left alone while it is disabled', async () => {
    const { host, entryId } = await firstHost()
    await host.latchkey.entries.disable(entryId)
    const row = await rowOf(host.store, entryId)
    const { latchkey } = await host.again({ integrations: [secondVersion(host.service)] })
    expect(await latchkey.entries.setup(entryId)).toMatchObject({ state: 'disabled' })
    expect(await rowOf(host.store, entryId)).toEqual(row)
    expect(await latchkey.entries.enable(entryId)).toMatchObject({ state: 'loaded' })
  })

  it('does not retry a refused credential; a user repairs it in the new form', async () => {
    const { host, entryId } = await firstHost()
    await host.latchkey.entries.setup(entryId)
    const old = await loseCredential(host, entryId, 'good-token')
    const logins = host.service.connects.length
    const { latchkey } = await nextHost(host)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'reauth_required' })
    expect(host.service.connects).toHaveLength(logins)
    const form = asForm(await latchkey.flows.get(old.flowId))
    expect(form).toMatchObject({ revision: old.revision, order: ['apiToken'], values: {} })
    host.service.accounts.set('fresh', 'ann')
    const end = await latchkey.flows.submit(form.flowId, { apiToken: 'fresh' }, form)
    expect(end).toMatchObject({ reason: 'reauth_successful', entryState: 'loaded' })
    const row = await rowOf(host.store, entryId)
    expect(row).toMatchObject({ version: 2, data: { url: 'https://h' } })
    expect(row).not.toHaveProperty('previous')
  })

  it('shows in a flow that began before it what its form still has', async () => {
    const { host, entryId } = await firstHost()
    const before = asForm(await host.latchkey.flows.start({ source: 'reconfigure', entryId }))
    expect(before.values).toEqual({ host: 'h' })
    const { latchkey } = await nextHost(host)
    const form = asForm(await latchkey.flows.get(before.flowId))
    expect(form).toMatchObject({ order: ['url', 'apiToken'], values: {} })
  })

  it('is brought to the new version by the flow that is first to need it', async () => {
    const { host, entryId } = await firstHost()
    const { latchkey } = await host.again({ integrations: [secondVersion(host.service)] })
    const form = asForm(await latchkey.flows.start({ source: 'reconfigure', entryId }))
    expect(form.values).toEqual({ url: 'https://h' })
    expect((await rowOf(host.store, entryId)).version).toBe(2)
  })

  it('opens no flow of a version that it cannot be brought to', async () => {
    const { host, entryId } = await firstHost()
    const third = { ...secondVersion(host.service), version: 3, migrate: { 2: () => ({}) } }
    const { latchkey } = await nextHost(host, third)
    expect((await rowOf(host.store, entryId)).migrationError).toBe('no_step')
    await expect(latchkey.flows.start({ source: 'reauth', entryId })).rejects.toMatchObject({
      code: 'ENTRY_VERSION',
      entryId,
      version: 1,
      supported: 3,
    })
  })
})

describe('a migration', () => {
  const tampered = async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    await host.latchkey.entries.unload(entryId)
    const next = await host.again({ integrations: [secondVersion(host.service)] })
    return { store, host, next, entryId, entries: next.latchkey.entries }
  }
  const full = async () => {
    throw new StoreError('The disk is full.')
  }

  it('that cannot be written is retried, and no connect happens before', async () => {
    const { store, host, next, entryId, entries } = await tampered()
    store.onApply = full
    expect(await entries.setup(entryId)).toMatchObject({ state: 'setup_retry', reason: 'unknown' })
    expect(host.service.connects).toHaveLength(1)
    store.onApply = (apply) => apply()
    await next.pass(5_000)
    expect(await entries.get(entryId)).toMatchObject({ state: 'loaded' })
  })

  it('that cannot be encrypted is retried: the cipher is at fault, not the integration', async () => {
    const { store, host, entryId } = await tampered()
    const original = await rowOf(store, entryId)
    const seal = async () => {
      throw new Error('The key is away.')
    }
    const cipher = { ...plainCipher(), seal }
    const sealless = await host.again({ integrations: [secondVersion(host.service)], cipher })
    expect(await sealless.latchkey.entries.setup(entryId)).toMatchObject({ state: 'setup_retry' })
    expect(await rowOf(store, entryId)).toEqual(original)
  })

  it('waits while another process refreshes the token of the entry', async () => {
    const { store, next, entryId, entries } = await tampered()
    const row = await rowOf(store, entryId)
    const lease = { holder: 'another', until: next.clock.now() + 4_000 }
    const record = { ...row, lease, revision: row.revision + 1 }
    await store.apply('default', [{ put: 'entry', record, ifRevision: row.revision }])
    expect(await entries.setup(entryId)).toMatchObject({ state: 'setup_retry' })
    expect(await rowOf(store, entryId)).toEqual(record)
    await next.pass(5_000)
    expect(await entries.get(entryId)).toMatchObject({ state: 'loaded' })
  })

  it('whose end cannot be written lets the entry load, and ends later', async () => {
    const { store, next, entryId, entries } = await tampered()
    let writes = 0
    store.onApply = (apply) => (++writes === 2 ? full() : apply())
    expect(await entries.setup(entryId)).toMatchObject({ state: 'loaded' })
    expect(next.log.messages).toEqual(['A migration could not be completed.'])
    expect(await rowOf(store, entryId)).toMatchObject({ previous: { version: 1 } })
    await entries.reload(entryId)
    expect(await rowOf(store, entryId)).not.toHaveProperty('previous')
  })

  it('that cannot be undone is retried until it can', async () => {
    const { store, host, next, entryId, entries } = await tampered()
    const original = await rowOf(store, entryId)
    host.service.script('setup_error', 'setup_error')
    let writes = 0
    store.onApply = (apply) => (++writes === 2 ? full() : apply())
    expect(await entries.setup(entryId)).toMatchObject({ state: 'setup_retry', reason: 'unknown' })
    await next.pass(5_000)
    expect(await entries.get(entryId)).toMatchObject({ state: 'migration_error' })
    expect(restorePointOf(await rowOf(store, entryId))).toEqual(restorePointOf(original))
  })

  it('is taken back from the row as it is then: what others wrote stays', async () => {
    const { store, host, entryId, entries } = await tampered()
    host.service.script('setup_error')
    let writes = 0
    store.onApply = async (apply) => {
      if (++writes === 2) await host.latchkey.entries.update(entryId, { title: 'Attic' })
      await apply()
    }
    expect(await entries.setup(entryId)).toMatchObject({ state: 'migration_error', title: 'Attic' })
    expect(await rowOf(store, entryId)).toMatchObject({ version: 1, title: 'Attic' })
  })

  it.each([1, 2])('ends where the entry is removed before its write %i', async (write) => {
    const { store, host, entryId, entries } = await tampered()
    host.service.script('setup_error')
    let writes = 0
    store.onApply = async (apply) => {
      if (++writes === write) {
        const { revision } = await rowOf(store, entryId)
        await store.inner.apply('default', [{ remove: 'entry', id: entryId, ifRevision: revision }])
      }
      await apply()
    }
    await expect(entries.setup(entryId)).rejects.toMatchObject({ code: 'UNKNOWN_ENTRY' })
    expect(host.service.connects).toHaveLength(write)
    expect(host.service.open).toBe(0)
  })

  it('of the match values updates the match key', async () => {
    const service = new ScriptedService({ abortIfEntriesMatch: ['host'] })
    const host = await makeHost({ service })
    await addEntry(host, { host: 'one' })
    await addEntry(host, { host: 'two', token: 'second', account: 'bob' })
    service.accounts.set('third', 'eve')
    const matching = { ...secondVersion(service), abortIfEntriesMatch: ['url'] as const }
    const add = async ({ latchkey }: Host, url: string) => {
      const { flowId, revision } = await latchkey.flows.start({ domain: 'scripted', source: 'user' })
      return latchkey.flows.submit(flowId, { url, apiToken: 'third' }, { revision })
    }
    const next = await nextHost(host, matching)
    for (const url of ['https://one', 'https://two'])
      expect(await add(next, url)).toMatchObject({ reason: 'already_configured' })
    expect(await add(next, 'https://three')).toMatchObject({ type: 'create_entry' })
  })

  it('leaves an account without a unique id known to its discovery', async () => {
    const host = await makeHost()
    host.service.accounts.set('good', null)
    const announce = ({ latchkey }: Host, values: JsonObject) =>
      latchkey.flows.start({
        domain: 'scripted',
        source: 'discovery',
        discovery: { uniqueId: 'hub-1', values },
      })
    const form = await announce(host, { host: 'h' })
    const { entryId } = await host.latchkey.flows.submit(form.flowId, { host: 'h', token: 'good' }, form)
    const next = await nextHost(host)
    expect(await rowOf(host.store, entryId ?? '')).toMatchObject({ version: 2, uniqueId: null })
    const known = { reason: 'already_configured', entryId }
    expect(await announce(next, { url: 'https://h' })).toMatchObject(known)
  })

  it.each(['loaded', 'migration_error'])(
    'lets two entries go on that have come to match, where the second is %s in the end',
    async (state) => {
      const service = new ScriptedService({ abortIfEntriesMatch: ['host'] })
      const host = await makeHost({ service })
      const ids = [
        await addEntry(host, { host: 'one' }),
        await addEntry(host, { host: 'two', token: 'second', account: 'bob' }),
      ] as const
      const originals = await Promise.all(ids.map((id) => rowOf(host.store, id)))
      const same = secondVersion(service, ({ values: { token } }) => ({
        values: { url: 'https://same', apiToken: token },
      }))
      const next = await host.again({ integrations: [{ ...same, abortIfEntriesMatch: ['url'] }] })
      expect(await next.latchkey.entries.setup(ids[0])).toMatchObject({ state: 'loaded' })
      if (state === 'migration_error') service.script('setup_error')
      expect(await next.latchkey.entries.setup(ids[1])).toMatchObject({ state })
      const [first, second] = await Promise.all(ids.map((id) => rowOf(host.store, id)))
      expect(first?.matchKey).not.toBe(originals[0]?.matchKey)
      expect(second?.matchKey).toBe(state === 'loaded' ? undefined : originals[1]?.matchKey)
    },
  )

  it('of options only leaves the values, and of both is one write', async () => {
    const { host, entryId, original } = await firstHost()
    const record = { ...original, revision: 2, options: { every: 5 } }
    await host.store.apply('default', [{ put: 'entry', record, ifRevision: 1 }])
    const { integration } = host.service
    await nextHost(host, {
      ...integration,
      version: 2,
      migrate: { 1: ({ options: { every } }) => ({ options: { seconds: Number(every) * 60 } }) },
    })
    const row = await rowOf(host.store, entryId)
    expect(row).toMatchObject({ version: 2, data: original.data, options: { seconds: 300 } })
    expect(await loginOf(host.store, row)).toEqual({ host: 'h', token: 'good-token' })
  })
})

describe('a migration of everything', () => {
  const room = z.object({ floor: z.int(), pin: secret() })
  const plan = z.object({ level: z.int(), pin: secret() })
  const definition = { title: 'Room', name: () => ({ title: 'x' }) }

  /** An entry with a room, a migration that has changed all of it, and the process that loads it. */
  async function migrating({ connect = 'new-ann' }: { readonly connect?: string } = {}) {
    const store = memoryStore()
    const host = await makeHost({ store, ...(store.cipher && { cipher: store.cipher }) })
    const { integration } = host.service
    const subentries = [
      { type: 'room', title: 'Attic', uniqueId: 'a', values: { floor: 3, pin: 'pin-secret' } },
    ]
    const received: unknown[] = []
    const first: AnyIntegration = {
      ...integration,
      connect: async (...of) => ({ ...(await integration.connect(...of)), subentries }),
      subentries: { room: { ...definition, fields: room } },
    }
    const entryId = await addEntry(await host.again({ integrations: [first] }))
    const original = await rowOf(store, entryId)
    const second = {
      ...integration,
      version: 2,
      options: z.object({ interval: z.int().default(60) }),
      connect: (async (values, context) => {
        received.push(
          context.subentries.map((each: object) => [
            each,
            (each as { values: { pin: Secret } }).values.pin.reveal(),
          ]),
        )
        return integration.connect(values, context)
      }) satisfies typeof integration.connect,
      subentries: { room: { ...definition, version: 2, fields: plan, migrate: { 1: raised } } },
      migrate: {
        1: ({ uniqueId, subentries: rooms }: EntryVersion) => ({
          options: { interval: 5 },
          uniqueId: `new-${uniqueId}`,
          subentries: [...rooms, { ...rooms[0], subentryId: undefined, title: 'Hall', uniqueId: null }],
        }),
      },
    } as AnyIntegration
    host.service.accounts.set('good', connect)
    return { host, store, entryId, original, second, received }
  }
  const raised = ({ floor, ...rest }: object & { floor?: unknown }) => ({ ...rest, level: Number(floor) + 1 })

  it('is one write, and its original is deleted after the entry has loaded', async () => {
    const { host, store, entryId, second, received } = await migrating()
    const { latchkey } = await nextHost(host, second)
    expect(await latchkey.entries.get(entryId)).toMatchObject({
      ...{ state: 'loaded', uniqueId: 'new-ann', options: { interval: 5 } },
      subentries: [
        { title: 'Attic', uniqueId: 'a', revision: 2 },
        { title: 'Hall', uniqueId: null, revision: 1 },
      ],
    })
    expect(received.at(-1)).toMatchObject([
      [{ values: { level: 4 } }, 'pin-secret'],
      [{ values: { level: 4 } }, 'pin-secret'],
    ])
    const row = await rowOf(store, entryId)
    expect(row.subentries?.items.map(({ version }) => version)).toEqual([2, 2])
    expect(row).not.toHaveProperty('previous')
  })

  it('is undone as a whole if the entry does not load with it', async () => {
    const { host, store, entryId, second, original } = await migrating()
    host.service.script('setup_error')
    const { latchkey } = await nextHost(host, second)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'migration_error', uniqueId: 'ann' })
    const { subentries, ...row } = await rowOf(store, entryId)
    expect(restorePointOf({ ...row, ...(subentries && { subentries }) })).toEqual(restorePointOf(original))
    expect(subentries?.items).toEqual(original.subentries?.items)
    expect(await loginOf(store, row)).toEqual({ host: 'h', token: 'good' })
    host.service.accounts.set('good', 'new-ann')
    expect(await latchkey.entries.reload(entryId)).toMatchObject({ state: 'loaded', uniqueId: 'new-ann' })
  })

  it('keeps the original of the first of several', async () => {
    const { host, store, entryId, second, original } = await migrating()
    host.service.script('cannot_connect', 'setup_error')
    await nextHost(host, second)
    const third = { ...second, version: 3, migrate: { ...second.migrate, 2: () => ({ subentries: [] }) } }
    await nextHost(host, third)
    expect((await rowOf(store, entryId)).subentries?.items).toEqual(original.subentries?.items)
  })

  it('changes only the sub-entries if only their type has a new version', async () => {
    const { host, store, entryId, second, original } = await migrating({ connect: 'ann' })
    const { version: _, migrate: __, ...same } = second
    host.service.script('setup_error')
    const one = await nextHost(host, same)
    expect(await one.latchkey.entries.get(entryId)).toMatchObject({ state: 'migration_error' })
    expect((await rowOf(store, entryId)).subentries?.items).toEqual(original.subentries?.items)
    const { latchkey } = await nextHost(host, same)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    const { version, subentries, migrationError } = await rowOf(store, entryId)
    expect([version, migrationError]).toEqual([1, null])
    expect(subentries?.items).toMatchObject([{ version: 2, data: { level: 4 }, revision: 2 }])
    expect(await kindsOf(host, entryId)).toContain('entry_migrated subentries')
    const older = await nextHost(host, { ...same, subentries: { room: { ...definition, fields: room } } })
    expect(await older.latchkey.entries.get(entryId)).toMatchObject({ reason: 'newer_version' })
    await expect(older.latchkey.flows.start({ source: 'options', entryId })).rejects.toMatchObject({
      ...{ code: 'ENTRY_VERSION', version: 2, supported: 1 },
    })
  })

  it('leaves a sub-entry that cannot be decrypted, so that it does not block the entry', async () => {
    const { host, store, entryId, second, original } = await migrating()
    const [item] = original.subentries?.items ?? []
    if (item === undefined) throw new Error('There is a sub-entry.')
    const broken = { ...item, subentryId: 'broken', sealed: 'not sealed' }
    const items = [broken, { ...broken, subentryId: 'removed', type: 'cellar' }, item]
    const record = { ...original, revision: original.revision + 1, subentries: { revision: 2, items } }
    await store.apply('default', [{ put: 'entry', record, ifRevision: original.revision }])
    const { latchkey } = await nextHost(host, second)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    const after = (await rowOf(store, entryId)).subentries?.items
    expect(after?.map(({ title, version, revision }) => [title, version, revision])).toEqual([
      ['Attic', 2, 2],
      ['Hall', 2, 1],
      ['Attic', 2, 1],
      // The integration does not have this type any more.
      ['Attic', undefined, 1],
    ])
  })

  it('ends also if another process has added a sub-entry since', async () => {
    const { host, store, entryId, second } = await migrating()
    host.service.script({ held: { connect: 'new-ann' } })
    const { latchkey } = await host.again({ integrations: [second] })
    const started = latchkey.start()
    await atRest()
    const row = await rowOf(store, entryId)
    const [item] = row.subentries?.items ?? []
    if (item === undefined) throw new Error('There is a sub-entry.')
    const items = [...(row.subentries?.items ?? []), { ...item, subentryId: 'added', uniqueId: 'b' }]
    const record = { ...row, revision: row.revision + 1, subentries: { revision: 9, items } }
    await store.apply('default', [{ put: 'entry', record, ifRevision: row.revision }])
    host.service.release()
    await started
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    expect(await rowOf(store, entryId)).not.toHaveProperty('previous')
  })

  it('lets a new sub-entry have the version of its type', async () => {
    const { host, store, entryId, second } = await migrating()
    const { latchkey } = await nextHost(host, second)
    const form = asForm(await latchkey.flows.start({ source: 'subentry', entryId, type: 'room' }))
    await latchkey.flows.submit(form.flowId, { level: 1, pin: 'pin-secret' }, form)
    expect((await rowOf(store, entryId)).subentries?.items.map(({ version }) => version)).toEqual([2, 2, 2])
  })

  it('names what does not fit in the attention list, the log and the history, until it fits', async () => {
    const { host, store, entryId, second } = await migrating()
    const wrong = (path: object) => ({ ...second, migrate: { 1: () => path } })
    const { latchkey, log } = await nextHost(host, wrong({ options: { interval: 'often' } }))
    const item = { entryId, reason: 'migration_error', path: '/options/interval' }
    expect(await latchkey.attention.list()).toMatchObject([item])
    expect(log.lines[0]?.fields).toMatchObject({ code: 'invalid_values' })
    const { items } = await latchkey.history(entryId)
    expect(items.at(-1)).toMatchObject({ code: 'invalid_values', detail: { field: '/options/interval' } })
    const { revision } = await rowOf(store, entryId)
    await nextHost(host, wrong({ options: { interval: 'often' } }))
    expect((await rowOf(store, entryId)).revision).toBe(revision)
    const other = await nextHost(host, wrong({ values: { token: 't' } }))
    expect(await other.latchkey.attention.list()).toMatchObject([{ path: '/values/host' }])
    await nextHost(host, wrong({ uniqueId: 'new-ann' }))
    expect(await rowOf(store, entryId)).toMatchObject({ migrationError: null, migrationPath: null })
  })

  it('clears the path with a repair of the user', async () => {
    const { host, store, entryId, second } = await migrating({ connect: 'ann' })
    const { latchkey } = await nextHost(host, { ...second, migrate: { 1: () => ({ uniqueId: '' }) } })
    expect(await latchkey.attention.list()).toMatchObject([{ path: '/uniqueId' }])
    const form = asForm(await latchkey.flows.start({ source: 'reconfigure', entryId }))
    await latchkey.flows.submit(form.flowId, { host: 'h', token: 'good' }, form)
    expect(await rowOf(store, entryId)).toMatchObject({
      version: 2,
      migrationError: null,
      migrationPath: null,
    })
  })

  it('does not take the unique id of another entry', async () => {
    const { host, entryId, second, store } = await migrating()
    const other = await addEntry(host, { token: 'other', account: 'new-ann' })
    await host.latchkey.entries.disable(other)
    const { latchkey } = await nextHost(host, second)
    expect(await latchkey.attention.list()).toMatchObject([{ entryId, path: '/uniqueId' }])
    expect(await rowOf(store, entryId)).toMatchObject({ uniqueId: 'ann', migrationError: 'identity_taken' })
  })

  it('keeps the new unique id with the original values if another entry has taken the old one', async () => {
    const { host, entryId, second, store } = await migrating()
    host.service.script('cannot_connect')
    await nextHost(host, second)
    const other = await addEntry(host, { token: 'other', account: 'ann' })
    await host.latchkey.entries.disable(other)
    host.service.script('setup_error')
    const { latchkey } = await nextHost(host, second)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'migration_error' })
    const row = await rowOf(store, entryId)
    expect(row).toMatchObject({ uniqueId: 'new-ann', version: 1 })
    expect(await loginOf(store, row)).toEqual({ host: 'h', token: 'good' })
  })
})
