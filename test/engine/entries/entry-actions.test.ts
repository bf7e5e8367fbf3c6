import { describe, expect, it } from '@jest/globals'
import { EntryStateError, UnknownEntryError } from '../../../src/errors.ts'
import { addEntry, atRest, makeHost } from '../host.ts'
import { stickyService } from '../sticky-service.ts'
import { KeyedSemaphore, TamperedStore } from '../tampered-store.ts'

describe('entries.setup, unload and reload', () => {
  it('close the connection and open another', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { entries } = host.latchkey
    expect(await entries.unload(entryId)).toMatchObject({ state: 'not_loaded', reason: null })
    expect(host.service).toMatchObject({ open: 0, disposed: 1 })
    expect(await entries.unload(entryId)).toMatchObject({ state: 'not_loaded' })
    expect(await entries.setup(entryId)).toMatchObject({ state: 'loaded' })
    expect(await entries.reload(entryId)).toMatchObject({ state: 'loaded' })
    expect(host.service).toMatchObject({ open: 1, disposed: 2 })
  })

  it('refuse an entry whose state does not take it', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { entries } = host.latchkey
    const running: unknown = await entries.setup(entryId).catch((error) => error)
    expect(running).toBeInstanceOf(EntryStateError)
    expect(running).toMatchObject({
      state: 'loaded',
      message: `Entry ${entryId} does not accept "setup" in the state "loaded".`,
    })
    await entries.disable(entryId)
    await expect(entries.reload(entryId)).rejects.toThrow(
      `Entry ${entryId} does not accept "unload" in the state "disabled".`,
    )
    await expect(entries.setup(entryId)).rejects.toThrow(EntryStateError)
    expect(await entries.unload(entryId)).toMatchObject({ state: 'disabled' })
    await expect(entries.reload('gone')).rejects.toThrow(UnknownEntryError)
  })

  it('call a connect back that hangs, and run one after the other', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { entries } = host.latchkey
    await entries.unload(entryId)
    host.service.script({ hangs: true })
    const hung = entries.setup(entryId)
    await atRest()
    expect(await entries.get(entryId)).toMatchObject({ state: 'setup_in_progress' })
    expect(await entries.reload(entryId)).toMatchObject({ state: 'loaded' })
    expect(await hung).toMatchObject({ state: 'not_loaded' })
    expect(host.service).toMatchObject({ open: 1 })
  })

  it('call a setup back before it has read the entry', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const { entries } = host.latchkey
    await entries.unload(entryId)
    const gate = new KeyedSemaphore()
    let reads = 0
    store.onEntry = async (entry) => {
      if (++reads === 2) await gate.wait()
      return entry
    }
    const logins = host.service.connects.length
    const setup = entries.setup(entryId)
    await atRest()
    expect(gate.reached).toBe(true)
    const unload = entries.unload(entryId)
    gate.open()
    expect(await unload).toMatchObject({ state: 'not_loaded' })
    await setup
    expect(host.service.connects).toHaveLength(logins)
  })

  it('close the connection that arrives after they called it back', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { entries } = host.latchkey
    await entries.unload(entryId)
    host.service.script({ held: { connect: 'ann' } })
    const setup = entries.setup(entryId)
    await atRest()
    await entries.unload(entryId)
    await setup
    host.service.release()
    await atRest()
    expect(host.service).toMatchObject({ open: 0, disposed: 2 })
    expect(await entries.get(entryId)).toMatchObject({ state: 'not_loaded' })
  })

  it('can be called from a listener during a step', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { entries } = host.latchkey
    await entries.unload(entryId)
    const logins = host.service.connects.length
    const asked: Promise<unknown>[] = []
    const stop = host.latchkey.on('entry_state_changed', ({ to }) => {
      if (to === 'setup_in_progress') asked.push(entries.unload(entryId))
    })
    await entries.setup(entryId)
    await Promise.all(asked)
    stop()
    expect(await entries.get(entryId)).toMatchObject({ state: 'not_loaded' })
    expect(host.service).toMatchObject({ open: 0 })
    expect(host.service.connects).toHaveLength(logins)
    expect(await entries.setup(entryId)).toMatchObject({ state: 'loaded' })
  })

  it('report a connection that cannot be closed, and release it with force', async () => {
    const { service, ...sticky } = stickyService()
    const host = await makeHost({ service })
    const entryId = await addEntry(host)
    const { entries } = host.latchkey
    await expect(entries.reload(entryId)).rejects.toThrow(
      `Entry ${entryId} does not accept "setup" in the state "failed_unload".`,
    )
    expect(await entries.get(entryId)).toMatchObject({ state: 'failed_unload', reason: 'failed_unload' })
    await expect(entries.unload(entryId)).rejects.toThrow(EntryStateError)
    expect(await entries.unload(entryId, { force: true })).toMatchObject({ state: 'not_loaded' })
    expect(await entries.setup(entryId)).toMatchObject({ state: 'loaded' })
    expect(sticky.stuck).toBe(true)
    expect(host.log.messages).toEqual(['An entry could not be unloaded.'])
    expect(JSON.stringify(host.log.lines)).not.toContain('good')
  })

  it('force nothing where nothing is stuck', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    expect(await host.latchkey.entries.unload(entryId, { force: true })).toMatchObject({
      state: 'not_loaded',
    })
    expect(host.service).toMatchObject({ open: 0, disposed: 1 })
  })
})

