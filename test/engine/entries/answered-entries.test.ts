import { describe, expect, it } from '@jest/globals'
import type { LatchkeyEvents } from '../../../src/engine/api/events.ts'
import { CannotConnectError } from '../../../src/errors.ts'
import type { ScriptedClient } from '../../../src/testing/scripted-service.ts'
import { addEntry, atRest, makeHost } from '../host.ts'
import { linked } from '../linked-token.ts'
import { LIFE } from '../token-service.ts'

const ping = (client: ScriptedClient) => client.ping()

async function hostWithEntries(options = {}) {
  const host = await makeHost(options)
  const one = await addEntry(host)
  const two = await addEntry(host, { token: 'other', account: 'bob' })
  const use = (entryId: string) => host.latchkey.entries.use(host.service.integration, entryId, ping)
  const checks: LatchkeyEvents['entries_checked'][] = []
  const hear = () => host.latchkey.on('entries_checked', (event) => checks.push(event))
  return { ...host, one, two, use, checks, hear }
}

describe('the last answer of a service', () => {
  it('is the time of the setup, then of the last call that succeeded', async () => {
    const { latchkey, one, use, clock, pass } = await hostWithEntries()
    const linked = clock.now()
    await pass(10_000)
    expect(await latchkey.entries.get(one)).toMatchObject({ checkedAt: linked })
    await use(one)
    expect(await latchkey.entries.get(one)).toMatchObject({ checkedAt: linked + 10_000 })
    await pass(5)
    await latchkey.entries.reload(one)
    expect(await latchkey.entries.get(one)).toMatchObject({ checkedAt: linked + 10_005 })
  })

  it('is announced in one event for all entries of a scope, five seconds after the first', async () => {
    const { latchkey, one, two, use, checks, hear, clock, pass } = await hostWithEntries()
    hear()
    await latchkey.entries.list()
    await use(one)
    await pass(3_000)
    await use(two)
    await use(one)
    const at = clock.now()
    expect(checks).toEqual([])
    await pass(2_000)
    const entry = (entryId: string) => ({ entryId, checkedAt: at })
    expect(checks).toEqual([{ scope: 'default', entries: [entry(one), entry(two)] }])
    await pass(20_000)
    expect(checks).toHaveLength(1)
  })

  it('is not announced for entries that were never read, and not to a scope without listeners', async () => {
    const { latchkey, one, two, use, checks, hear, pass } = await hostWithEntries()
    await latchkey.entries.get(one)
    await use(one)
    await pass(5_000)
    const stop = hear()
    const stopOther = hear()
    await use(two)
    await pass(5_000)
    expect(checks).toEqual([])
    await use(one)
    stop()
    stop()
    await pass(5_000)
    expect(checks).toHaveLength(1)
    await use(one)
    stopOther()
    await pass(5_000)
    expect(checks).toHaveLength(1)
  })

  it('is announced to a listener also after an earlier one was removed twice', async () => {
    const { latchkey, one, use, checks, hear, pass } = await hostWithEntries()
    await latchkey.entries.get(one)
    const stop = hear()
    stop()
    hear()
    stop()
    await use(one)
    await pass(5_000)
    expect(checks).toHaveLength(1)
  })

  it('causes no write', async () => {
    const { latchkey, store, one, use, hear, pass } = await hostWithEntries()
    hear()
    const { revision } = await latchkey.entries.get(one)
    store.apply = () => Promise.reject(new Error('No write was expected.'))
    for (let time = 0; time < 5; time++) {
      await use(one)
      await pass(5_000)
    }
    expect((await latchkey.entries.get(one)).revision).toBe(revision)
  })

  it('is known after an idle entry was unloaded, and forgotten with the entry', async () => {
    const { latchkey, one, two, use, clock, pass } = await hostWithEntries({
      connect: 'lazy',
      limits: { maxLoaded: 1 },
    })
    await pass(1_000)
    await use(one)
    const at = clock.now()
    await pass(1_000)
    await use(two)
    await atRest()
    expect(await latchkey.entries.get(one)).toMatchObject({
      state: 'not_loaded',
      idle: true,
      text: 'Ready',
      checkedAt: at,
    })
    // The process remembers no more answers than it keeps entries loaded.
    await use(one)
    await atRest()
    expect((await latchkey.entries.get(two)).checkedAt).toBe(clock.now())
    await latchkey.entries.remove(one)
    await latchkey.entries.remove(two)
    expect((await latchkey.entries.list()).items).toEqual([])
  })

  it('is that of a refreshed token, also if the call then fails', async () => {
    const { latchkey, service, entryId, clock, pass } = await linked()
    await pass(LIFE)
    const failing = latchkey.entries.use(service.integration, entryId, () => Promise.reject(new RangeError()))
    await expect(failing).rejects.toThrow(RangeError)
    expect(service.renewals).toHaveLength(1)
    expect((await latchkey.entries.get(entryId)).checkedAt).toBe(clock.now())
  })

  it('stays as it was while the token cannot be refreshed, and the entry is quiet', async () => {
    const { latchkey, service, entryId, clock, use, pass } = await linked()
    const linkedAt = clock.now()
    service.before = () => {
      throw new CannotConnectError()
    }
    await pass(LIFE)
    for (const _ of [1, 2, 3]) await use()
    expect(await latchkey.entries.get(entryId)).toMatchObject({ checkedAt: linkedAt, quiet: true })
  })
})
