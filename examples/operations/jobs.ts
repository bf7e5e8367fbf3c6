// Two connections to one PostgreSQL: the store, and the recurring tasks of all hosts.
import { pgBossJobs } from '../../src/adapters/pg-boss/pg-boss-jobs.ts'
import { postgresStore } from '../../src/adapters/postgres/postgres-store.ts'
import { createLatchkey, joseCipher } from '../../src/index.ts'
import { weather } from '../integrations/weather.ts'

const key = Buffer.from(process.env.LATCHKEY_KEY ?? '', 'base64')

// #region jobs
const jobsUrl = 'postgres://jobs@db.example/links'
const latchkey = await createLatchkey({
  integrations: [weather],
  store: postgresStore('postgres://app@db.example/links', { systemUrl: jobsUrl }),
  cipher: joseCipher([key]),
  jobs: pgBossJobs(jobsUrl),
})
// #endregion
await latchkey.start()
