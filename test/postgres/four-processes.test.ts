import { afterAll } from '@jest/globals'
import { describeFourProcesses } from '../crash/four-processes.ts'
import { postgresPlace } from './postgres-place.ts'

/** The number of entries that lose their credential at once: 5,000 in the long run. */
const ENTRIES = Number(process.env.LOST_ENTRIES ?? 200)
const place = postgresPlace()
afterAll(() => place.clear())

describeFourProcesses('a PostgreSQL database', async () => (await place.database()).url(), ENTRIES)
