import { sqliteStore } from '../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey } from '../src/index.ts'
import { addEntry, reauthenticate } from './engine-runner.ts'
import { expectEnd } from './flow-runner.ts'
import { type Contender, sideBySide } from './measure.ts'
import { place } from './place.ts'
import type { Bench } from './result.ts'
import { integration } from './service.ts'

const ROUNDS = 8
const LANES = 32
const FLOWS = 320

/** Measures reauthentications on SQLite with encryption and synced writes: sequentially, and many concurrently. */
export const sqliteBench: Bench = {
  names: ['sqlite/sequential', `sqlite/concurrent-${LANES}`],
  async run() {
    const [one, all] = [contender('sqlite/sequential', 1), contender(`sqlite/concurrent-${LANES}`, LANES)]
    const times = await sideBySide([one, all], ROUNDS)
    const rate = (name: string) => 1_000_000 / (times.get(name)?.time ?? Number.NaN)
    const [value, many] = [rate(one.name), rate(all.name)]
    const versus = 'sequential'
    return [
      { name: one.name, value, unit: 'flows/s' },
      { name: all.name, value: many, unit: 'flows/s', versus, ratio: many / value },
    ]
  },
}

function contender(name: string, lanes: number): Contender {
  return {
    name,
    async prepare() {
      const temporary = await place()
      const store = sqliteStore(temporary.file)
      const latchkey = await createLatchkey({ integrations: [integration], store })
      const ids: string[] = []
      for (let lane = 0; lane < lanes; lane++) ids.push(await addEntry(latchkey, `mine-${lane}`))
      const run = async () => {
        const lane = async (entryId: string, at: number) => {
          for (let flow = 0; flow < FLOWS / lanes; flow++) {
            expectEnd(await reauthenticate(latchkey, entryId, `mine-${at}`), 'reauth_successful')
          }
        }
        await Promise.all(ids.map(lane))
        return FLOWS
      }
      await run()
      return {
        run,
        async stop() {
          await latchkey.stop()
          await temporary[Symbol.asyncDispose]()
        },
      }
    },
  }
}
