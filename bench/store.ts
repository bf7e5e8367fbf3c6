import { sqliteStore } from '../src/adapters/sqlite/sqlite-store.ts'
import type { Write } from '../src/index.ts'
import { type Contender, sideBySide } from './measure.ts'
import { place } from './place.ts'
import { preparedSql } from './prepared-sql.ts'
import { entryRecord, openFlow, SCOPE } from './records.ts'
import type { Bench } from './result.ts'

const ROUNDS = 16
const PAIRS = 100
const NAME = 'store/sequential'
const SQL = `${NAME}:prepared-sql`

/** Measures sequential `apply` calls, and the same transactions as hand-written prepared SQL. */
export const storeBench: Bench = {
  names: [NAME, SQL],
  async run() {
    const times = await sideBySide([contender(NAME, viaStore), contender(SQL, viaSql)], ROUNDS)
    const rate = (name: string) => 1_000_000 / (times.get(name)?.time ?? Number.NaN)
    const [value, base] = [rate(NAME), rate(SQL)]
    return [
      { name: NAME, value, unit: 'transactions/s', versus: 'prepared-sql', ratio: value / base },
      { name: SQL, value: base, unit: 'transactions/s' },
    ]
  },
}

interface Way {
  apply(writes: readonly Write[]): Promise<void>
  close(): Promise<void>
}

async function viaStore(file: string): Promise<Way> {
  const store = sqliteStore(file)
  await store.open()
  return { apply: (writes) => store.apply(SCOPE, writes), close: () => store.close() }
}

async function viaSql(file: string): Promise<Way> {
  // The store creates the tables, so that both contenders use the same ones.
  const store = sqliteStore(file)
  await store.open()
  await store.close()
  const sql = preparedSql(file)
  return { apply: async (writes) => sql.apply(writes), close: async () => sql.close() }
}

function contender(name: string, open: (file: string) => Promise<Way>): Contender {
  return {
    name,
    async prepare() {
      const temporary = await place()
      const way = await open(temporary.file)
      await way.apply([{ put: 'entry', record: entryRecord('entry'), ifRevision: 0 }])
      let revision = 1
      const run = async () => {
        for (let pair = 0; pair < PAIRS; pair++) {
          const flowId = `flow-${revision}`
          await way.apply(opening(flowId, revision))
          await way.apply(commit(flowId, revision++))
        }
        return PAIRS * 2
      }
      await run()
      return {
        run,
        async stop() {
          await way.close()
          await temporary[Symbol.asyncDispose]()
        },
      }
    },
  }
}

const ENTRY = 'entry'
const edit = (flowId: string, entryId: string) => ({
  ...openFlow(flowId),
  source: 'reauth',
  entryId,
  edits: true,
})

/** The first transaction of a reauthentication: it opens the flow. */
export const opening = (flowId: string, revision: number, entryId = ENTRY): Write[] => [
  { put: 'flow', record: { ...edit(flowId, entryId), step: 'reauth_confirm' }, ifRevision: 0 },
  auditRow(flowId, entryId, 'flow_started', revision),
]

/** The second transaction: the credential and the result of the flow. */
export const commit = (flowId: string, revision: number, entry = entryRecord(ENTRY)): Write[] => [
  { put: 'entry', record: { ...entry, revision: revision + 1 }, ifRevision: revision },
  {
    put: 'flow',
    record: {
      ...edit(flowId, entry.entryId),
      step: 'abort',
      open: false,
      context: { reason: 'done' },
      revision: 2,
    },
    ifRevision: 1,
  },
  auditRow(flowId, entry.entryId, 'credential_updated', revision + 1),
]

const auditRow = (flowId: string, entryId: string, kind: string, revision: number): Write => ({
  audit: { scope: SCOPE, at: Date.now(), who: 'host', entryId, flowId, kind, code: null, revision },
})
