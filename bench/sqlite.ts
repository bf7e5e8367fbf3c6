import { sqliteStore } from '../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey, joseCipher, type Write } from '../src/index.ts'
import { addEntry, reauthenticate } from './engine-runner.ts'
import { expectEnd } from './flow-runner.ts'
import { type Contender, sideBySide } from './measure.ts'
import { place } from './place.ts'
import { preparedSql } from './prepared-sql.ts'
import { entryRecord, SCOPE } from './records.ts'
import type { Bench } from './result.ts'
import { freshToken, integration } from './service.ts'
import { commit, opening } from './store.ts'

const ROUNDS = 8
const LANES = 32
const FLOWS = 320
const CONCURRENT = `sqlite/concurrent-${LANES}`
const BY_HAND = `sqlite/reauth-${LANES}:by-hand`
const GROUPED = `${BY_HAND}-grouped`

/**
 * Measures reauthentications on SQLite with encryption and synced writes: sequentially, many concurrently, and the same
 * encryption and transactions without Latchkey.
 */
export const sqliteBench: Bench = {
  names: ['sqlite/sequential', CONCURRENT, `sqlite/reauth-${LANES}`, BY_HAND, GROUPED],
  async run() {
    const [one, all] = [contender('sqlite/sequential', 1), contender(CONCURRENT, LANES)]
    const times = await sideBySide([one, all, byHand(BY_HAND, false), byHand(GROUPED, true)], ROUNDS)
    const rate = (name: string) => 1_000_000 / (times.get(name)?.time ?? Number.NaN)
    const [value, many] = [rate(one.name), rate(all.name)]
    const versus = 'sequential'
    return [
      { name: one.name, value, unit: 'flows/s' },
      { name: all.name, value: many, unit: 'flows/s', versus, ratio: many / value },
      {
        name: `sqlite/reauth-${LANES}`,
        value: many,
        unit: 'flows/s',
        versus: 'by-hand',
        ratio: many / rate(BY_HAND),
      },
      { name: BY_HAND, value: rate(BY_HAND), unit: 'flows/s' },
      { name: GROUPED, value: rate(GROUPED), unit: 'flows/s' },
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

/**
 * Seals and writes without Latchkey. `grouped`: each commit has the transactions of all lanes, which a program can do only
 * if it waits for all of them.
 */
const byHand = (name: string, grouped: boolean): Contender => ({
  name,
  async prepare() {
    const temporary = await place()
    // The store creates the tables.
    const store = sqliteStore(temporary.file)
    await store.open()
    await store.close()
    const sql = preparedSql(temporary.file)
    const apply = (all: readonly (readonly Write[])[]) => {
      for (const writes of grouped ? [all.flat()] : all) sql.apply(writes)
    }
    const cipher = joseCipher([crypto.getRandomValues(new Uint8Array(32))])
    const entries = Array.from({ length: LANES }, (_, lane) => entryRecord(`entry-${lane}`))
    sql.apply(entries.map((record) => ({ put: 'entry', record, ifRevision: 0 })))
    let revision = 1
    const run = async () => {
      for (let flow = 0; flow < FLOWS / LANES; flow++, revision++) {
        const flowId = (entryId: string) => `${entryId}-${revision}`
        apply(entries.map(({ entryId }) => opening(flowId(entryId), revision, entryId)))
        const saved = await Promise.all(
          entries.map(async (entry) => {
            const { entryId: id, domain, uniqueId, data } = entry
            const secrets = JSON.stringify({ token: freshToken(id) })
            const context = { purpose: 'entry', scope: SCOPE, id, domain, uniqueId, data } as const
            return { ...entry, sealed: await cipher.seal(secrets, context) }
          }),
        )
        apply(saved.map((entry) => commit(flowId(entry.entryId), revision, entry)))
      }
      return FLOWS
    }
    await run()
    return {
      run,
      async stop() {
        sql.close()
        await temporary[Symbol.asyncDispose]()
      },
    }
  },
})
