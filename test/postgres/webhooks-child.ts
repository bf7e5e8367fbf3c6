/**
 * A host that delivers webhooks, in a separate process: `node webhooks-child.ts <database> <ahead>`. Its clock is so many
 * milliseconds ahead. It works until its parent kills it or disconnects.
 */
import { setDefaultCACertificates } from 'node:tls'
import { pgBossJobs } from '../../src/adapters/pg-boss/pg-boss-jobs.ts'
import { createLatchkey } from '../../src/index.ts'
import { openStoreAt } from '../crash/store-at.ts'
import { cert } from '../engine/webhooks/certificate.ts'
import { localNetwork } from '../engine/webhooks/local-network.ts'
import { loadIntegration } from './load-integration.ts'
import { clock } from './real-clock.ts'

const [database = '', ahead = '0'] = process.argv.slice(2)
setDefaultCACertificates([cert])
const latchkey = await createLatchkey({
  integrations: [loadIntegration(Math.random)],
  store: openStoreAt(database),
  jobs: pgBossJobs(database),
  network: localNetwork(),
  clock: { ...clock, now: () => Date.now() + Number(ahead) },
})
process.once('disconnect', () => process.exit())
await latchkey.start()
process.send?.('ready')
