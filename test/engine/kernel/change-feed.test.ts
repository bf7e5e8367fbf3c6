import { describe, expect, it } from '@jest/globals'
import { memoryPlace } from '../../../src/adapters/memory/memory-place.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import type { LatchkeyEvents } from '../../../src/engine/api/events.ts'
import { ChangeFeed } from '../../../src/engine/kernel/change-feed.ts'
import { Events } from '../../../src/engine/kernel/events.ts'
import type { Feed } from '../../../src/ports/feed.ts'
import { entryRecord, put, write } from '../../../src/testing/store-records.ts'
import { CountingClock } from '../counting-clock.ts'
import { atRest, MemoryLog } from '../host.ts'

const POLL = 2_000

/** The change feed of a process, and the store of another process on the same rows. */
function following(change: (feed: Feed) => Partial<Feed> = () => ({})) {
  const place = memoryPlace()
  const own = memoryStore(place)
  const theirs = memoryStore(place)
  const clock = new CountingClock()
  const log = new MemoryLog()
  const events = new Events(log)
  const { feed } = own
  const all: Feed = {
    head: (scope) => feed.head(scope),
    read: (scope, since) => feed.read(scope, since),
    moved: (since) => feed.moved(since),
    listen: (wake) => feed.listen?.(wake) ?? (() => {}),
    purge: (before) => feed.purge(before),
  }
  const changes = new ChangeFeed({ ...all, ...change(all) }, { clock, log, events })
  const emitted: LatchkeyEvents['other_process_changed'][] = []
  events.on('other_process_changed', (event) => emitted.push(event))
  const pass = async (milliseconds: number) => {
    clock.increment(milliseconds)
    await atRest()
  }
  return { changes, own, theirs, clock, log, emitted, pass }
}

const change = (entryId: string) => put(entryRecord({ entryId, uniqueId: entryId }))

const ids = (emitted: readonly { readonly entryIds: readonly string[] }[]) =>
  emitted.flatMap(({ entryIds }) => entryIds)

/** A store that does not notify. */
const silent = (feed: Feed) => {
  const { listen: _, ...rest } = feed
  return { ...rest, listen: undefined } as unknown as Partial<Feed>
}

