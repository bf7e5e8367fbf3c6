import { describe, expect, it } from '@jest/globals'
import { memoryPlace } from '../../../src/adapters/memory/memory-place.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { addEntry, atRest, makeHost } from '../host.ts'

const HOUR = 3_600_000

describe('the task purge_changes', () => {
  it('deletes changes after an hour, so that only a reader that is late is reset', async () => {
    const place = memoryPlace()
    const late = memoryStore(place)
    const host = await makeHost({ store: memoryStore(place) })
    await host.latchkey.start()
    const entryId = await addEntry(host)
    const since = await late.feed.head('default')
    const resets = async (from: number) => (await late.feed.read('default', from)).reset
    await host.latchkey.entries.update(entryId, { title: 'Attic' })
    await host.pass(HOUR - 600_000)
    await host.latchkey.entries.update(entryId, { title: 'Cellar' })
    expect(await resets(0)).toBe(false)
    await host.pass(600_001)
    while (!(await resets(since))) {
      await host.pass(600_000)
      await atRest()
    }
    expect(await resets(await late.feed.head('default'))).toBe(false)
    expect(await resets((await late.feed.head('default')) - 1)).toBe(false)
    await host.latchkey.stop()
  })
})
