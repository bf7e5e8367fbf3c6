import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from '@jest/globals'
import { joseCipher } from '../../../src/adapters/jose-cipher.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import type { Store } from '../../../src/ports/store.ts'
import { FailingStore, fullDisk } from '../../../src/testing/failing-store.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import type { MenuView, View } from '../../../src/view.ts'
import { addEntry, asAbort, asForm, atRest, type Host, loseCredential, makeHost } from '../host.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-'))
let files = 0
afterAll(() => rmSync(folder, { recursive: true }))

const hosts: Host[] = []
afterEach(async () => {
  for (const { latchkey } of hosts.splice(0)) await latchkey.stop()
})

function asMenu(view: View): MenuView {
  if (view.type !== 'menu') throw new Error(`A menu was expected, not ${JSON.stringify(view)}.`)
  return view
}

/** A host with the entry of ann, and bob known to the service. */
async function linked(store: Store, service = new ScriptedService()) {
  const cipher = joseCipher([crypto.getRandomValues(new Uint8Array(32))])
  const host = await makeHost({ store, service, cipher })
  hosts.push(host)
  const entryId = await addEntry(host)
  service.accounts.set('bobs', 'bob')
  return { host, ...(await ofEntry(host, entryId)) }
}

async function ofEntry({ latchkey, service }: Host, entryId: string) {
  const start = async () => asForm(await latchkey.flows.start({ source: 'replace', entryId }))
  const submit = async (token: string) => {
    const { flowId, revision } = await start()
    return latchkey.flows.submit(flowId, { host: 'other', token }, { revision })
  }
  const proven = async () => {
    service.script({ connect: 'bob', title: 'Bob' })
    return asMenu(await submit('bobs'))
  }
  const choose = ({ flowId, revision }: View, choice: string) =>
    latchkey.flows.choose(flowId, choice, { revision })
  return { entryId, start, submit, proven, choose }
}

const stores: [string, () => Store][] = [
  ['memory', memoryStore],
  ['SQLite', () => sqliteStore(join(folder, `${++files}.db`))],
]

describe.each(stores)('replacing the account of an entry over %s', (_, makeStore) => {
  it('asks for all fields, verifies them, asks for a confirmation, and saves in one write', async () => {
    const { host, entryId, start, proven, choose } = await linked(makeStore())
    const { latchkey, service } = host
    expect(await start()).toMatchObject({
      step: 'replace',
      order: ['host', 'token'],
      values: { host: 'h' },
      lastStep: false,
    })
    const before = await latchkey.entries.get(entryId)
    const asked = await proven()
    expect(asked).toMatchObject({
      step: 'replace_confirm',
      mayGoBack: false,
      placeholders: { name: 'Scripted', account: 'Bob' },
      options: [
        { value: 'cancel', label: 'Cancel' },
        { value: 'replace', label: 'Switch to Bob' },
      ],
    })
    expect(await latchkey.entries.get(entryId)).toEqual(before)
    expect(service.open).toBe(2)
    expect(await choose(asked, 'replace')).toMatchObject({
      reason: 'replace_successful',
      success: true,
      entryState: 'loaded',
    })
    expect(await latchkey.entries.get(entryId)).toMatchObject({
      title: 'Bob',
      uniqueId: 'bob',
      revision: before.revision + 1,
      reauth: null,
    })
    expect(service).toMatchObject({ open: 1, disposed: 1 })
    expect((await latchkey.history(entryId)).items.map(({ kind }) => kind)).toEqual([
      'entry_created',
      'flow_started',
      'account_replaced',
    ])
    service.script()
    expect(await latchkey.entries.reload(entryId)).toMatchObject({ state: 'loaded' })
    expect(service.connects.at(-1)).toEqual({ host: 'other', token: 'bobs', code: null })
  })

  it('ends where the account is the same, or another entry has it, with nothing saved', async () => {
    const { host, entryId, submit, proven, choose } = await linked(makeStore())
    const before = await host.latchkey.entries.get(entryId)
    const same = asAbort(await submit('good'))
    expect(same).toMatchObject({ reason: 'same_account', success: false })
    expect(same.text).toContain('choose Reconnect')
    await addEntry(host, { token: 'bobs', account: 'bob' })
    expect(await choose(await proven(), 'replace')).toMatchObject({ reason: 'already_configured' })
    expect(await host.latchkey.entries.get(entryId)).toEqual(before)
    expect(host.service.open).toBe(2)
  })

  it.each(['cancel', 'flows.cancel', 'disable', 'remove', 'stop', 'ten minutes'])(
    'closes the verified connection once: %s',
    async (what) => {
      const { host, entryId, proven, choose } = await linked(makeStore())
      const { latchkey, service } = host
      const asked = await proven()
      if (what === 'cancel') expect(await choose(asked, 'cancel')).toMatchObject({ reason: 'cancelled' })
      else if (what === 'flows.cancel') await latchkey.flows.cancel(asked.flowId)
      else if (what === 'disable') await latchkey.entries.disable(entryId)
      else if (what === 'remove') await latchkey.entries.remove(entryId)
      else if (what === 'stop') await latchkey.stop()
      else await host.pass(600_000)
      await atRest()
      const left = ['cancel', 'flows.cancel', 'ten minutes'].includes(what) ? 1 : 0
      expect(service).toMatchObject({ open: left, disposed: 2 - left })
    },
  )

  it('asks again after ten minutes, and after a restart, and logs in to nothing by itself', async () => {
    const { host, entryId, proven, choose } = await linked(makeStore())
    const { clock, latchkey, service } = host
    const asked = await proven()
    await host.pass(600_000)
    const { revision } = await latchkey.flows.get(asked.flowId)
    expect(await choose({ ...asked, revision }, 'replace').catch((error) => error.view)).toMatchObject({
      step: 'replace',
      errors: { base: { code: 'expired' } },
    })
    const second = await proven()
    const { length } = service.connects
    const other = await host.again({ clock })
    const { choose: chooseThere } = await ofEntry(other, entryId)
    const again = await chooseThere(second, 'replace')
    expect(again).toMatchObject({ step: 'replace', errors: { base: { code: 'expired' } } })
    expect(service.connects).toHaveLength(length)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ uniqueId: 'ann' })
    await host.pass(600_000)
    expect(service.open).toBe(1)
  })
})

