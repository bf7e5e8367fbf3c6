import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { joseCipher } from '../../../src/adapters/jose-cipher.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { defineIntegration } from '../../../src/authoring/integration.ts'
import { secret } from '../../../src/authoring/secret.ts'
import { createLatchkey } from '../../../src/engine/create-latchkey.ts'
import { IntegrationError } from '../../../src/errors.ts'
import { FailingStore, fullDisk } from '../../../src/testing/failing-store.ts'
import { addEntry, asForm, atRest, type HostOptions, loseCredential, makeHost } from '../host.ts'

const options = z.object({
  interval: z.int().min(1).default(60).meta({ title: 'Interval' }),
  note: z.string().optional(),
})

/** A host whose integration has options, and a loaded entry. `seen` lists the options of each connect. */
async function withOptions(more: HostOptions = {}) {
  const host = await makeHost(more)
  const seen: unknown[] = []
  const { integration } = host.service
  const withThem = defineIntegration({
    ...integration,
    options,
    connect: (values, context) => {
      seen.push(context.options)
      return integration.connect(values, context)
    },
  })
  const own = await host.again({ integrations: [withThem] })
  const entryId = await addEntry(own)
  const { flows, entries } = own.latchkey
  const open = async () => asForm(await flows.start({ source: 'options', entryId }))
  const change = async (input: object) => {
    const { flowId, revision } = await open()
    return flows.submit(flowId, input, { revision })
  }
  const use = () => entries.use(withThem, entryId, (_, context) => context.options)
  return { ...own, withThem, seen, entryId, open, change, use }
}

