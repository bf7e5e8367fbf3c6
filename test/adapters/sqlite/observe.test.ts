import { afterAll, describe, expect, it } from '@jest/globals'
import type { Measurement } from '../../../src/ports/telemetry.ts'
import { entryRecord, put, write } from '../../../src/testing/store-records.ts'
import { sqlitePlace } from './sqlite-place.ts'

const place = sqlitePlace()
afterAll(place.clear)

describe('sqliteStore.observe', () => {
  it('reports how many calls each commit has written, until the observer is removed', async () => {
    const store = await place.open(place.path())
    const measured: Measurement[] = []
    const end = store.observe?.((measurement) => void measured.push(measurement))
    const entry = (id: string) => put(entryRecord({ entryId: id }))
    await write(store, entry('one'))
    // The second write of an entry is refused, and not part of the commit.
    await Promise.allSettled(['two', 'three', 'one'].map((id) => write(store, entry(id))))
    expect(measured).toEqual([
      { type: 'commit', size: 1 },
      { type: 'commit', size: 2 },
    ])
    end?.()
    await write(store, entry('four'))
    expect(measured).toHaveLength(2)
  })

  it('reports the time since another process wrote the changes that it reads', async () => {
    const path = place.path()
    const [reader, writer] = [await place.open(path), await place.open(path)]
    const since = await reader.feed.head('home')
    const measured: Measurement[] = []
    reader.observe?.((measurement) => void measured.push(measurement))
    await reader.feed.read('home', since)
    expect(measured).toEqual([])
    const now = Date.now()
    await write(writer, put(entryRecord({ updatedAt: now - 700 })))
    await reader.feed.read('home', since)
    expect(measured).toEqual([{ type: 'feed_lag', ms: expect.any(Number) }])
    const [lag] = measured
    expect(lag?.type === 'feed_lag' && lag.ms >= 700 && lag.ms < 60_000).toBe(true)
  })
})
