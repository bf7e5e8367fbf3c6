import { afterAll, describe, expect, it } from '@jest/globals'
import { memoryPlace } from '../../../src/adapters/memory/memory-place.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { EntryNotLoadedError, UnknownEntryError } from '../../../src/errors.ts'
import type { Store } from '../../../src/ports/store.ts'
import type { ScriptedClient } from '../../../src/testing/scripted-service.ts'
import { sqlitePlace } from '../../adapters/sqlite/sqlite-place.ts'
import { addEntry, asForm, atRest, type Host, loseCredential, makeHost } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'

const sqlite = sqlitePlace()
afterAll(sqlite.clear)

const ping = (client: ScriptedClient) => client.ping()

/** Two stores on the same rows, as two processes have them. */
const pairs = {
  memory: (): [Store, Store] => {
    const place = memoryPlace()
    return [memoryStore(place), memoryStore(place)]
  },
  SQLite: (): [Store, Store] => {
    const path = sqlite.path()
    return [sqliteStore(path), sqliteStore(path)]
  },
}

/** Resolves once a condition holds: a SQLite store notices changes by a timer. */
async function eventually(holds: () => unknown): Promise<void> {
  const deadline = performance.now() + 60_000
  for (;;) {
    await atRest()
    if (await holds()) return
    if (performance.now() > deadline) throw new Error('It did not happen.')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** An entry that runs in two processes. */
async function twoProcesses([mine, theirs]: [Store, Store]) {
  const own = await makeHost({ store: mine })
  const entryId = await addEntry(own)
  const other = await makeHost({ store: theirs, service: own.service, clock: own.clock })
  await other.latchkey.start()
  const state = async ({ latchkey }: Host) => (await latchkey.entries.get(entryId)).state
  expect([await state(own), await state(other)]).toEqual(['loaded', 'loaded'])
  const stop = async () => {
    await own.latchkey.stop()
    await other.latchkey.stop()
  }
  return { own, other, entryId, state, stop, service: own.service }
}

describe.each(Object.entries(pairs))('a running entry that another process changes (%s)', (_, stores) => {
  it('connects with a new credential at once, without a call', async () => {
    const { own, other, entryId, service, stop } = await twoProcesses(stores())
    const form = asForm(await other.latchkey.flows.start({ source: 'reauth', entryId }))
    service.accounts.set('new', 'ann')
    await other.latchkey.flows.submit(form.flowId, { token: 'new' }, form)
    await eventually(() => service.connects.filter(({ token }) => token === 'new').length === 2)
    await eventually(async () => (await own.latchkey.entries.get(entryId)).state === 'loaded')
    expect(await own.latchkey.entries.use(service.integration, entryId, ping)).toBe('pong')
    await stop()
  })

  it('unloads when it is disabled, loads when it is enabled, and ends when it is removed', async () => {
    const { own, other, entryId, state, service, stop } = await twoProcesses(stores())
    await other.latchkey.entries.disable(entryId)
    await eventually(async () => (await state(own)) === 'disabled' && service.open === 0)
    await other.latchkey.entries.enable(entryId)
    await eventually(async () => (await state(own)) === 'not_loaded')
    expect(await own.latchkey.entries.use(service.integration, entryId, ping)).toBe('pong')
    await other.latchkey.entries.remove(entryId)
    await eventually(() => service.open === 0)
    await stop()
  })

  it('requires a reauthentication when the service has rejected its credential there', async () => {
    const { own, other, entryId, state, service, stop } = await twoProcesses(stores())
    const logins = service.connects.length
    await loseCredential(other, entryId)
    await eventually(async () => (await state(own)) === 'reauth_required')
    // The other process has asked the service. This one has not.
    expect(service.connects).toHaveLength(logins + 1)
    await stop()
  })

  it('connects again after an error of the setup when another process has saved a new credential', async () => {
    const { own, other, entryId, state, service, stop } = await twoProcesses(stores())
    service.script('setup_error')
    await own.latchkey.entries.reload(entryId)
    expect(await state(own)).toBe('setup_error')
    await other.latchkey.entries.update(entryId, { title: 'Renamed' })
    await atRest()
    expect(await state(own)).toBe('setup_error')
    const form = asForm(await other.latchkey.flows.start({ source: 'reauth', entryId }))
    service.accounts.set('new', 'ann')
    await other.latchkey.flows.submit(form.flowId, { token: 'new' }, form)
    await eventually(async () => (await state(own)) === 'loaded')
    expect(service.connects.at(-1)).toMatchObject({ token: 'new' })
    await stop()
  })

  it('stays in the attention list without its integration when the other process renames it', async () => {
    const [mine, theirs] = stores()
    const own = await makeHost({ store: mine })
    const entryId = await addEntry(own)
    const other = await makeHost({ store: theirs, clock: own.clock, integrations: [] })
    await other.latchkey.start()
    await own.latchkey.entries.update(entryId, { title: 'Renamed' })
    await eventually(async () => (await other.latchkey.attention.get(entryId))?.title === 'Renamed')
    await atRest()
    expect(await other.latchkey.entries.get(entryId)).toMatchObject({
      state: 'setup_error',
      reason: 'integration_missing',
    })
    // A second attempt would log it again.
    expect(other.log.lines.map(({ level }) => level)).toEqual(['warn'])
    await own.latchkey.stop()
    await other.latchkey.stop()
  })

  it('lets a waiting call go on after a sign-in in the other process', async () => {
    const { own, other, entryId, service, stop } = await twoProcesses(stores())
    const { flowId, revision } = await loseCredential(own, entryId)
    const waiting = own.latchkey.entries.use(service.integration, entryId, ping, { waitForReauth: true })
    await atRest()
    service.accounts.set('new', 'ann')
    await other.latchkey.flows.submit(flowId, { token: 'new' }, { revision })
    expect(await waiting).toBe('pong')
    await stop()
  })

  it('lets a call wait that begins while another process changes the entry', async () => {
    const [mine, theirs] = stores()
    const { own, other, entryId, service, stop } = await twoProcesses([mine, theirs])
    const { flowId, revision } = await loseCredential(own, entryId)
    await atRest()
    const read = Promise.withResolvers<void>()
    let reads = 0
    const { getEntry } = mine
    mine.getEntry = async (...call) => {
      reads++
      await read.promise
      return getEntry.apply(mine, call)
    }
    await other.latchkey.entries.update(entryId, { title: 'First' })
    await eventually(() => reads > 0)
    const waiting = own.latchkey.entries.use(service.integration, entryId, ping, { waitForReauth: true })
    let changes = 0
    own.latchkey.on('other_process_changed', () => changes++)
    await other.latchkey.entries.update(entryId, { title: 'Second' })
    await eventually(() => changes > 0)
    read.resolve()
    await atRest()
    service.accounts.set('new', 'ann')
    await other.latchkey.flows.submit(flowId, { token: 'new' }, { revision })
    expect(await waiting).toBe('pong')
    await stop()
  })

  it('ends a waiting call if the entry is disabled or removed', async () => {
    const { own, other, entryId, service, stop } = await twoProcesses(stores())
    await loseCredential(own, entryId)
    const wait = () => own.latchkey.entries.use(service.integration, entryId, ping, { waitForReauth: true })
    const disabled = expect(wait()).rejects.toBeInstanceOf(EntryNotLoadedError)
    await atRest()
    await other.latchkey.entries.disable(entryId)
    await disabled
    await other.latchkey.entries.enable(entryId)
    await eventually(async () => (await own.latchkey.entries.get(entryId)).state !== 'disabled')
    const removed = expect(wait()).rejects.toBeInstanceOf(UnknownEntryError)
    await atRest()
    await other.latchkey.entries.remove(entryId)
    await removed
    await stop()
  })

  it('tells listeners of a title, and of a flow that opens and ends without history', async () => {
    const { own, other, entryId, stop } = await twoProcesses(stores())
    const seen = new Set<string>()
    const end = own.latchkey.on('other_process_changed', ({ entryIds, flowIds }) => {
      for (const id of [...entryIds, ...flowIds]) seen.add(id)
    })
    await own.latchkey.catchUp()
    await other.latchkey.entries.update(entryId, { title: 'Attic' })
    await eventually(() => seen.delete(entryId))
    const { flowId } = await other.latchkey.flows.start({ domain: 'scripted', source: 'user' })
    await eventually(() => seen.delete(flowId))
    await other.latchkey.flows.cancel(flowId)
    await eventually(() => seen.delete(flowId))
    end()
    await stop()
  })
})

describe('the follower of running entries', () => {
  it('compares all running entries of a scope after a reset', async () => {
    const place = memoryPlace()
    const [mine, theirs] = [memoryStore(place), memoryStore(place)]
    const { own, other, entryId, state, stop } = await twoProcesses([mine, theirs])
    const read = mine.feed.read.bind(mine.feed)
    mine.feed.read = async (scope, since) => ({ ...(await read(scope, since)), entryIds: [], reset: true })
    await other.latchkey.entries.disable(entryId)
    await eventually(async () => (await state(own)) === 'disabled')
    await stop()
  })

  it('logs an entry that cannot be read, and compares it at its next use', async () => {
    const place = memoryPlace()
    const store = new TamperedStore(memoryStore(place))
    const { own, other, entryId, service, stop } = await twoProcesses([store, memoryStore(place)])
    store.onEntry = async () => {
      throw new Error('The store is away.')
    }
    await other.latchkey.entries.disable(entryId)
    const message = 'An entry that another process has changed could not be read.'
    await eventually(() => own.log.messages.includes(message))
    store.onEntry = async (entry) => entry
    const use = own.latchkey.entries.use(service.integration, entryId, ping)
    await expect(use).rejects.toMatchObject({ state: 'disabled' })
    await stop()
  })

  it('starts no comparison after the host has begun to stop', async () => {
    const { own, other, entryId, service } = await twoProcesses(pairs.memory())
    const { connects } = service
    const before = connects.length
    const stop = own.latchkey.stop()
    await other.latchkey.entries.update(entryId, { title: 'Attic' })
    await stop
    expect(connects).toHaveLength(before)
    await other.latchkey.stop()
  })

  it('hears a scope until its last running entry is removed', async () => {
    const { own, other, entryId, stop } = await twoProcesses(pairs.memory())
    const second = await addEntry(own, { token: 'b', account: 'bob' })
    await own.latchkey.entries.remove(entryId)
    await other.latchkey.entries.disable(second)
    await eventually(async () => (await own.latchkey.entries.get(second)).state === 'disabled')
    await own.latchkey.entries.remove(second)
    await other.latchkey.flows.start({ domain: 'scripted', source: 'user' })
    await own.latchkey.catchUp()
    await stop()
  })
})