describe('the options of an entry', () => {
  it('are shown as they are, changed without a login, and seen after the reload', async () => {
    const { latchkey, service, entryId, seen, open, change, use, store } = await withOptions()
    expect(await open()).toMatchObject({
      step: 'init',
      source: 'options',
      machine: 'optionsFlow',
      values: { interval: 60 },
      order: ['interval', 'note'],
      lastStep: true,
      errors: {},
    })
    expect(await use()).toEqual({ interval: 60 })
    const before = await store.getEntry('default', entryId)
    expect(await change({ interval: 5, note: 'hall' })).toMatchObject({
      type: 'abort',
      reason: 'options_successful',
      success: true,
      entryState: 'loaded',
      text: 'Options saved.',
    })
    expect(seen).toEqual([{ interval: 60 }, { interval: 5, note: 'hall' }])
    expect(await use()).toEqual({ interval: 5, note: 'hall' })
    expect(await open()).toMatchObject({ values: { interval: 5, note: 'hall' } })
    const view = await latchkey.entries.get(entryId)
    expect(view).toMatchObject({ options: { interval: 5, note: 'hall' }, revision: 2, state: 'loaded' })
    const after = await store.getEntry('default', entryId)
    const { revision: _, updatedAt: __, options: ___, ...rest } = before ?? {}
    expect(after).toMatchObject(rest)
    expect(service.open).toBe(1)
    const { items } = await latchkey.history(entryId)
    expect(items.map(({ kind, code }) => [kind, code])).toEqual([
      ['entry_created', null],
      ['flow_started', 'options'],
      ['options_changed', null],
      ['flow_started', 'options'],
    ])
  })

  it('that are the same save nothing and reload nothing', async () => {
    const { latchkey, entryId, seen, change } = await withOptions()
    await change({ note: 'hall', interval: 5 })
    const { revision } = await latchkey.entries.get(entryId)
    const connects = seen.length
    expect(await change({ interval: 5, note: 'hall' })).toMatchObject({ reason: 'options_successful' })
    expect((await latchkey.entries.get(entryId)).revision).toBe(revision)
    expect(seen).toHaveLength(connects)
  })

  it('that are left out are unset again', async () => {
    const { change, use } = await withOptions()
    await change({ interval: 5, note: 'hall' })
    await change({ interval: 5 })
    expect(await use()).toEqual({ interval: 5 })
  })

  it('are checked by their schema', async () => {
    const { change, latchkey, entryId } = await withOptions()
    expect(await change({ interval: 0 })).toMatchObject({
      step: 'init',
      errors: { '/interval': { code: 'too_small' } },
      values: { interval: 0 },
    })
    expect((await latchkey.entries.get(entryId)).revision).toBe(1)
  })

  it('are changed by one flow at a time, in parallel with a reauthentication', async () => {
    const host = await withOptions()
    const first = await host.open()
    expect((await host.open()).flowId).toBe(first.flowId)
    const both = await Promise.all([host.again(), host.again()])
    await host.latchkey.flows.cancel(first.flowId)
    const raced = await Promise.all(
      both.map(({ latchkey }) => latchkey.flows.start({ source: 'options', entryId: host.entryId })),
    )
    expect(new Set(raced.map(({ flowId }) => flowId)).size).toBe(1)
    const reauth = await loseCredential(host, host.entryId)
    expect(await host.change({ interval: 9 })).toMatchObject({
      reason: 'options_successful',
      entryState: 'reauth_required',
    })
    expect(await host.latchkey.attention.list()).toMatchObject([{ flowId: reauth.flowId }])
    host.service.accounts.set('new', 'ann')
    const { flowId, revision } = reauth
    expect(await host.latchkey.flows.submit(flowId, { token: 'new' }, { revision })).toMatchObject({
      reason: 'reauth_successful',
      entryState: 'loaded',
    })
    expect(await host.use()).toEqual({ interval: 9 })
  })

  it('have another slot than a discovery of the same name', async () => {
    const { latchkey, entryId, open } = await withOptions()
    const { flowId } = await open()
    for (const uniqueId of [entryId, `options:${entryId}`]) {
      const discovery = { uniqueId, values: { host: 'h' } }
      const found = await latchkey.flows.start({ domain: 'scripted', source: 'discovery', discovery })
      expect(found).toMatchObject({ type: 'form', step: 'discovery_confirm' })
    }
    await latchkey.flows.cancel(flowId)
    expect(await open()).toMatchObject({ step: 'init' })
  })

  it('do not cost a try, and are changed while tries are blocked', async () => {
    const host = await withOptions()
    const { flowId, revision } = asForm(
      await host.latchkey.flows.start({ source: 'reauth', entryId: host.entryId }),
    )
    host.service.script({ rateLimited: 600 })
    await host.latchkey.flows.submit(flowId, { token: 'x' }, { revision })
    expect(await host.change({ interval: 9 })).toMatchObject({ success: true })
    const again = asForm(await host.latchkey.flows.get(flowId))
    expect(await host.latchkey.flows.submit(flowId, { token: 'x' }, again)).toMatchObject({
      errors: { base: { code: 'rate_limited' } },
    })
  })

  it('do not report an entry that connects at the moment as not connected', async () => {
    const { latchkey, service, entryId, change } = await withOptions()
    const { flowId } = await change({ interval: 9 })
    service.script({ held: { connect: 'ann' } })
    const reloaded = latchkey.entries.reload(entryId)
    await atRest()
    expect(await latchkey.flows.get(flowId)).toMatchObject({
      entryState: 'setup_in_progress',
      text: 'Options saved.',
    })
    service.release()
    await reloaded
  })

  it('do not set up an unloaded entry', async () => {
    const { latchkey, entryId, seen, change } = await withOptions()
    await latchkey.entries.unload(entryId)
    expect(await change({ interval: 9 })).toMatchObject({ entryState: 'not_loaded' })
    expect(seen).toHaveLength(1)
  })

  it('reach a process that runs the entry already', async () => {
    const host = await withOptions()
    const other = await host.again()
    await host.use()
    const { flowId, revision } = asForm(
      await other.latchkey.flows.start({ source: 'options', entryId: host.entryId }),
    )
    await other.latchkey.flows.submit(flowId, { interval: 7 }, { revision })
    expect(await host.use()).toEqual({ interval: 7 })
  })

  it('are not there where the integration has none', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await expect(host.latchkey.flows.start({ source: 'options', entryId })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      pointers: ['/source'],
      message: 'The integration "scripted" has no options.',
    })
  })

  it('are a setup error if a newer schema rejects the stored options', async () => {
    const { again, entryId, change, withThem } = await withOptions()
    await change({ interval: 5 })
    const strict = { ...withThem, options: z.object({ interval: z.int().min(10).default(10) }) }
    const { latchkey } = await again({ integrations: [strict] })
    expect(await latchkey.entries.setup(entryId)).toMatchObject({ state: 'setup_error' })
  })

  it('count among the open flows of their scope', async () => {
    const { latchkey, entryId } = await withOptions({ limits: { openFlows: 1 } })
    await latchkey.flows.start({ domain: 'scripted', source: 'user' })
    await expect(latchkey.flows.start({ source: 'options', entryId })).rejects.toMatchObject({
      code: 'TOO_MANY_FLOWS',
    })
  })

  it.each([
    [z.object({ pin: secret().optional() }), 'contain a secret'],
    [z.object({ interval: z.int() }), 'must be valid without input'],
  ])('are refused at start: %#', async (wrong, why) => {
    const { service } = await makeHost()
    const made = createLatchkey({
      integrations: [{ ...service.integration, options: wrong }],
      store: memoryStore(),
    })
    await expect(made).rejects.toBeInstanceOf(IntegrationError)
    await expect(made).rejects.toThrow(`Integration "scripted": options ${why}`)
  })
})

