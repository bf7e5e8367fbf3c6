import { describe, expect, it } from '@jest/globals'
import { joseCipher } from '../../src/adapters/jose-cipher.ts'
import { memoryStore } from '../../src/adapters/memory/memory-store.ts'
import { plainCipher } from '../../src/adapters/plain-cipher.ts'
import { createLatchkey } from '../../src/engine/create-latchkey.ts'
import { ConfigurationError, KeyMissingError } from '../../src/errors.ts'
import { ScriptedService } from '../../src/testing/scripted-service.ts'
import type { View } from '../../src/view.ts'
import { addEntry, asForm, makeHost, openForm } from './host.ts'
import { withSubentries } from './subentry-host.ts'
import { TamperedStore } from './tampered-store.ts'

const key = (byte: number) => new Uint8Array(32).fill(byte)

describe('the verbs of an entry', () => {
  it('open the flow of each source, and rename', async () => {
    const { latchkey, entryId } = await withSubentries({ limits: { openFlows: 20 } })
    const { entries } = latchkey
    const opened = async (view: Promise<View>) => {
      const { source, flowId, subentry } = await view
      await latchkey.flows.cancel(flowId)
      return subentry === undefined ? source : `${source} ${subentry.type} ${subentry.subentryId}`
    }
    expect(await opened(entries.reauth(entryId))).toBe('reauth')
    expect(await opened(entries.reconfigure(entryId, { principal: 'ann' }))).toBe('reconfigure')
    expect(await opened(entries.replace(entryId))).toBe('replace')
    const added = asForm(await entries.addSubentry(entryId, 'room'))
    await latchkey.flows.submit(added.flowId, { name: 'Hall' }, added)
    const [room] = (await entries.get(entryId)).subentries
    expect(await opened(entries.changeSubentry(entryId, String(room?.subentryId)))).toBe(
      `subentry room ${room?.subentryId}`,
    )
    await expect(entries.changeOptions(entryId)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(await entries.rename(entryId, 'Attic')).toMatchObject({ title: 'Attic' })
    await latchkey.stop()
  })
})

describe('createLatchkey', () => {
  it('needs no more than integrations and a store', async () => {
    const service = new ScriptedService()
    const latchkey = await createLatchkey({ integrations: [service.integration], store: memoryStore() })
    service.script({ throws: 'surprise' })
    const { flowId, revision } = await openForm(latchkey)
    const refused = await latchkey.flows.submit(flowId, { host: 'h', token: 'x' }, { revision })
    expect(refused).toMatchObject({ errors: { base: { code: 'unknown' } } })
    const entryId = await addEntry({ latchkey, service })
    expect(Math.abs((await latchkey.entries.get(entryId)).createdAt - Date.now())).toBeLessThan(5_000)
    service.script('cannot_connect')
    expect(await latchkey.entries.reload(entryId)).toMatchObject({ state: 'setup_retry' })
    await latchkey.stop()
  })

  it('hands integrations the runtime’s own fetch, or the host’s network', async () => {
    const seen: unknown[] = []
    const service = new ScriptedService({
      connect: async (_, context) => {
        const answer = await context.fetch('data:,own').then((response) => response.text())
        seen.push(answer, 'lookup' in context)
        return { client: { account: 'ann', ping: () => '', drop: () => {} }, uniqueId: `${seen.length}` }
      },
    })
    await addEntry(await makeHost({ service }))
    const network = { fetch: async () => new Response('the host’s'), lookup: () => {} }
    await addEntry(await makeHost({ service, network }))
    expect(seen).toEqual(['own', false, 'the host’s', true])
  })

  it('refuses a cipher that hides nothing over a store that outlives the process', async () => {
    const store = new TamperedStore()
    store.durable = true
    const made = createLatchkey({ integrations: [], store, cipher: plainCipher() })
    await expect(made).rejects.toThrow(ConfigurationError)
    await expect(made).rejects.toThrow(
      'A plain cipher does not encrypt. Use it only with the memory store, for tests and benchmarks.',
    )
    expect(store).toMatchObject({ opened: 0 })
  })

  it('refuses a store that brings no cipher, and closes it', async () => {
    const store = new TamperedStore()
    const made = createLatchkey({ integrations: [], store })
    await expect(made).rejects.toThrow('The store has no cipher. Pass one to createLatchkey().')
    expect(store).toMatchObject({ opened: 1, closed: 1 })
  })

  it('seals with the first of its keys, and opens with all', async () => {
    const one = await makeHost({ cipher: joseCipher([key(1)]) })
    const entryId = await addEntry(one)
    expect((await one.store.getEntry('default', entryId))?.sealed).not.toContain('good')
    const two = await one.again({ cipher: joseCipher([key(2), key(1)]) })
    await two.latchkey.start()
    expect(await two.latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
  })

  it('finds before start that no key decrypts the stored values, and closes the store', async () => {
    const one = await makeHost({ cipher: joseCipher([key(1)]) })
    await openForm(one.latchkey.scope('first'))
    await addEntry(one)
    const store = new TamperedStore(one.store)
    const made = one.again({ store, cipher: joseCipher([key(2)]) })
    await expect(made).rejects.toThrow(KeyMissingError)
    await expect(made).rejects.toThrow(
      'The store has encrypted values, but their key is missing. Restore the key from its backup.',
    )
    expect(store.closed).toBe(1)
  })

  it.each([
    ['a sealed value that was copied from another row', { sealed: 'other' }],
    ['a host that was changed in the row', { data: { host: 'evil.example' } }],
    ['a sealed value that is torn', { sealed: 'torn' }],
  ])('does not open %s: that entry is reported, the others load', async (_, change) => {
    const host = await makeHost({ cipher: joseCipher([key(1)]) })
    const good = await addEntry(host)
    const bad = await addEntry(host, { token: 'two', account: 'bob' })
    const [mine, other] = [
      await host.store.getEntry('default', bad),
      await host.store.getEntry('default', good),
    ]
    if (mine === undefined || other === undefined) throw new Error('There are two entries.')
    const sealed = 'sealed' in change && change.sealed === 'other' ? { sealed: other.sealed } : change
    const record = { ...structuredClone(mine), ...sealed, revision: mine.revision + 1 }
    await host.store.apply('default', [{ put: 'entry', record, ifRevision: mine.revision }])
    const { latchkey, service } = await host.again()
    const logins = service.connects.length
    await latchkey.start()
    expect(await latchkey.entries.get(good)).toMatchObject({ state: 'loaded' })
    expect(await latchkey.entries.get(bad)).toMatchObject({ state: 'setup_error' })
    expect(await latchkey.attention.list()).toMatchObject([{ entryId: bad, reason: 'setup_error' }])
    expect(service.connects.slice(logins)).toEqual([{ host: 'h', token: 'good', code: null }])
  })

  it('starts also where the first row is damaged', async () => {
    const host = await makeHost({ cipher: joseCipher([key(1)]) })
    const entryId = await addEntry(host)
    const stored = await host.store.getEntry('default', entryId)
    if (stored === undefined) throw new Error('There is an entry.')
    const record = { ...structuredClone(stored), version: 0, revision: stored.revision + 1 }
    await host.store.apply('default', [{ put: 'entry', record, ifRevision: stored.revision }])
    const { latchkey } = await host.again()
    await latchkey.start()
    expect(await latchkey.attention.list()).toMatchObject([{ entryId, reason: 'unreadable' }])
  })

  it('starts also where another process removes the first entry at that moment', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    await addEntry(host)
    store.onEntry = async () => undefined
    const { latchkey } = await host.again()
    await latchkey.start()
    expect(await latchkey.attention.list()).toEqual([])
  })

  it('repairs an entry whose secrets cannot be decrypted, through its form', async () => {
    const host = await makeHost({ cipher: joseCipher([key(1)]) })
    const entryId = await addEntry(host)
    const stored = await host.store.getEntry('default', entryId)
    if (stored === undefined) throw new Error('There is an entry.')
    const record = { ...structuredClone(stored), sealed: 'torn', revision: stored.revision + 1 }
    await host.store.apply('default', [{ put: 'entry', record, ifRevision: stored.revision }])
    const { latchkey } = await host.again()
    await latchkey.start()
    const form = asForm(await latchkey.flows.start({ source: 'reauth', entryId }))
    const submit = latchkey.flows.submit(form.flowId, { token: 'good' }, { revision: form.revision })
    expect(await submit).toMatchObject({ reason: 'reauth_successful', entryState: 'loaded' })
  })
})
