import { createLatchkey, memoryStore, plainCipher, type Store } from '../src/index.ts'
import { addEntry, reauthenticate } from './engine-runner.ts'
import { expectEnd } from './flow-runner.ts'
import { collectGarbage } from './garbage.ts'
import { type Contender, sideBySide } from './measure.ts'
import { entryRecord, fill, openFlow, SCOPE } from './records.ts'
import type { Bench } from './result.ts'
import { integration } from './service.ts'

const ROUNDS = 8
const SMALL = 10
const LARGE = 100_000
const WARM_UP = 300
const PAIRS = 200

const openFlows = (store: Store, count: number) =>
  fill(store, count, SCOPE, (id) => ({ put: 'flow', record: openFlow(id), ifRevision: 0 }))
const entries = (store: Store, count: number) =>
  fill(store, count, SCOPE, (id) => ({ put: 'entry', record: entryRecord(id), ifRevision: 0 }))

/** Measures a flow among many open flows, and among many entries, of the same integration. */
export const growthBenches: readonly Bench[] = [
  bench('growth/flows', openFlows),
  bench('growth/entries', entries),
]

function bench(name: string, grow: (store: Store, count: number) => Promise<void>): Bench {
  const small = `${name}:${SMALL}`
  return {
    names: [name, small],
    async run() {
      const times = await sideBySide([contender(small, grow, SMALL), contender(name, grow, LARGE)], ROUNDS)
      const base = times.get(small)?.time ?? Number.NaN
      const value = times.get(name)?.time ?? Number.NaN
      return [
        { name, value, unit: 'µs', versus: `at ${SMALL}`, ratio: value / base },
        { name: small, value: base, unit: 'µs' },
      ]
    },
  }
}

/** Keeps only its own store in memory, so that no contender pays for the garbage of the other. */
function contender(
  name: string,
  grow: (store: Store, count: number) => Promise<void>,
  count: number,
): Contender {
  return {
    name,
    async prepare() {
      const store = memoryStore()
      await grow(store, count)
      collectGarbage()
      const limits = { openFlows: Number.MAX_SAFE_INTEGER }
      const latchkey = await createLatchkey({
        integrations: [integration],
        store,
        cipher: plainCipher(),
        limits,
      })
      let account = 0
      const pair = async () => {
        const uniqueId = `new-${++account}`
        const entryId = await addEntry(latchkey, uniqueId)
        expectEnd(await reauthenticate(latchkey, entryId, uniqueId), 'reauth_successful')
      }
      for (let done = 0; done < WARM_UP; done++) await pair()
      return {
        async run() {
          for (let done = 0; done < PAIRS; done++) await pair()
          return PAIRS * 2
        },
        stop: () => latchkey.stop(),
      }
    },
  }
}
