import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Cut, WireProxy } from '../../scripts/wire-proxy.ts'
import { postgresStore } from '../../src/adapters/postgres/postgres-store.ts'
import { RevisionConflictError, type Store, StoreError } from '../../src/index.ts'
import { auditRow, entryRecord, flowRecord, put, write } from '../../src/testing/store-records.ts'
import { randomFrom } from '../stories/random-stops.ts'
import { postgresPlace } from './postgres-place.ts'

/** The number of answers that are lost: 1,000 in the long run. */
const LOST = Number(process.env.LOST_ANSWERS ?? 60)
const LANES = 8
/** The part of the requests whose connection is cut. */
const CHANCE = 0.1

const random = randomFrom(Number(process.env.SEED ?? 1))
const place = postgresPlace()
afterAll(() => place.clear())

describe('a store whose connections are cut', () => {
  let proxy: WireProxy
  let store: Store
  /** Looks at the database without the proxy. */
  let witness: Store

  beforeEach(async () => {
    const { port, url } = await place.database()
    proxy = await WireProxy.start(port)
    store = postgresStore(proxy.through(url()))
    witness = postgresStore(url())
    await Promise.all([store.open(), witness.open()])
  })
  afterEach(async () => {
    proxy.cutNext = () => null
    await Promise.all([store.close(), witness.close()])
    await proxy.stop()
  })

  /** Cuts connections until so many answers were lost, while lanes work. */
  const underCuts = async (lane: (at: number, isOver: () => boolean) => Promise<void>) => {
    proxy.cutNext = () => (random() >= CHANCE ? null : random() < 0.8 ? 'answer' : 'request')
    const isOver = () => proxy.cuts.answer >= LOST
    await Promise.all(Array.from({ length: LANES }, (_, at) => lane(at, isOver)))
    proxy.cutNext = () => null
  }

  it(`tells the truth about each write when ${LOST} answers are lost`, async () => {
    const written: string[] = []
    const failed: string[] = []
    await underCuts(async (at, isOver) => {
      for (let number = 0; !isOver(); number++) {
        const flowId = `flow-${at}-${number}`
        await write(store, put(flowRecord({ flowId })), { audit: auditRow({ flowId }) }).then(
          () => written.push(flowId),
          (error: unknown) => {
            expect(error).toBeInstanceOf(StoreError)
            // The database could be reached at the end of each cut, so the store knows.
            expect(error).not.toMatchObject({ outcome: 'unknown' })
            failed.push(flowId)
          },
        )
      }
    })
    expect(proxy.cuts.answer).toBeGreaterThanOrEqual(LOST)
    const stored = new Set<string>()
    for (let after: { after?: string } = {}; ; ) {
      const { items, next } = await witness.findFlows('home', { limit: 1_000, ...after })
      for (const { flowId } of items) stored.add(flowId)
      if (next === null) break
      after = { after: next }
    }
    expect(written.filter((flowId) => !stored.has(flowId))).toEqual([])
    expect(failed.filter((flowId) => stored.has(flowId))).toEqual([])
    expect(stored.size).toBe(written.length)
    // No write was made twice.
    const history: string[] = []
    for (let after: { after?: string } = {}; ; ) {
      const { items, next } = await witness.readAudit('home', null, { limit: 1_000, ...after })
      history.push(...items.map(({ flowId }) => flowId ?? ''))
      if (next === null) break
      after = { after: next }
    }
    expect(history.sort()).toEqual([...stored].sort())
  })

  it('writes once if the request was lost, and the answer to the question whether it arrived, too', async () => {
    const cuts: Cut[] = ['request', 'answer']
    proxy.cutNext = () => cuts.shift() ?? null
    await write(store, put(flowRecord()), { audit: auditRow() })
    expect(cuts).toEqual([])
    expect(await witness.getFlow('home', 'flow-1')).toMatchObject({ revision: 1 })
    expect((await witness.readAudit('home', null, { limit: 9 })).items).toHaveLength(1)
  })

  it('counts each of many updates once, also if its answer was lost', async () => {
    await write(store, put(entryRecord({ options: { count: 0 } })))
    let counted = 0
    await underCuts(async (_, isOver) => {
      while (!isOver()) {
        try {
          const entry = await store.getEntry('home', 'entry-1')
          if (entry === undefined) throw new Error('The entry was removed.')
          const options = { count: Number(entry.options.count) + 1 }
          await write(store, put({ ...entry, options, revision: entry.revision + 1 }))
          counted++
        } catch (error) {
          if (!(error instanceof RevisionConflictError)) expect(error).toBeInstanceOf(StoreError)
        }
      }
    })
    const entry = await witness.getEntry('home', 'entry-1')
    expect(entry).toMatchObject({ options: { count: counted }, revision: counted + 1 })
  })
})
