import { setTimeout } from 'node:timers/promises'
import { postgresStore } from '../src/adapters/postgres/postgres-store.ts'
import type { Store } from '../src/index.ts'
import { median } from './measure.ts'
import { postgresLanes } from './postgres-lanes.ts'
import { type PostgresPlace, postgresPlace } from './postgres-place.ts'
import { entryRecord, SCOPE } from './records.ts'
import type { Bench } from './result.ts'

const CHANGES = 200
/** Time between two changes in milliseconds. */
const EVERY = 20
const WRITERS = 16
const LANES = 32
const ROUNDS = 6
const FLOWS = 10

/** Measures when another store knows of a change, whether it misses one under many writers, and the cost of that. */
export const feedBench: Bench = {
  names: ['feed/p50', 'feed/p99', 'feed/missed', 'feed/heard-32', 'feed/heard-32:unheard'],
  async run() {
    await using place = await postgresPlace()
    const times = (await latencies(place)).sort((a, b) => a - b)
    const at = (part: number) =>
      times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? Number.NaN
    const { heard, unheard } = await cost(place)
    return [
      { name: 'feed/p50', value: at(0.5), unit: 'ms' },
      { name: 'feed/p99', value: at(0.99), unit: 'ms' },
      { name: 'feed/missed', value: await missed(place), unit: `of ${WRITERS * CHANGES}` },
      { name: 'feed/heard-32', value: heard, unit: 'flows/s', versus: 'unheard', ratio: heard / unheard },
      { name: 'feed/heard-32:unheard', value: unheard, unit: 'flows/s' },
    ]
  },
}

const write = (store: Store, entryId: string) =>
  store.apply(SCOPE, [{ put: 'entry', record: entryRecord(entryId), ifRevision: 0 }])

async function twoStores(place: PostgresPlace) {
  const url = await place.database()
  const [writer, reader] = [postgresStore(url), postgresStore(url)]
  await writer.open()
  await reader.open()
  /** Calls `seen` with the ids of the changes by the other store. @returns a function that ends this */
  const follow = (seen: (entryIds: readonly string[]) => void) => {
    let since = 0
    let reading = Promise.resolve()
    const read = () => {
      reading = reading.then(async () => {
        const { seq, entryIds } = await reader.feed.read(SCOPE, since)
        since = seq
        seen(entryIds)
      })
      return reading
    }
    const end = reader.feed.listen?.(() => void read())
    return async () => {
      end?.()
      await read()
    }
  }
  return {
    writer,
    follow,
    async close() {
      await writer.close()
      await reader.close()
    },
  }
}

/** @returns the time from the end of each write until the other store has read it, in milliseconds */
async function latencies(place: PostgresPlace): Promise<number[]> {
  const { writer, follow, close } = await twoStores(place)
  const written = new Map<string, number>()
  const times: number[] = []
  const stop = follow((entryIds) => {
    const now = performance.now()
    for (const id of entryIds) times.push(Math.max(0, now - (written.get(id) ?? now)))
  })
  // LISTEN needs a connection first.
  await setTimeout(300)
  for (let change = 0; change < CHANGES; change++) {
    const id = `entry-${change}`
    await write(writer, id)
    written.set(id, performance.now())
    await setTimeout(EVERY)
  }
  await setTimeout(300)
  await stop()
  await close()
  if (times.length !== CHANGES) throw new Error(`Of ${CHANGES} changes ${times.length} were read.`)
  return times
}

/** @returns the number of changes that the other store has not read although many writers wrote at once */
async function missed(place: PostgresPlace): Promise<number> {
  const { writer, follow, close } = await twoStores(place)
  const seen = new Set<string>()
  const stop = follow((entryIds) => {
    for (const id of entryIds) seen.add(id)
  })
  const lane = async (at: number) => {
    for (let change = 0; change < CHANGES; change++) await write(writer, `entry-${at}-${change}`)
  }
  await Promise.all(Array.from({ length: WRITERS }, (_, at) => lane(at)))
  await stop()
  await close()
  return WRITERS * CHANGES - seen.size
}

/** @returns flows per second while another store listens to all scopes, and without that */
async function cost(place: PostgresPlace) {
  const url = await place.database()
  const host = await postgresLanes(url, { lanes: LANES, sealed: true })
  await host.run(FLOWS)
  const rates = { heard: [] as number[], unheard: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const how of ['heard', 'unheard'] as const) {
      const listener = postgresStore(url)
      await listener.open()
      const known = new Map(Array.from({ length: LANES }, (_, at) => [`scope-${at}`, 0]))
      const reads: Promise<void>[] = []
      const read = async (scope: string) => {
        const { seq } = await listener.feed.read(scope, known.get(scope) ?? 0)
        known.set(scope, seq)
      }
      const wake = (scopes: readonly string[] | null) =>
        reads.push(...(scopes ?? [...known.keys()]).map(read))
      const end = how === 'heard' ? listener.feed.listen?.(wake) : undefined
      const begun = performance.now()
      const flows = await host.run(FLOWS)
      rates[how].push((flows * 1000) / (performance.now() - begun))
      end?.()
      await Promise.all(reads)
      await listener.close()
    }
  }
  await host.stop()
  return { heard: median(rates.heard), unheard: median(rates.unheard) }
}
