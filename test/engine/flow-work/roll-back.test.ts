import { describe, expect, it } from '@jest/globals'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import type { Core } from '../../../src/engine/kernel/core.ts'
import { openSecrets } from '../../../src/engine/secrets/vault.ts'
import { FailingStore, fullDisk } from '../../../src/testing/failing-store.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { addEntry, afterLeases, asForm, loseCredential, makeHost, openForm } from '../host.ts'

/** A host with adopt: false and a loaded entry. */
async function connectingAnew(
  overrides: ConstructorParameters<typeof ScriptedService>[0] = {},
  account: string | null = 'ann',
) {
  const store = new FailingStore(memoryStore())
  const host = await makeHost({ store, service: new ScriptedService({ adopt: false, ...overrides }) })
  const entryId = await addEntry(host, { account })
  host.service.accounts.set('next', 'ann')
  const { flows, entries } = host.latchkey
  const row = async () => {
    const entry = await store.getEntry('default', entryId)
    if (entry === undefined) throw new Error('There is no entry.')
    return entry
  }
  const login = async () => {
    const entry = await row()
    const core: Pick<Core, 'cipher'> = {
      cipher: (await import('../../../src/adapters/plain-cipher.ts')).plainCipher(),
    }
    return { ...entry.data, ...(await openSecrets(core as Core, entry)) }
  }
  const open = async () => asForm(await flows.start({ source: 'reconfigure', entryId }))
  const submit = async (token = 'next') => {
    const { flowId, revision } = await open()
    return flows.submit(flowId, { host: 'h2', token }, { revision })
  }
  const ping = () => entries.use(host.service.integration, entryId, (client) => client.ping())
  return { ...host, store, entryId, row, login, open, submit, ping }
}

