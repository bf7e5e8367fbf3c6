import { createLatchkey, type Latchkey, memoryStore, plainCipher, ReauthRequiredError } from '../src/index.ts'
import { collectGarbage } from './garbage.ts'
import { median } from './measure.ts'
import { entryRecord, fill } from './records.ts'
import type { Bench } from './result.ts'
import { integration, revoked } from './service.ts'

const ROUNDS = 8
const FEW = 10
const MANY = 5_000
const WARM_UP = 500
/** Repetitions of the small run, because it is short. Half of them run before the large one, half after it. */
const REPEATS = 50

/**
 * Measures how long it takes if all entries of an integration lose their credential at once, and all callers notice.
 */
export const massReauthBench: Bench = {
  names: ['mass-reauth', 'mass-reauth/entry', `mass-reauth/entry:${FEW}`],
  async run() {
    const few: number[] = []
    const many: number[] = []
    for (let round = -1; round < ROUNDS; round++) {
      const times = await roundOf()
      if (round < 0) continue
      few.push(mean(times.few))
      many.push(times.many)
    }
    const value = (median(many) / MANY) * 1000
    const base = (median(few) / FEW) * 1000
    return [
      { name: 'mass-reauth', value: median(many) / 1000, unit: 's' },
      { name: 'mass-reauth/entry', value, unit: 'µs', versus: `of ${FEW}`, ratio: value / base },
      { name: `mass-reauth/entry:${FEW}`, value: base, unit: 'µs' },
    ]
  },
}

/** The mean instead of the median: garbage collection happens in few repetitions, but belongs to all. */
const mean = (times: readonly number[]): number => times.reduce((sum, time) => sum + time, 0) / times.length

async function roundOf(): Promise<{ few: readonly number[]; many: number }> {
  const store = memoryStore()
  const scopes = new Map([['warm', WARM_UP]])
  for (let repeat = 0; repeat < REPEATS; repeat++) scopes.set(`few${repeat}`, FEW)
  scopes.set('many', MANY)
  for (const [scope, count] of scopes) {
    await fill(store, count, scope, (id) => ({ put: 'entry', record: entryRecord(id, scope), ifRevision: 0 }))
  }
  const latchkey = await createLatchkey({ integrations: [integration], store, cipher: plainCipher() })
  await latchkey.start()
  await loseAll(latchkey, 'warm', WARM_UP)
  collectGarbage()
  const few: number[] = []
  const fewTimes = async (from: number, to: number) => {
    for (let repeat = from; repeat < to; repeat++) few.push(await loseAll(latchkey, `few${repeat}`, FEW))
  }
  await fewTimes(0, REPEATS / 2)
  collectGarbage()
  const many = await loseAll(latchkey, 'many', MANY)
  collectGarbage()
  await fewTimes(REPEATS / 2, REPEATS)
  await latchkey.stop()
  revoked.clear()
  return { few, many }
}

/** @returns the time in milliseconds until every caller has the flow that asks for a new credential */
async function loseAll(latchkey: Latchkey, scope: string, count: number): Promise<number> {
  const { entries, flows } = latchkey.scope(scope)
  revoked.add(scope)
  const begun = performance.now()
  const calls = Array.from({ length: count }, (_, at) =>
    entries.use(integration, `${scope}-${at}`, (client) => client.ping()),
  )
  const answers = await Promise.allSettled(calls)
  const time = performance.now() - begun
  const noticed = answers.filter(
    ({ status, ...answer }) =>
      status === 'rejected' &&
      'reason' in answer &&
      answer.reason instanceof ReauthRequiredError &&
      answer.reason.flowId !== null,
  )
  const { items } = await flows.list({ limit: count })
  if (noticed.length !== count || items.length !== Math.min(count, 1_000)) {
    throw new Error(`Of ${count} entries ${noticed.length} were noticed.`)
  }
  return time
}