describe('entries.disable and entries.enable', () => {
  it('switch an entry off, across a restart, and on again', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    expect(await host.latchkey.entries.disable(entryId, { principal: 'ada' })).toMatchObject({
      state: 'disabled',
      disabled: true,
    })
    expect(host.service.open).toBe(0)
    const { latchkey } = await host.again()
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'disabled' })
    await latchkey.start()
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'disabled' })
    expect(await latchkey.entries.enable(entryId)).toMatchObject({ state: 'loaded', disabled: false })
    const { items } = await latchkey.history(entryId)
    expect(items.map(({ kind }) => kind)).toEqual(['entry_created', 'entry_disabled', 'entry_enabled'])
    expect(items[1]).toMatchObject({ who: 'ada' })
  })

  it('leaves an entry that is enabled alone', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    expect(await host.latchkey.entries.enable(entryId)).toMatchObject({ state: 'loaded' })
    expect(host.service.connects).toHaveLength(1)
  })

  it('disables an entry that could not be closed, and returns its state', async () => {
    const { service } = stickyService()
    const host = await makeHost({ service })
    const entryId = await addEntry(host)
    const { entries } = host.latchkey
    expect(await entries.unload(entryId)).toMatchObject({ state: 'failed_unload' })
    expect(await entries.disable(entryId)).toMatchObject({ state: 'failed_unload', disabled: true })
  })

  it('finds that an entry was disabled before it was set up here', async () => {
    const one = await makeHost()
    const entryId = await addEntry(one)
    const two = await one.again()
    await one.latchkey.entries.disable(entryId)
    expect(await two.latchkey.entries.setup(entryId)).toMatchObject({ state: 'disabled' })
  })
})

describe('entries.revokeLinks', () => {
  it('ends the generation of links that there is, and keeps who did it', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { entries } = host.latchkey
    const { linkGeneration, ...before } = await entries.get(entryId)
    expect(linkGeneration).toBe(0)
    await entries.revokeLinks(entryId, { principal: 'ann' })
    await entries.revokeLinks(entryId)
    const after = { ...before, linkGeneration: 2, revision: before.revision + 2 }
    expect(await entries.get(entryId)).toEqual(after)
    expect((await host.latchkey.history(entryId)).items.slice(-2)).toMatchObject([
      { kind: 'links_revoked', who: 'ann' },
      { kind: 'links_revoked', who: 'host' },
    ])
    await expect(entries.revokeLinks('other')).rejects.toThrow(UnknownEntryError)
  })
})