describe('a reconfiguration with adopt: false', () => {
  it('is saved after the entry has loaded with it, and the previous values are deleted', async () => {
    const host = await connectingAnew()
    expect(await host.submit()).toMatchObject({ reason: 'reconfigure_successful', entryState: 'loaded' })
    expect(await host.login()).toEqual({ host: 'h2', token: 'next' })
    expect((await host.row()).previous).toBeUndefined()
    expect(host.service.open).toBe(1)
    expect(host.service.connects).toHaveLength(4)
  })

  it.each([
    ['cannot_connect', 'cannot_connect'],
    ['invalid_auth', 'invalid_auth'],
    ['setup_error', 'setup_error'],
  ] as const)('is undone if the entry meets %s, and can be submitted again', async (answer, code) => {
    const host = await connectingAnew()
    host.service.script({ connect: 'ann' }, answer)
    const shown = await host.submit()
    expect(shown).toMatchObject({
      type: 'form',
      step: 'reconfigure',
      errors: { base: { code } },
      values: { host: 'h2' },
    })
    expect(await host.login()).toEqual({ host: 'h', token: 'good' })
    const entry = await host.row()
    expect(entry).toMatchObject({ credentialRevision: 3, reauth: null, rejectedRevision: null })
    expect(entry.previous).toBeUndefined()
    expect(await host.ping()).toBe('pong')
    expect(await host.latchkey.attention.list()).toEqual([])
    expect(host.service.open).toBe(1)
    const end = await host.latchkey.flows.submit(shown.flowId, { host: 'h2', token: 'next' }, shown)
    expect(end).toMatchObject({ reason: 'reconfigure_successful' })
    expect(await host.login()).toEqual({ host: 'h2', token: 'next' })
    const { items } = await host.latchkey.history(host.entryId)
    const kinds = items.map(({ kind }) => kind).filter((kind) => kind.startsWith('credential'))
    expect(kinds).toEqual(['credential_updated', 'credential_restored', 'credential_updated'])
  })

  it('puts back a need that there was before', async () => {
    const host = await connectingAnew()
    await loseCredential(host, host.entryId)
    const { reauth } = await host.row()
    host.service.script({ connect: 'ann' }, 'cannot_connect')
    await host.submit()
    expect(await host.row()).toMatchObject({ reauth, rejectedRevision: 3, credentialRevision: 3 })
    expect(await host.latchkey.entries.get(host.entryId)).toMatchObject({ state: 'reauth_required' })
    expect(await host.latchkey.attention.list()).toHaveLength(1)
  })

  it('is undone with the identity that the entry adopted by it', async () => {
    const host = await connectingAnew({ adoptUniqueId: true }, null)
    const before = await host.row()
    host.service.script({ connect: 'ann' }, 'cannot_connect', { connect: null })
    expect(await host.submit()).toMatchObject({ errors: { base: { code: 'cannot_connect' } } })
    const { uniqueId, sealed, data } = before
    expect(await host.row()).toMatchObject({ uniqueId, sealed, data })
    expect(await host.latchkey.entries.get(host.entryId)).toMatchObject({ state: 'loaded', uniqueId: null })
    expect(host.service.connects.at(-1)).toMatchObject({ host: 'h', token: 'good' })
  })

  it('is undone together with its match key', async () => {
    const host = await connectingAnew({ abortIfEntriesMatch: ['host'] })
    host.service.script({ connect: 'ann' }, 'cannot_connect')
    await host.submit()
    host.service.accounts.set('other', 'bob')
    const add = async (at: string) => {
      const { flowId, revision } = await host.latchkey.flows.start({ domain: 'scripted', source: 'user' })
      return host.latchkey.flows.submit(flowId, { host: at, token: 'other' }, { revision })
    }
    expect(await add('h')).toMatchObject({ reason: 'already_configured' })
    expect(await add('h2')).toMatchObject({ type: 'create_entry' })
  })

  it('leaves the new login, whole, where the process ends before it is known', async () => {
    const host = await connectingAnew()
    host.service.script({ connect: 'ann' }, { hangs: true })
    const submitted = host.submit().catch((error: unknown) => error)
    while ((await host.row()).previous === undefined) await new Promise((go) => setImmediate(go))
    const { latchkey } = await afterLeases(host)
    expect(await host.login()).toEqual({ host: 'h2', token: 'next' })
    const [form] = (await latchkey.flows.list()).items
    expect(form).toMatchObject({ type: 'form', step: 'reconfigure' })
    await latchkey.start()
    expect((await host.row()).previous).toBeUndefined()
    expect(await latchkey.entries.get(host.entryId)).toMatchObject({ state: 'loaded' })
    await latchkey.flows.cancel(form?.flowId ?? '')
    host.clock.increment(30_000)
    await submitted
    expect(await host.login()).toEqual({ host: 'h2', token: 'next' })
  })

  it.each([
    ['is saved', 1],
    ['is put back', 2],
  ])('goes on in the next process from what the entry is, where one ends once it %s', async (_, write) => {
    const host = await connectingAnew()
    host.service.script({ connect: 'ann' }, 'cannot_connect')
    const form = await host.open()
    const { promise: isWritten, resolve } = Promise.withResolvers<void>()
    host.store.after('apply', write, () => {
      resolve()
      return new Promise<void>(() => {})
    })
    void host.latchkey.flows.submit(form.flowId, { host: 'h2', token: 'next' }, form)
    await isWritten
    const { latchkey } = await afterLeases(host)
    await latchkey.start()
    const again = await latchkey.flows.get(form.flowId)
    const end = await latchkey.flows.submit(form.flowId, { host: 'h3', token: 'next' }, again)
    expect(end).toMatchObject({ reason: 'reconfigure_successful', entryState: 'loaded' })
    expect(await host.login()).toEqual({ host: 'h3', token: 'next' })
  })

  const overtaken = async (
    act: (host: Awaited<ReturnType<typeof connectingAnew>>) => Promise<void>,
    overrides: Parameters<typeof connectingAnew>[0] = {},
  ) => {
    const host = await connectingAnew(overrides)
    host.service.script({ connect: 'ann' }, { hangs: true })
    const submitted = host.submit()
    while ((await host.row()).previous === undefined) await new Promise((go) => setImmediate(go))
    await act(host)
    host.clock.increment(30_000)
    return { ...host, end: await submitted }
  }
  const rewrite =
    (changes: object) =>
    async ({ row, store }: Awaited<ReturnType<typeof connectingAnew>>) => {
      const entry = await row()
      const record = { ...entry, ...changes, revision: entry.revision + 1 }
      await store.apply('default', [{ put: 'entry', record, ifRevision: entry.revision }])
    }

  it('is not undone if the credential was changed since then', async () => {
    const { end } = await overtaken(rewrite({ credentialRevision: 9 }))
    expect(end).toMatchObject({ type: 'abort', reason: 'entry_changed' })
  })

  it('is not undone if another entry has the previous match values since then', async () => {
    const { end, row } = await overtaken(
      async (host) => {
        host.service.accounts.set('other', 'bob')
        const rival = await host.again()
        const form = await openForm(rival.latchkey)
        const added = await rival.latchkey.flows.submit(form.flowId, { host: 'h', token: 'other' }, form)
        expect(added).toMatchObject({ type: 'create_entry' })
      },
      { abortIfEntriesMatch: ['host'] },
    )
    expect(end).toMatchObject({ type: 'abort', reason: 'already_configured', success: false })
    expect(await row()).toMatchObject({ data: { host: 'h2' } })
  })

  it('ends if the entry was disabled since then', async () => {
    const { end } = await overtaken(rewrite({ disabled: true }))
    expect(end).toMatchObject({ type: 'abort', reason: 'entry_disabled' })
  })

  it('ends if the entry was removed since then', async () => {
    const { end } = await overtaken(async ({ row, store, entryId: id }) => {
      await store.apply('default', [{ remove: 'entry', id, ifRevision: (await row()).revision }])
    })
    expect(end).toMatchObject({ type: 'abort', reason: 'entry_removed' })
  })

  it('is undone and keeps a title that was changed since then', async () => {
    const { end, row } = await overtaken(async (host) => {
      const rival = await host.again()
      host.store.before('apply', 1, async () => {
        await rival.latchkey.entries.update(host.entryId, { title: 'Hall' })
      })
    })
    expect(end).toMatchObject({ step: 'reconfigure', errors: { base: { code: 'timeout' } } })
    expect(await row()).toMatchObject({ title: 'Hall', data: { host: 'h' } })
  })

  it('stays as it was saved where the store fails to undo it', async () => {
    const { end, login } = await overtaken(async ({ store }) => store.before('apply', 1, fullDisk))
    expect(end).toMatchObject({ type: 'abort', reason: 'unknown', success: false })
    expect(await login()).toEqual({ host: 'h2', token: 'next' })
  })

  it('ends as another process has ended it', async () => {
    const { end } = await overtaken(async (host) => {
      const rival = await host.again()
      const [flow] = (await rival.latchkey.flows.list()).items
      await rival.latchkey.flows.cancel(flow?.flowId ?? '')
    })
    expect(end).toMatchObject({ type: 'abort', reason: 'cancelled' })
  })

  it('loads even if the previous values cannot be deleted', async () => {
    const host = await connectingAnew()
    host.store.before('apply', 3, fullDisk)
    expect(await host.submit()).toMatchObject({ reason: 'reconfigure_successful', entryState: 'loaded' })
    expect(host.log.messages).toContain('The result of a setup could not be recorded.')
    expect((await host.row()).previous).toBeDefined()
    await host.latchkey.entries.reload(host.entryId)
    expect((await host.row()).previous).toBeUndefined()
  })
})