describe('the change feed', () => {
  it('emits the changes of another process once, and not those of this one', async () => {
    const { changes, own, theirs, emitted } = following()
    await write(theirs, change('before'))
    changes.hear('home')
    await changes.ready('home')
    await write(theirs, change('a'))
    await write(own, change('mine'))
    await write(theirs, change('b'))
    await atRest()
    expect(ids(emitted)).toEqual(['a', 'b'])
    expect(emitted[0]).toEqual({
      scope: 'home',
      entryIds: ['a'],
      flowIds: [],
      domains: [],
      reset: false,
    })
  })

  it('reads only scopes with a hearer, and each once for all of them', async () => {
    let reads = 0
    const { changes, theirs, emitted } = following((feed) => ({
      read: (scope, since) => {
        reads++
        return feed.read(scope, since)
      },
    }))
    const stops = [changes.hear('home'), changes.hear('home')]
    await changes.ready('home')
    await theirs.apply('office', [put(entryRecord({ scope: 'office' }))])
    await write(theirs, change('a'))
    await atRest()
    expect([ids(emitted), reads]).toEqual([['a'], 1])
    stops[0]?.()
    stops[0]?.()
    await write(theirs, change('b'))
    await atRest()
    expect([ids(emitted), reads]).toEqual([['a', 'b'], 2])
    stops[1]?.()
    await write(theirs, change('c'))
    await atRest()
    await changes.catchUp('home')
    expect([ids(emitted), reads]).toEqual([['a', 'b'], 2])
  })

  it('runs no timer if the store notifies', async () => {
    const { changes, clock } = following()
    changes.hear('home')
    await changes.ready('home')
    expect(clock.running).toBe(0)
  })

  it('polls a store that does not notify, all scopes with one query', async () => {
    const polls: string[][] = []
    const { changes, theirs, emitted, clock, pass } = following((feed) => ({
      ...silent(feed),
      moved: (since) => {
        polls.push([...since.keys()])
        return feed.moved(since)
      },
    }))
    const stops = [changes.hear('home'), changes.hear('office')]
    await changes.ready('home')
    await changes.ready('office')
    await write(theirs, change('a'))
    await atRest()
    expect(emitted).toEqual([])
    await pass(POLL)
    expect([polls, ids(emitted)]).toEqual([[['home', 'office']], ['a']])
    await pass(POLL)
    expect(polls).toHaveLength(2)
    for (const stop of stops) stop()
    expect(clock.running).toBe(0)
    changes.hear('home')
    await changes.ready('home')
    expect(clock.running).toBe(1)
  })

  it('polls when any scope may have changed, once for notifications at the same time', async () => {
    let polls = 0
    let wake: (scopes: readonly string[] | null) => void = () => {}
    const { changes, theirs, emitted } = following((feed) => ({
      listen: (given) => {
        wake = given
        return () => {}
      },
      moved: (since) => {
        polls++
        return feed.moved(since)
      },
    }))
    changes.hear('home')
    await changes.ready('home')
    await write(theirs, change('a'))
    for (let times = 0; times < 3; times++) wake(null)
    wake(['nowhere'])
    await atRest()
    expect([polls, ids(emitted)]).toEqual([2, ['a']])
  })

  it('logs a failure once, and emits the same changes later', async () => {
    let failures = 3
    const { changes, theirs, emitted, log, pass, clock } = following((feed) => ({
      read: async (scope, since) => {
        if (failures-- > 0) throw new Error('The store is away.')
        return feed.read(scope, since)
      },
    }))
    changes.hear('home')
    await changes.ready('home')
    await write(theirs, change('a'))
    await write(theirs, change('b'))
    await atRest()
    await pass(POLL)
    expect([emitted, clock.running]).toEqual([[], 1])
    await pass(POLL)
    await pass(POLL)
    expect(ids(emitted)).toEqual(['a', 'b'])
    expect(log.messages).toEqual(['The changes of other processes could not be read.'])
    expect(clock.running).toBe(0)
  })

  it('goes on when the poll itself fails', async () => {
    let failures = 1
    const { changes, theirs, emitted, pass } = following((feed) => ({
      ...silent(feed),
      moved: async (since) => {
        if (failures-- > 0) throw new Error('The store is away.')
        return feed.moved(since)
      },
    }))
    changes.hear('home')
    await changes.ready('home')
    await write(theirs, change('a'))
    await pass(POLL)
    expect(emitted).toEqual([])
    await pass(POLL)
    expect(ids(emitted)).toEqual(['a'])
  })

  it('resets a scope whose first read has failed, because changes may have been missed', async () => {
    let failures = 1
    const { changes, theirs, emitted, pass } = following((feed) => ({
      head: async (scope) => {
        if (failures-- > 0) throw new Error('The store is away.')
        return feed.head(scope)
      },
    }))
    changes.hear('home')
    await changes.ready('home')
    await write(theirs, change('a'))
    await pass(POLL)
    expect(emitted).toMatchObject([{ scope: 'home', reset: true }])
    await write(theirs, change('b'))
    await atRest()
    expect(emitted).toMatchObject([{ reset: true }, { reset: false, entryIds: ['b'] }])
  })

  it('catches up with all changes before it answers', async () => {
    const { changes, theirs, emitted } = following(silent)
    changes.hear('home')
    await changes.catchUp('home')
    await write(theirs, change('a'))
    await changes.catchUp('home')
    expect(ids(emitted)).toEqual(['a'])
  })

  it('emits nothing after it was stopped, and waits for a read in progress', async () => {
    const held = Promise.withResolvers<void>()
    const { changes, theirs, emitted, log, clock } = following((feed) => ({
      read: async (scope, since) => {
        await held.promise
        throw new Error(`The store was closed: ${scope} ${since} ${typeof feed}`)
      },
    }))
    changes.hear('home')
    await changes.ready('home')
    await write(theirs, change('a'))
    await atRest()
    let stopped = false
    const stop = changes.stop().then(() => {
      stopped = true
    })
    await atRest()
    expect(stopped).toBe(false)
    held.resolve()
    await stop
    changes.hear('home')()
    await changes.ready('home')
    await write(theirs, change('b'))
    await atRest()
    expect([emitted, log.messages, clock.running]).toEqual([[], [], 0])
  })

  it('reads no scope whose last hearer has gone during the poll', async () => {
    const held = Promise.withResolvers<void>()
    let reads = 0
    const { changes, theirs, pass } = following((feed) => ({
      ...silent(feed),
      moved: async (since) => {
        await held.promise
        return feed.moved(since)
      },
      read: (scope, since) => {
        reads++
        return feed.read(scope, since)
      },
    }))
    const stop = changes.hear('home')
    changes.hear('office')
    await changes.ready('home')
    await write(theirs, change('a'))
    await pass(POLL)
    stop()
    held.resolve()
    await atRest()
    expect(reads).toBe(0)
  })

  it('emits no change of a scope whose last hearer has gone during the read', async () => {
    const held = Promise.withResolvers<void>()
    const { changes, theirs, emitted } = following((feed) => ({
      read: async (scope, since) => {
        await held.promise
        return feed.read(scope, since)
      },
    }))
    const stop = changes.hear('home')
    await changes.ready('home')
    await write(theirs, change('a'))
    await atRest()
    stop()
    held.resolve()
    await atRest()
    expect(emitted).toEqual([])
  })
})
