import { afterAll } from '@jest/globals'
import { describeTokenHosts } from '../crash/token-hosts.ts'
import { postgresPlace } from './postgres-place.ts'

const place = postgresPlace()
afterAll(() => place.clear())

describeTokenHosts('two processes on PostgreSQL with one token that is good for one renewal', async () =>
  (await place.database()).url(),
)