describe('a replacement that waits for a confirmation', () => {
  it('takes the edit slot of an idle reauthentication, and clears the need', async () => {
    const { host, entryId, proven, choose } = await linked(memoryStore())
    const reauth = await loseCredential(host, entryId)
    const asked = await proven()
    expect(await host.latchkey.flows.get(reauth.flowId)).toMatchObject({ reason: 'already_in_progress' })
    await choose(asked, 'replace')
    expect(await host.latchkey.attention.list()).toEqual([])
  })

  it('settles the proposed address of the previous account', async () => {
    const { host, entryId, proven, choose } = await linked(memoryStore())
    const discovery = { uniqueId: 'ann', values: { host: 'moved' } }
    await host.latchkey.flows.start({ domain: 'scripted', source: 'discovery', discovery })
    expect(await host.latchkey.attention.get(entryId)).toMatchObject({ reason: 'address_changed' })
    await choose(await proven(), 'replace')
    expect(await host.latchkey.attention.list()).toEqual([])
  })

  it('outlives the repair of its entry', async () => {
    const { host, entryId, proven, choose } = await linked(memoryStore())
    await loseCredential(host, entryId)
    const { flowId } = await proven()
    host.service.accounts.set('good', 'ann')
    await host.latchkey.entries.reload(entryId, { retryRejected: true })
    const asked = await host.latchkey.flows.get(flowId)
    expect(await choose(asked, 'replace')).toMatchObject({ reason: 'replace_successful' })
    expect(host.service.open).toBe(1)
  })

  it('takes nothing but what its menu offers', async () => {
    const { host, proven, choose } = await linked(memoryStore())
    const asked = await proven()
    const { flowId, revision } = asked
    await expect(choose(asked, 'keep')).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(host.latchkey.flows.submit(flowId, {}, { revision })).rejects.toMatchObject({
      code: 'WRONG_STEP',
    })
    await expect(host.latchkey.flows.back(flowId, { revision })).rejects.toMatchObject({ code: 'WRONG_STEP' })
    expect(await choose(asked, 'replace')).toMatchObject({ reason: 'replace_successful' })
  })

  it('is closed if the waiting flow cannot be written', async () => {
    const store = new FailingStore(memoryStore())
    const { host, start } = await linked(store)
    const { flowId, revision } = await start()
    store.before('apply', 1, fullDisk)
    const input = { host: 'h', token: 'bobs' }
    await expect(host.latchkey.flows.submit(flowId, input, { revision })).rejects.toMatchObject({
      code: 'STORE',
    })
    expect(host.service).toMatchObject({ open: 1, disposed: 1 })
  })

  it.each(['cancel', 'flows.cancel', 'disable'])(
    'can still be confirmed if %s could not be saved',
    async (what) => {
      const store = new FailingStore(memoryStore())
      const { host, entryId, proven, choose } = await linked(store)
      const { flows, entries } = host.latchkey
      const asked = await proven()
      store.before('apply', 1, fullDisk)
      const ended =
        what === 'cancel'
          ? choose(asked, 'cancel')
          : what === 'disable'
            ? entries.disable(entryId)
            : flows.cancel(asked.flowId)
      await expect(ended).rejects.toMatchObject({ code: 'STORE' })
      expect(host.service).toMatchObject({ open: 2, disposed: 0 })
      expect(await choose(asked, 'replace')).toMatchObject({ reason: 'replace_successful' })
    },
  )

  it('is closed, and the form is shown again, if it cannot be saved', async () => {
    const store = new FailingStore(memoryStore())
    const { host, proven, choose } = await linked(store)
    const asked = await proven()
    store.before('apply', 1, fullDisk)
    expect(await choose(asked, 'replace')).toMatchObject({
      step: 'replace',
      errors: { base: { code: 'unknown' } },
    })
    expect(host.service).toMatchObject({ open: 1, disposed: 1 })
  })

  it('is closed if the engine stops during the check', async () => {
    const { host, start } = await linked(memoryStore())
    const { flowId, revision } = await start()
    host.service.script({ held: { connect: 'bob' } })
    const submitted = host.latchkey.flows.submit(flowId, { host: 'h', token: 'bobs' }, { revision })
    await atRest()
    const stopped = host.latchkey.stop()
    host.service.release()
    await expect(submitted).rejects.toMatchObject({ code: 'STOPPED' })
    await stopped
    expect(host.service.open).toBe(0)
  })
})
