import { postgresStore } from '../src/adapters/postgres/postgres-store.ts'
import { createLatchkey, joseCipher, type Latchkey, type Store } from '../src/index.ts'
import { addEntry } from './engine-runner.ts'
import { expectEnd } from './flow-runner.ts'
import { median } from './measure.ts'
import { postgresPlace, sql } from './postgres-place.ts'
import { entryRecord, openFlow, SCOPE } from './records.ts'
import type { Bench } from './result.ts'
import { freshToken, host, integration } from './service.ts'

const SMALL = 1_000
/** The number of entries and of parked flows: 1,000,000 with `BENCH_LARGE=1`, which takes some minutes to fill. */
const LARGE = process.env.BENCH_LARGE === '1' ? 1_000_000 : 50_000
const REPEATS = 40
const WARM_UP = 10
const DUE_AT = 1_796_586_181_172
const key = crypto.getRandomValues(new Uint8Array(32))

/** The measured operations. Each works on rows that are there in both databases. */
const operations = {
  start: ({ latchkey }) => latchkey.flows.start({ domain: integration.domain, source: 'user' }),
  submit: ({ latchkey, serial }) => addEntry(latchkey, `new-${serial}`),
  dedupe: async ({ latchkey, serial }) => {
    const form = await latchkey.flows.start({ domain: integration.domain, source: 'user' })
    // Of each 25 entries, the last one needs attention.
    const input = { host, token: freshToken(`${SCOPE}-${25 * (serial % 40) + 1}`) }
    const end = await latchkey.flows.submit(form.flowId, input, { revision: form.revision })
    expectEnd(end.type === 'abort' ? end.reason : end.type, 'already_configured')
  },
  attention: ({ latchkey }) => latchkey.attention.list(),
  due: ({ store }) => store.due(DUE_AT + 5_000, 100),
  open: async ({ url }) => {
    const latchkey = await open(postgresStore(url))
    await latchkey.start()
    await latchkey.stop()
  },
} satisfies Readonly<Record<string, (at: Measured & { readonly serial: number }) => Promise<unknown>>>

interface Measured {
  readonly url: string
  readonly store: Store
  readonly latchkey: Latchkey
}

const nameOf = (operation: string, count = '') => `large/${operation}${count}`

/** Measures operations among many entries and parked flows in PostgreSQL, and among few. */
export const largeBench: Bench = {
  names: Object.keys(operations).flatMap((name) => [nameOf(name), nameOf(name, `:${SMALL}`)]),
  async run() {
    await using place = await postgresPlace()
    const few = await filled(await place.database(), SMALL)
    const many = await filled(await place.database(), LARGE)
    const results = []
    let serial = 0
    for (const [name, operation] of Object.entries(operations)) {
      const times = { few: [] as number[], many: [] as number[] }
      for (let round = -WARM_UP; round < REPEATS; round++) {
        for (const [size, at] of Object.entries({ few, many })) {
          const begun = performance.now()
          await operation({ ...at, serial: ++serial })
          if (round >= 0) times[size as 'few' | 'many'].push(performance.now() - begun)
        }
      }
      const [base, value] = [median(times.few), median(times.many)]
      results.push(
        { name: nameOf(name), value, unit: 'ms', versus: `of ${SMALL}`, ratio: value / base },
        { name: nameOf(name, `:${SMALL}`), value: base, unit: 'ms' },
      )
    }
    await Promise.all([few.latchkey.stop(), many.latchkey.stop()])
    return results
  },
}

const open = (store: Store) =>
  createLatchkey({ integrations: [integration], store, cipher: joseCipher([key]) })

/** Fills a database with so many entries and parked flows. 40 entries need attention. */
async function filled(url: string, count: number): Promise<Measured> {
  const store = postgresStore(url)
  await store.open()
  await store.close()
  const sealed = await joseCipher([key]).seal(JSON.stringify({ token: 'token' }), {
    purpose: 'entry',
    scope: SCOPE,
    id: '@',
    domain: integration.domain,
    uniqueId: '@',
    data: { host },
  })
  const entry = JSON.stringify({ ...entryRecord('@'), sealed })
  const needy = JSON.stringify({
    ...entryRecord('@'),
    sealed,
    reauth: { since: DUE_AT, reason: 'invalid_auth' },
    rejectedRevision: 1,
  })
  await sql(
    url,
    `insert into latchkey.entries (scope, entry_id, domain, unique_id, needs, ignored, revision, record)
      select $1, id, $2, id, i % 25 = 0 and i <= 1000, false, 1,
        replace(case when i % 25 = 0 and i <= 1000 then $4 else $3 end, '"@"', '"' || id || '"')
      from generate_series(1, $5::int) i, lateral (select $1 || '-' || i as id) ids`,
    [SCOPE, integration.domain, entry, needy, count],
  )
  // Flows without an edit slot are limited to `limits.openFlows`, so these are reauthentications.
  const flow = {
    ...openFlow('@flow'),
    source: 'reauth',
    step: 'reauth_confirm',
    entryId: '@entry',
    edits: true,
  }
  await sql(
    url,
    `insert into latchkey.flows (scope, flow_id, domain, entry_id, open, edits, due_at, revision, record)
      select $1, flow_id, $2, entry_id, true, true, $5::bigint + i * 1000, 1,
        replace(replace($3, '"@flow"', '"' || flow_id || '"'), '"@entry"', '"' || entry_id || '"')
      from generate_series(1, $4::int) i, lateral (select $1 || '-flow-' || i, $1 || '-' || i) ids (flow_id, entry_id)`,
    [SCOPE, integration.domain, JSON.stringify(flow), count, DUE_AT],
  )
  await sql(url, 'vacuum analyze')
  const opened = postgresStore(url)
  return { url, store: opened, latchkey: await open(opened) }
}
