import { describe, expect, it } from '@jest/globals'
import { StoreError } from '../../../src/errors.ts'
import { addEntry, atRest, makeHost } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'

const HOUR = 3_600_000

/** Counts the purges of history from now on. */
function countPurges({ inner }: TamperedStore): { begun: number; ended: number } {
  const purged = { begun: 0, ended: 0 }
  const purge = inner.purgeAudit.bind(inner)
  inner.purgeAudit = async (before, limit) => {
    purged.begun++
    const hasMore = await purge(before, limit)
    purged.ended++
    return hasMore
  }
  return purged
}

/** Waits for what comes by itself; the time that a test may take is its end. */
async function until(holds: () => boolean): Promise<void> {
  do await atRest()
  while (!holds())
}

describe('the task purge_history', () => {
  it('keeps history forever by default', async () => {
    const host = await makeHost()
    await host.latchkey.start()
    const entryId = await addEntry(host)
    await host.pass(10_000 * 24 * HOUR)
    expect((await host.latchkey.history(entryId)).items).toMatchObject([{ kind: 'entry_created' }])
  })

  it('deletes history beyond limits.history once an hour, and keeps the rest', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store, limits: { history: 24 * HOUR } })
    const purged = countPurges(store)
    await host.latchkey.start()
    const entryId = await addEntry(host)
    const { entries } = host.latchkey
    const kinds = async () => (await host.latchkey.history(entryId)).items.map(({ kind }) => kind)
    await host.pass(10_000)
    await until(() => purged.ended === 1)
    await host.pass(23 * HOUR)
    await until(() => purged.ended === 2)
    await entries.update(entryId, { title: 'Attic' })
    await entries.disable(entryId)
    expect(await kinds()).toEqual(['entry_created', 'entry_renamed', 'entry_disabled'])
    // It is old enough by now, but the last purge was less than an hour ago.
    await host.pass(HOUR - 5_000)
    expect(purged.begun).toBe(2)
    await host.pass(10_000)
    await until(() => purged.ended === 3)
    expect(await kinds()).toEqual(['entry_renamed', 'entry_disabled'])
  })

  it('logs that old history could not be let go, and tries again', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store, limits: { history: HOUR } })
    await host.latchkey.start()
    const entryId = await addEntry(host)
    const purge = store.inner.purgeAudit.bind(store.inner)
    store.inner.purgeAudit = async () => {
      throw new StoreError('The connection broke.')
    }
    await host.pass(2 * HOUR)
    expect(host.log.messages).toEqual(['A task failed.'])
    store.inner.purgeAudit = purge
    const purged = countPurges(store)
    await host.pass(2 * HOUR)
    await until(() => purged.ended === 1)
    expect((await host.latchkey.history(entryId)).items).toEqual([])
  })
})
