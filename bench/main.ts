import { parseArgs } from 'node:util'
import { commitsBench } from './commits.ts'
import { writeFigures } from './figures.ts'
import { flowBenches } from './flow.ts'
import { growthBenches } from './growth.ts'
import { httpBench } from './http.ts'
import { massReauthBench } from './mass-reauth.ts'
import { pageBench } from './page.ts'
import { parkedBench } from './parked.ts'
import { postgresBench, tripsBench } from './postgres.ts'
import { feedBench } from './postgres-feed.ts'
import { largeBench } from './postgres-large.ts'
import type { Result } from './result.ts'
import { runningBench } from './running.ts'
import { sizesBench } from './sizes.ts'
import { sqliteBench } from './sqlite.ts'
import { storeBench } from './store.ts'
import { streamBench } from './stream.ts'
import { table } from './table.ts'

const { values } = parseArgs({
  options: {
    /** Prints one JSON object per line instead of the table. */
    json: { type: 'boolean', default: false },
    /** Runs only results whose name starts with this. */
    only: { type: 'string', default: '' },
    /** Writes the table to docs/figures.md. */
    write: { type: 'boolean', default: false },
  },
})

const benches = [
  ...flowBenches,
  ...growthBenches,
  massReauthBench,
  parkedBench,
  commitsBench,
  storeBench,
  sqliteBench,
  runningBench,
  tripsBench,
  postgresBench,
  feedBench,
  largeBench,
  httpBench,
  streamBench,
  pageBench,
  sizesBench,
]
const results: Result[] = []
for (const bench of benches) {
  if (!bench.names.some((name) => name.startsWith(values.only))) continue
  for (const result of await bench.run()) {
    results.push(result)
    if (values.json) console.log(JSON.stringify(result))
  }
}
if (!values.json) console.log(table(results))
if (values.write) await writeFigures(results)