const folder = mkdtempSync(join(tmpdir(), 'latchkey-options-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0

describe.each([
  ['memory', memoryStore],
  ['SQLite', () => sqliteStore(join(folder, `${++files}.db`))],
])('a change of options over %s', (_, made) => {
  const racing = async () => {
    const store = new FailingStore(made())
    const cipher = joseCipher([crypto.getRandomValues(new Uint8Array(32))])
    const host = await withOptions({ store, cipher })
    const rival = await host.again()
    const { flowId, revision } = await host.open()
    const submit = () => host.latchkey.flows.submit(flowId, { interval: 5 }, { revision })
    return { ...host, store, rival: rival.latchkey, flowId, submit }
  }

  it('is repeated if the entry was renamed since it was read', async () => {
    const { store, rival, entryId, submit, latchkey } = await racing()
    store.before('apply', 1, async () => void (await rival.entries.update(entryId, { title: 'Hall' })))
    expect(await submit()).toMatchObject({ reason: 'options_successful' })
    expect(await latchkey.entries.get(entryId)).toMatchObject({ title: 'Hall', options: { interval: 5 } })
  })

  it.each([
    ['remove', 'entry_removed'],
    ['disable', 'entry_disabled'],
  ] as const)('ends where the entry meets %s while it is saved', async (what, reason) => {
    const { store, entryId, submit } = await racing()
    store.before('apply', 1, async () => {
      const entry = await store.getEntry('default', entryId)
      if (entry === undefined) throw new Error('There is no entry.')
      const { revision } = entry
      const record = { ...entry, disabled: true, revision: revision + 1 }
      await store.apply('default', [
        what === 'remove'
          ? { remove: 'entry', id: entryId, ifRevision: revision }
          : { put: 'entry', record, ifRevision: revision },
      ])
    })
    expect(await submit()).toMatchObject({ type: 'abort', reason })
  })

  it.each([
    ['remove', 'entry_removed'],
    ['disable', 'entry_disabled'],
  ] as const)('ends where the entry meets %s while it waits', async (what, reason) => {
    const { latchkey, entryId, flowId } = await racing()
    await latchkey.entries[what](entryId)
    expect(await latchkey.flows.get(flowId)).toMatchObject({ type: 'abort', reason })
  })

  it('is made by the flow that was opened first', async () => {
    const { store, rival, entryId, flowId, latchkey } = await racing()
    await latchkey.flows.cancel(flowId)
    const opened: string[] = []
    store.before('apply', 1, async () => {
      opened.push((await rival.flows.start({ source: 'options', entryId })).flowId)
    })
    expect(await latchkey.flows.start({ source: 'options', entryId })).toMatchObject({
      flowId: opened[0],
      joined: true,
    })
    await latchkey.flows.cancel(opened[0] ?? '')
    store.before('apply', 1, fullDisk)
    const refused = latchkey.flows.start({ source: 'options', entryId })
    await expect(refused).rejects.toMatchObject({ code: 'STORE' })
  })

  it('is not made if the flow is cancelled while it is saved', async () => {
    const { store, rival, flowId, submit, latchkey, entryId } = await racing()
    store.before('apply', 1, async () => void (await rival.flows.cancel(flowId)))
    expect(await submit()).toMatchObject({ type: 'abort', reason: 'cancelled' })
    expect(await latchkey.entries.get(entryId)).toMatchObject({ options: {} })
  })

  it('shows unknown where the disk is full, and can be made again', async () => {
    const { store, submit, latchkey, flowId } = await racing()
    store.before('apply', 1, fullDisk)
    const shown = await submit()
    expect(shown).toMatchObject({ step: 'init', errors: { base: { code: 'unknown' } } })
    const again = await latchkey.flows.submit(flowId, { interval: 5 }, shown)
    expect(again).toMatchObject({ reason: 'options_successful' })
  })

  it('expires, and survives a restart', async () => {
    const { again, pass, latchkey, flowId, open } = await racing()
    const other = await again()
    expect({ ...(await other.latchkey.flows.get(flowId)), joined: true }).toEqual(await open())
    await latchkey.start()
    await pass(31 * 60_000)
    await atRest()
    expect(await latchkey.flows.get(flowId)).toMatchObject({ reason: 'flow_expired' })
  })
})
