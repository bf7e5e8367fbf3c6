import assert from 'node:assert/strict'
import type { Changes } from '../ports/feed.ts'
import type { Store } from '../ports/store.ts'
import { type SharedStoreCase, sharedStoreCase } from './shared-store-case.ts'
import { attemptsRecord, auditRow, editRecord, entryRecord, flowRecord, put, write } from './store-records.ts'

/** Time of a feed to notify its listeners, in milliseconds. */
const WAKE_TIME = 2_000

const NONE = { entryIds: [], flowIds: [], domains: [], reset: false }

const read = (store: Store, since: number): Promise<Changes> => store.feed.read('home', since)

/** Resolves once a condition holds. Rejects if it does not in time. */
async function eventually(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + WAKE_TIME
  while (!holds()) {
    assert.ok(performance.now() < deadline, 'the feed did not notify its listener')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Creates a case whose stores both read the feed of the scope from its start. */
const feedCase = (title: string, check: (mine: Store, theirs: Store) => Promise<void>): SharedStoreCase =>
  sharedStoreCase(title, async (mine, theirs) => {
    for (const store of [mine, theirs]) assert.equal(await store.feed.head('home'), 0)
    await check(mine, theirs)
  })

/** The requirements of the feed: each change by the other store once, in order, and none missed. */
export const sharedFeedCases: readonly SharedStoreCase[] = [
  feedCase('has a change for each transaction of the other store, once', async (mine, theirs) => {
    assert.deepEqual(await read(mine, 0), { ...NONE, seq: 0 })
    await write(theirs, put(entryRecord()))
    await write(theirs, put(entryRecord({ entryId: 'entry-2' })), put(flowRecord()))
    const first = await read(mine, 0)
    assert.deepEqual(first, { ...NONE, seq: 2, entryIds: ['entry-1', 'entry-2'], flowIds: ['flow-1'] })
    assert.deepEqual(await read(mine, 2), { ...NONE, seq: 2 })
    await write(theirs, { remove: 'entry', id: 'entry-2', ifRevision: 1 })
    assert.deepEqual(await read(mine, 2), { ...NONE, seq: 3, entryIds: ['entry-2'] })
    assert.deepEqual(await read(mine, 1), {
      ...NONE,
      seq: 3,
      entryIds: ['entry-2'],
      flowIds: ['flow-1'],
    })
  }),

  feedCase('leaves out the changes of the store itself', async (mine, theirs) => {
    await write(mine, put(entryRecord()))
    await write(theirs, put(entryRecord({ entryId: 'entry-2' })))
    await write(mine, put(entryRecord({ entryId: 'entry-3' })))
    assert.deepEqual(await read(mine, 0), { ...NONE, seq: 3, entryIds: ['entry-2'] })
    assert.deepEqual(await read(theirs, 0), { ...NONE, seq: 3, entryIds: ['entry-1', 'entry-3'] })
  }),

  feedCase('has the ids of history rows, and their integration if they have no id', async (mine, theirs) => {
    await write(theirs, { audit: auditRow() })
    await write(theirs, { audit: auditRow({ entryId: null, flowId: null, code: 'hub' }) })
    await write(theirs, { audit: auditRow({ entryId: null, flowId: 'flow-2', code: 'none' }) })
    assert.deepEqual(await read(mine, 0), {
      seq: 3,
      entryIds: ['entry-1'],
      flowIds: ['flow-1', 'flow-2'],
      domains: ['hub'],
      reset: false,
    })
  }),

  feedCase('has the entry of a flow that opens or ends', async (mine, theirs) => {
    await write(theirs, put(editRecord()))
    assert.deepEqual((await read(mine, 0)).entryIds, ['entry-1'])
    await write(theirs, put(editRecord({ revision: 2 })))
    assert.deepEqual(await read(mine, 1), { ...NONE, seq: 2, flowIds: ['flow-1'] })
    await write(theirs, put(editRecord({ revision: 3, open: false })))
    assert.deepEqual(await read(mine, 2), { ...NONE, seq: 3, entryIds: ['entry-1'], flowIds: ['flow-1'] })
  }),

  feedCase('has no change for attempts, conditions and failed transactions', async (mine, theirs) => {
    await write(theirs, put(attemptsRecord()))
    await write(theirs, { check: 'entry', id: 'entry-1', ifRevision: 0 })
    const conflicting = put(entryRecord({ revision: 2 }))
    await assert.rejects(write(theirs, put(flowRecord()), conflicting))
    assert.equal(await mine.feed.head('home'), 0)
    await write(theirs, put(flowRecord()))
    assert.deepEqual(await read(mine, 0), { ...NONE, seq: 1, flowIds: ['flow-1'] })
  }),

  feedCase('numbers the changes of each scope separately', async (mine, theirs) => {
    await write(theirs, put(entryRecord()))
    await theirs.apply('office', [put(entryRecord({ scope: 'office', entryId: 'entry-9' }))])
    await write(theirs, put(entryRecord({ revision: 2 })))
    assert.equal(await mine.feed.head('home'), 2)
    assert.deepEqual(await mine.feed.read('office', 0), { ...NONE, seq: 1, entryIds: ['entry-9'] })
    const moved = (home: number, office: number) => mine.feed.moved(new Map(Object.entries({ home, office })))
    assert.deepEqual([...(await moved(1, 0))].sort(), ['home', 'office'])
    assert.deepEqual(await moved(1, 1), ['home'])
    assert.deepEqual(await moved(2, 1), [])
    assert.deepEqual(await mine.feed.moved(new Map([['nowhere', 0]])), [])
  }),

  feedCase('misses no change of parallel writers', async (mine, theirs) => {
    let since = 0
    const seen = new Set<string>()
    const ids = Array.from({ length: 200 }, (_, number) => `entry-${number}`)
    let isWriting = true
    const writing = Promise.all(
      ids.map(async (entryId, number) => {
        await new Promise((resolve) => setTimeout(resolve, number % 20))
        await write(number % 2 === 0 ? mine : theirs, put(entryRecord({ entryId })))
      }),
    ).finally(() => {
      isWriting = false
    })
    for (let isLast = false; !isLast; ) {
      isLast = !isWriting
      const changes = await read(mine, since)
      assert.equal(changes.reset, false)
      for (const id of changes.entryIds) {
        assert.ok(!seen.has(id), 'a change was read twice')
        seen.add(id)
      }
      since = changes.seq
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await writing
    assert.equal(since, 200)
    assert.deepEqual([...seen].sort(), ids.filter((_, number) => number % 2 === 1).sort())
  }),

  feedCase('resets a reader whose next change was purged, and no other', async (mine, theirs) => {
    const at = (updatedAt: number, revision: number) => put(entryRecord({ updatedAt, revision }))
    for (const [time, revision] of [
      [10, 1],
      [20, 2],
      [30, 3],
    ] as const)
      await write(theirs, at(time, revision))
    await mine.feed.purge(25)
    assert.equal((await read(mine, 0)).reset, true)
    assert.equal((await read(mine, 1)).reset, true)
    assert.deepEqual(await read(mine, 2), { ...NONE, seq: 3, entryIds: ['entry-1'] })
    // A file that was replaced by an older one.
    assert.equal((await read(mine, 9)).reset, true)
  }),

  feedCase('keeps the last change, so that the numbers go on', async (mine, theirs) => {
    await write(theirs, put(entryRecord()))
    await write(theirs, put(entryRecord({ revision: 2 })))
    await theirs.feed.purge(Number.MAX_SAFE_INTEGER)
    assert.equal(await mine.feed.head('home'), 2)
    await write(theirs, put(entryRecord({ revision: 3 })))
    assert.deepEqual(await read(mine, 2), { ...NONE, seq: 3, entryIds: ['entry-1'] })
  }),

  feedCase(
    'has the changes that were made while the reader was closed, or resets it',
    async (mine, theirs) => {
      await write(mine, put(entryRecord()))
      await mine.close()
      await write(theirs, put(entryRecord({ revision: 2 })))
      await mine.open()
      assert.deepEqual(await mine.feed.moved(new Map([['home', 1]])), ['home'])
      const { entryIds, reset, seq } = await read(mine, 1)
      assert.ok(reset || entryIds.includes('entry-1'))
      await write(theirs, put(entryRecord({ revision: 3 })))
      assert.deepEqual(await read(mine, seq), { ...NONE, seq: seq + 1, entryIds: ['entry-1'] })
    },
  ),

  feedCase('notifies listeners of changes by the other store', async (mine, theirs) => {
    const { listen } = mine.feed
    if (listen === undefined) return
    const woken = new Set<string | null>()
    const stop = listen.call(mine.feed, (scopes) => {
      for (const scope of scopes ?? [null]) woken.add(scope)
    })
    try {
      await write(theirs, put(entryRecord()))
      await eventually(() => woken.has('home') || woken.has(null))
    } finally {
      stop()
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
    woken.clear()
    await write(theirs, put(entryRecord({ revision: 2 })))
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.deepEqual([...woken], [])
  }),

  feedCase('has a stamp that increases with each transaction of both stores', async (mine, theirs) => {
    const { feed } = mine
    if (feed.stamp === undefined) return
    let before = feed.stamp()
    for (const [at, store] of [mine, theirs, mine, theirs].entries()) {
      assert.equal(feed.stamp(), before)
      await write(store, put(entryRecord({ revision: at + 1 })))
      assert.ok(feed.stamp() > before)
      before = feed.stamp()
    }
    await write(theirs, put(attemptsRecord()))
    assert.ok(feed.stamp() > before)
  }),
]
